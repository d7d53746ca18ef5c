"""`symconv size --dialect`: other frameworks' paddings in torch's words, or what to do instead."""

from __future__ import annotations

from typing import Any

from symconv.core.dialects.building import spread
from symconv.core.dialects.foreign import foreign
from symconv.core.errors import ParseError


def translated(
    dialect: str, pads: str | None, input_size: Any, kernel_size: Any, steps: dict[str, Any]
) -> tuple[Any, list[str], dict[str, Any]]:
    """`(torch's steps or None, lines, record)`.

    Raises:
        ParseError: no pads, or torch's own paddings beside them.
    """
    if dialect == "torch":
        raise ParseError("--pads goes with another --dialect; torch's is --padding")
    if pads is None:
        raise ParseError(f"--dialect {dialect} needs --pads, as SAME or 1,2")
    if steps["padding"] not in (0, (0,)) or steps["output_padding"] not in (None, 0, (0,)):
        raise ParseError("--pads replaces --padding and --output-padding; give one of them")
    dims = max(len(input_size), len(kernel_size))
    sizes, taps = spread(input_size, dims, "input_size"), spread(kernel_size, dims, "kernel_size")
    strides = spread(steps["stride"], dims, "stride")
    dilations = spread(steps["dilation"], dims, "dilation")
    found = [
        foreign(dialect, pads, *values)
        for values in zip(sizes, taps, strides, dilations, strict=True)
    ]
    lines = []
    for n, one in enumerate(found):
        axis = one.axis
        head = f"{dialect} {pads}" + (f" on axis {n}" if dims > 1 else "")
        lines.append(
            f"{head}: crops {axis.crop_begin} and {axis.crop_end}, output "
            f"{axis.out_size} ({one.words})"
        )
        if one.torch is None:
            lines.append(f"  no torch parameters: {one.instead}")
        else:
            lines.append(
                f"  in torch: padding {one.torch.padding}, output_padding "
                f"{one.torch.output_padding}"
            )
    record = {
        "schema": "symconv/1",
        "verb": "size",
        "verdict": None,
        "evidence": None,
        "output_size": [one.axis.out_size for one in found],
        "crops": [[one.axis.crop_begin, one.axis.crop_end] for one in found],
        "torch": [
            one.torch and {"padding": one.torch.padding, "output_padding": one.torch.output_padding}
            for one in found
        ],
        "instead": [one.instead for one in found],
    }
    if any(one.torch is None for one in found):
        return None, lines, record
    exact = [one.torch for one in found if one.torch is not None]
    return (
        {
            **steps,
            "padding": tuple(t.padding for t in exact),
            "output_padding": tuple(t.output_padding for t in exact),
        },
        lines,
        record,
    )
