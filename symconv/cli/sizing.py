"""What `symconv size` answers, without what reads a command line."""

from __future__ import annotations

from typing import Any

from symconv.core.dialects.building import spread
from symconv.core.dialects.torch import TorchAxis
from symconv.core.errors import ParseError
from symconv.core.sizes import NAMES, AxisSizes, Way, axis_sizes, collapsing, ways, why_not

Answer = tuple[str, int]
"""What is printed, and the exit code."""


def answer(
    *,
    input_size: Any,
    kernel_size: Any,
    want: Any = None,
    dialect: str = "torch",
    pads: str | None = None,
    check: bool = False,
    as_json: bool = False,
    **steps: Any,
) -> Answer:
    """The law, axis by axis.

    Raises:
        GeometryError, ParseError: what does not fit, and the way out.
    """
    for name, size in (("--input-size", input_size), ("--kernel-size", kernel_size)):
        if size is None:
            raise ParseError(f"{name} is missing: write {name} 4, 3x3 or 3x3x2")
    told: list[str] = []
    if dialect != "torch" or pads is not None:
        from symconv.cli.dialect import translated

        steps, told, foreign = translated(dialect, pads, input_size, kernel_size, steps)
        if steps is None:
            return _json(foreign) if as_json else "\n".join(told), 0
    axes = _axes(input_size, kernel_size, steps)
    wanted = spread(want, len(axes), "want") if want is not None else None
    for length in wanted or ():
        if length < 1:
            raise ParseError(f"--want {length}: an output has at least one element")
    agrees = _torch_agrees(axes) if check else None
    code = agrees["exit_code"] if agrees else 0
    if as_json:
        record = _record(axes)
        if wanted is not None:
            record["ways"] = [
                [_as_record(w) for w in ways(a.torch, n)] for a, n in zip(axes, wanted, strict=True)
            ]
        if agrees:
            record["checks"] = [agrees]
        return _json(record), code
    lines = [*told, *_lines(axes)]
    lines += _ways(axes, wanted) if wanted is not None else []
    lines += [agrees["mark"]] if agrees else []
    return "\n".join(lines), code


def _json(record: dict[str, Any]) -> str:
    import json

    return json.dumps(record, indent=2)


def _axes(input_size: Any, kernel_size: Any, steps: dict[str, Any]) -> list[AxisSizes]:
    dims = max(len(input_size), len(kernel_size))
    columns = [spread(input_size, dims, "input_size"), spread(kernel_size, dims, "kernel_size")]
    steps["output_padding"] = steps["output_padding"] or 0
    columns += [spread(steps[name], dims, name) for name in NAMES]
    where = [f" on axis {n} of {dims}" if dims > 1 else "" for n in range(dims)]
    return [
        axis_sizes(TorchAxis(*values), place)
        for *values, place in zip(*columns, where, strict=True)
    ]


def _lines(axes: list[AxisSizes]) -> list[str]:
    lines = ["output " + "x".join(str(a.out_size) for a in axes)]
    for n, sizes in enumerate(axes):
        t = sizes.torch
        if len(axes) > 1:
            lines.append(f"axis {n}")
        lines.append(
            f"  N = (M-1) s - 2p + d (k-1) + op + 1 = ({t.size}-1)*{t.stride} - 2*{t.padding} + "
            f"{t.dilation}*({t.kernel_size}-1) + {t.output_padding} + 1 = {sizes.out_size}"
        )
        low, high = sizes.reachable
        last = max(t.stride, t.dilation) - 1
        lines.append(
            f"  reachable with output_padding 0..{last}: {low} to {high}"
            if last
            else f"  reachable: {low} alone, since output_padding must be 0 here"
        )
        back = "" if sizes.conv_size == t.size else f", not {t.size}: output_padding >= stride"
        lines.append(f"  conv maps {sizes.out_size} back to {sizes.conv_size}{back}")
        one, other = collapsing(sizes)
        if other > one:
            lines.append(f"  conv maps every length from {one} to {other} to {t.size}")
        lines += [f"  {word}" for word in _put_back(sizes)]
        first, final = sizes.inverting
        if (first, final) != (low, high):
            lines.append(
                f"  of the reachable sizes, conv gives {t.size} back from {first} to {final}"
            )
    return lines


