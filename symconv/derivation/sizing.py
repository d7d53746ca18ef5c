"""`symconv.size`: the output size with numbers, and how to reach another one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from symconv.core.arguments import suggest_names
from symconv.core.dialects.building import spread
from symconv.core.dialects.torch import TorchAxis
from symconv.core.errors import ParseError
from symconv.core.sizes import NAMES, AxisSizes, Way, axis_sizes, collapsing, ways, why_not
from symconv.exact.operands import Sizes
from symconv.render import text
from symconv.render.lines import Limits
from symconv.render.result import Result
from symconv.render.tree import Document, Listing
from symconv.results.evidence import Outcome, Semantics, Verdict, computed


@dataclass(frozen=True, repr=False)
class SizeResult(Result):
    """The result of `size`.

    Attributes:
        lines: what is printed.
        record: the object that `--json` prints.
        agreement: the comparison with torch; None without `check`.
    """

    lines: tuple[str, ...]
    record: Mapping[str, Any]
    agreement: Outcome | None = None

    @property
    def output_size(self) -> tuple[int, ...]:
        """The spatial output size, in elements."""
        return tuple(self.record["output_size"])

    @property
    def verdict(self) -> Verdict:
        """Holds, unless torch was asked and gives another size or none."""
        return Verdict(self.agreement or Outcome.HOLDS, _EVIDENCE)

    @property
    def document(self) -> Document:
        """The page: the lines as they are."""
        return Document("Output size", (Listing("\n".join(self.lines)),))

    def to_text(self, limits: Limits = text.SCREEN) -> str:
        """The lines that `symconv size` prints."""
        return "\n".join(self.lines) + "\n"

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        return dict(self.record)


_EVIDENCE = computed(
    "the output size of torch's ConvTranspose with these parameters",
    "these parameters, any values and channels",
    "print y.shape in torch",
    semantics=Semantics.INTEGERS,
)


@suggest_names
def size(
    input_size: Sizes | None = None,
    kernel_size: Sizes | None = None,
    *,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes | None = None,
    dilation: Sizes = 1,
    want: Sizes | None = None,
    dialect: str = "torch",
    pads: str | None = None,
    check: bool = False,
) -> SizeResult:
    """Compute the output size of a transposed convolution, axis by axis.

    Args:
        input_size, kernel_size: spatial sizes, in elements: an int or one int per axis.
        stride, padding, output_padding, dilation: torch's parameters.
        want: an output size: which parameters give it, and why the given ones do not.
        dialect: whose words `pads` is in: `torch`, `onnx`, `jax` or `keras`.
        pads: a padding of the dialect, such as `SAME` or `1,2`.
        check: compare with the shape that torch computes on its meta device.

    Returns:
        A result with `.output_size`, `.verdict`, `.to_text()`, `.to_json()` and `.save(path)`.

    Raises:
        GeometryError, ParseError: an argument is missing or invalid; the message says what to do.

    >>> import symconv
    >>> symconv.size(4, 3, stride=2, padding=1).output_size
    (7,)
    """
    sizes = {"--input-size": input_size, "--kernel-size": kernel_size}
    for name, given in sizes.items():
        if given is None:
            raise ParseError(f"{name} is missing: write {name} 4, 3x3 or 3x3x2")
    inputs, taps = _tuple(input_size), _tuple(kernel_size)
    steps: dict[str, Any] = {
        "stride": stride,
        "padding": padding,
        "output_padding": output_padding,
        "dilation": dilation,
    }
    lines: list[str] = []
    if dialect != "torch" or pads is not None:
        from symconv.derivation.dialect_sizes import translated

        steps, lines, foreign = translated(dialect, pads, inputs, taps, steps)
        if steps is None:
            return SizeResult(tuple(lines), foreign)
    axes = _axes(inputs, taps, steps)
    wanted = spread(want, len(axes), "want") if want is not None else None
    for length in wanted or ():
        if length < 1:
            raise ParseError(f"--want {length}: an output has at least one element")
    record = _record(axes)
    lines += _lines(axes)
    if wanted is not None:
        lines += _ways(axes, wanted)
        record["ways"] = [
            [_as_record(way) for way in ways(axis.torch, length)]
            for axis, length in zip(axes, wanted, strict=True)
        ]
    if not check:
        return SizeResult(tuple(lines), record)
    outcome, mark, found = _torch_size(axes)
    record["checks"] = [{"mark": mark, "exit_code": outcome.exit_code, "output_size": found}]
    return SizeResult((*lines, mark), record, outcome)


def _tuple(sizes: Sizes | None) -> tuple[int, ...]:
    assert sizes is not None
    return (sizes,) if isinstance(sizes, int) else tuple(sizes)


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
    return {
        "schema": "symconv/1",
        "verb": "size",
        "verdict": None,
        "evidence": _EVIDENCE.to_json(),
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


def _torch_size(axes: list[AxisSizes]) -> tuple[Outcome, str, list[int] | None]:
    """The size that torch gives on the meta device, which takes no memory, and how it compares."""
    from symconv.targets import torchlib

    torch = torchlib.load()
    call = getattr(torch.nn.functional, f"conv_transpose{len(axes)}d")
    for axis in axes:
        if max(axis.torch.values.values()) >= 2**62:
            return Outcome.UNDECIDED, "torch cannot say: its sizes are 64-bit numbers", None
    x = torch.empty((1, 1, *(a.torch.size for a in axes)), device="meta")
    w = torch.empty((1, 1, *(a.torch.kernel_size for a in axes)), device="meta")
    steps = {name: [getattr(a.torch, name) for a in axes] for name in NAMES}
    try:
        found = list(call(x, w, **steps).shape[2:])
    except (RuntimeError, TypeError, OverflowError) as error:
        first = (str(error).splitlines() or [""])[0][:100]
        return Outcome.UNDECIDED, f"torch cannot say: {first}", None
    agrees = found == [a.out_size for a in axes]
    word = "agrees" if agrees else "DIFFERS"
    mark = f"torch {torch.__version__} on meta {word}: {'x'.join(map(str, found))}"
    return (Outcome.HOLDS if agrees else Outcome.REFUTED), mark, found
