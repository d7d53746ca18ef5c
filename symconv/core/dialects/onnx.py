"""ONNX. Source: the operator ConvTranspose (auto_pad, pads, output_shape)."""

from __future__ import annotations

from symconv.core.dialects.dialect import Crops, Dialect, read_pair
from symconv.core.errors import GeometryError, ParseError


def crops(padding: str, size: int, extent: int, stride: int) -> Crops:
    """The crops of `pads` or of an `auto_pad`."""
    pair = read_pair(padding)
    if pair is not None:
        return (*pair, "the pads are the crops")
    if padding in ("valid", "notset"):
        return 0, 0, "no pads, nothing is cropped"
    if padding not in ("same_upper", "same_lower"):
        raise ParseError(
            f"--pads {padding!r} is not valid for onnx: write 1 or 1,2, or SAME_UPPER, SAME_LOWER "
            "or VALID"
        )
    total = extent - stride
    if total < 0:
        raise GeometryError(
            f"SAME with stride {stride} above the kernel's extent {extent}: the ONNX standard does "
            "not say where the missing outputs go, and runtimes differ. Give the pads as numbers."
        )
    half, rest = total // 2, total - total // 2
    begin, end = (half, rest) if padding == "same_upper" else (rest, half)
    return begin, end, f"the output has length {size * stride}; {total} elements are cropped"


DIALECT = Dialect("onnx", crops)