MOST_WAYS = 6


def _put_back(sizes: AxisSizes) -> list[str]:
    """What output_padding is on this axis: rows that padding cut off, and only then zeros."""
    torch = sizes.torch
    if not torch.output_padding:
        return []
    zeros = max(0, torch.output_padding - torch.padding)
    real = torch.output_padding - zeros
    parts = [f"{real} that padding cut off"] if real else []
    parts += [f"{zeros} beyond every tap, the bias alone"] if zeros else []
    return [f"output_padding {torch.output_padding} puts back {' and '.join(parts)}"]


def _ways(axes: list[AxisSizes], wanted: tuple[int, ...]) -> list[str]:
    """Why not, and what would."""
    lines = [f"wanted {'x'.join(map(str, wanted))}"]
    for n, (sizes, length) in enumerate(zip(axes, wanted, strict=True)):
        lines += [f"axis {n}"] if len(axes) > 1 else []
        lines.append(f"  {why_not(sizes, length)}")
        found = ways(sizes.torch, length)
        if not found:
            lines.append("  no stride, padding, output_padding and dilation near these reach it")
        for way in found[:MOST_WAYS]:
            longer = way.torch.output_padding // way.torch.stride
            back = "the input size" if way.inverts else f"{way.torch.size + longer}"
            lines.append(f"  {way}: conv gives {back} back")
        if len(found) > MOST_WAYS:
            lines.append(f"  {len(found) - MOST_WAYS} more; --json lists them all")
    return lines


def _as_record(way: Way) -> dict[str, Any]:
    values = {name: getattr(way.torch, name) for name in NAMES}
    return {**values, "inverts": way.inverts, "changed": list(way.changed)}


def _record(axes: list[AxisSizes]) -> dict[str, Any]:
    from symconv.results.evidence import Semantics, computed

    evidence = computed(
        "the output size of torch's ConvTranspose with these parameters",
        "these parameters, any values and channels",
        "print y.shape in torch",
        semantics=Semantics.INTEGERS,
    )
    return {
        "schema": "symconv/1",
        "verb": "size",
        "verdict": None,
        "evidence": evidence.to_json(),
        "output_size": [a.out_size for a in axes],
        "reachable": [list(a.reachable) for a in axes],
        "inverting": [list(a.inverting) for a in axes],
        "conv_size": [a.conv_size for a in axes],
        "solutions": [
            [
                {
                    "output_padding": c.output_padding,
                    "output_size": c.out_size,
                    "conv_size": c.conv_size,
                    "inverts": c.conv_size == a.torch.size,
                }
                for c in a.choices()
            ]
            for a in axes
        ],
    }


def _torch_agrees(axes: list[AxisSizes]) -> dict[str, Any]:
    """Torch's own shape on the meta device, which takes no memory."""
    from symconv.targets import torchlib

    torch = torchlib.load()
    call = getattr(torch.nn.functional, f"conv_transpose{len(axes)}d")
    for axis in axes:
        if max(axis.torch.values.values()) >= 2**62:
            mark = "torch cannot say: its sizes are 64-bit numbers"
            return {"mark": mark, "exit_code": 3, "output_size": None}
    x = torch.empty((1, 1, *(a.torch.size for a in axes)), device="meta")
    w = torch.empty((1, 1, *(a.torch.kernel_size for a in axes)), device="meta")
    steps = {name: [getattr(a.torch, name) for a in axes] for name in NAMES}
    try:
        found = list(call(x, w, **steps).shape[2:])
    except (RuntimeError, TypeError, OverflowError) as error:
        first = (str(error).splitlines() or [""])[0][:100]
        return {"mark": f"torch cannot say: {first}", "exit_code": 3, "output_size": None}
    agrees = found == [a.out_size for a in axes]
    word = "agrees" if agrees else "DIFFERS"
    mark = f"torch {torch.__version__} on meta {word}: {'x'.join(map(str, found))}"
    return {"mark": mark, "exit_code": 0 if agrees else 1, "output_size": found}
