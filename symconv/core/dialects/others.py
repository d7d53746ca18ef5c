"""Paddings of ONNX, jax.lax and Keras as crops, and as torch's parameters where those exist.

Sources: the ONNX operator ConvTranspose (auto_pad, pads, output_shape); jax.lax.conv_transpose;
Keras' Conv2DTranspose. `ke = dilation*(kernel_size-1) + 1` is the extent of the dilated kernel.
"""

from __future__ import annotations

from dataclasses import dataclass

from symconv.core import laws
from symconv.core.dialects.torch import TorchAxis, torch_axis
from symconv.core.errors import GeometryError, ParseError
from symconv.core.geometry import Axis

DIALECTS = ("torch", "onnx", "jax", "keras")


@dataclass(frozen=True, slots=True)
class Foreign:
    """One axis given in the parameters of another framework.

    Attributes:
        axis: its normal form.
        torch: the equivalent torch parameters, or None if no single torch call is equivalent.
        instead: if `torch` is None, how to get the result from a torch call; else empty.
        words: how the crops follow from the padding, as text.
    """

    axis: Axis
    torch: TorchAxis | None
    instead: str
    words: str


def foreign(
    dialect: str, padding: str, size: int, kernel_size: int, stride: int, dilation: int
) -> Foreign:
    """Convert a padding such as `1,2`, `SAME_UPPER`, `VALID` or `same` to the axis it describes.

    Raises:
        ParseError: this dialect has no such padding.
        GeometryError: the output would be empty, or the standard does not define the padding.
    """
    extent = laws.extent(kernel_size=kernel_size, dilation=dilation)
    text = padding.strip().lower()
    if dialect == "onnx":
        begin, end, words = _onnx(text, size, extent, stride)
    elif dialect in ("jax", "keras"):
        begin, end, words = _lax(text, dialect, extent, stride)
    else:
        raise ParseError(f"--dialect {dialect!r} is not known; there are {', '.join(DIALECTS)}")
    axis = Axis(size, kernel_size, stride, dilation, begin, end)
    found = torch_axis(axis)
    return Foreign(axis, found, "" if found else _instead(axis), words)


def _pair(text: str) -> tuple[int, int] | None:
    parts = text.strip("()[] ").split(",")
    try:
        numbers = [int(p) for p in parts]
    except ValueError:
        return None
    if len(numbers) == 1:
        return numbers[0], numbers[0]
    return (numbers[0], numbers[1]) if len(numbers) == 2 else None


def _onnx(text: str, size: int, extent: int, stride: int) -> tuple[int, int, str]:
    pair = _pair(text)
    if pair is not None:
        return (*pair, "pads are the crops")
    if text in ("valid", "notset"):
        return 0, 0, "no pads, nothing is cropped"
    if text not in ("same_upper", "same_lower"):
        raise ParseError(
            f"--pads {text!r} is none of ONNX's: pads as 1 or 1,2, SAME_UPPER, SAME_LOWER, VALID"
        )
    total = extent - stride
    if total < 0:
        raise GeometryError(
            f"SAME with stride {stride} above the kernel's extent {extent}: the ONNX standard does "
            "not say where the missing outputs go, and runtimes differ. Way out: pads"
        )
    half, rest = total // 2, total - total // 2
    begin, end = (half, rest) if text == "same_upper" else (rest, half)
    return begin, end, f"the output is {size * stride} long, {total} are cropped"


def _lax(text: str, dialect: str, extent: int, stride: int) -> tuple[int, int, str]:
    pair = _pair(text)
    if pair is not None and dialect == "jax":
        low, high = pair
        words = "(lo, hi) pads the stretched input: the crops are extent - 1 less than that"
        return extent - 1 - low, extent - 1 - high, words
    if text == "same":
        begin = max(extent - stride, 0) // 2
        return begin, extent - stride - begin, "the output is stride times the input"
    if text == "valid":
        return 0, -max(stride - extent, 0), "nothing is cropped; short kernels get zeros behind"
    kinds = "SAME, VALID or a pair lo,hi" if dialect == "jax" else "same or valid"
    raise ParseError(f"--pads {text!r} is none of {dialect}'s: {kinds}")


def _instead(axis: Axis) -> str:
    """Describe a torch call without crops, and what to cut off or add afterwards."""
    parts = []
    for side, crop in (("beginning", axis.crop_begin), ("end", axis.crop_end)):
        if crop > 0:
            parts.append(f"cut {crop} off the {side}")
        elif crop < 0:
            parts.append(f"add {-crop} zeros at the {side} (and the bias)")
    reason = _reason(axis)
    return f"{reason}; padding 0, output_padding 0, then {' and '.join(parts) or 'nothing'}"


def _reason(axis: Axis) -> str:
    extra = axis.crop_begin - axis.crop_end
    if axis.crop_begin < 0:
        return "torch's padding cannot be negative"
    if extra < 0:
        return "torch crops both ends alike, and puts back at the end alone"
    return (
        f"output_padding would be {extra}, which torch wants below the stride {axis.stride} or the "
        f"dilation {axis.dilation}"
    )
