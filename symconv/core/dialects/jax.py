"""JAX. Source: the documentation of jax.lax.conv_transpose."""

from __future__ import annotations

from symconv.core.dialects.dialect import Crops, Dialect, read_pair
from symconv.core.errors import ParseError


def same_or_valid(padding: str, extent: int, stride: int) -> Crops | None:
    """The crops of `same` and `valid`, which jax.lax and Keras share; None for another padding."""
    if padding == "same":
        begin = max(extent - stride, 0) // 2
        return begin, extent - stride - begin, "the output is stride times the input"
    if padding == "valid":
        return (
            0,
            -max(stride - extent, 0),
            "nothing is cropped; zeros are appended for short kernels",
        )
    return None


def crops(padding: str, size: int, extent: int, stride: int) -> Crops:
    """The crops of SAME, VALID or a pair."""
    pair = read_pair(padding)
    if pair is not None:
        low, high = pair
        words = "(lo, hi) pads the zero-inserted input; each crop is extent - 1 minus its pad"
        return extent - 1 - low, extent - 1 - high, words
    found = same_or_valid(padding, extent, stride)
    if found is None:
        raise ParseError(
            f"--pads {padding!r} is not valid for jax: write SAME, VALID or a pair lo,hi"
        )
    return found


DIALECT = Dialect("jax", crops)
