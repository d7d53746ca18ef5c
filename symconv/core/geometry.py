"""The hit relation: which input, tap and output meet, on one axis and on several.

On one axis, with lengths in elements, input `i` and tap `k` contribute to the output

    o = stride*i + dilation*k - crop_begin                                         (the hit)
    out_size = stride*(size-1) + dilation*(kernel_size-1) + 1 - crop_begin - crop_end

Crops are integers of any sign; a negative crop adds zeros. Source: Dumoulin & Visin,
"A guide to convolution arithmetic for deep learning" (arXiv 1603.07285), section 4, with a
separate crop for each end. Uses only the standard library.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from symconv.core import laws
from symconv.core.conditions import Atom, Condition, at_least, require, require_counts
from symconv.core.errors import GeometryError
from symconv.core.polynomial import Polynomial

_V = Polynomial.variable

OUT_SIZE = laws.out_size(
    **{
        name: _V(name)
        for name in ("size", "kernel_size", "stride", "dilation", "crop_begin", "crop_end")
    }
)


AXIS_CONDITIONS = (
    at_least("size", 1),
    at_least("kernel_size", 1),
    at_least("stride", 1),
    at_least("dilation", 1),
    Condition((Atom(OUT_SIZE - 1),), "the output must have at least one element", "out_size"),
)


@dataclass(frozen=True, slots=True)
class Axis:
    """One spatial axis in normal form; all lengths in elements.

    Attributes:
        size: input length, at least 1.
        kernel_size: number of taps, at least 1.
        stride: outputs between neighbouring inputs, at least 1.
        dilation: outputs between neighbouring taps, at least 1.
        crop_begin: outputs cut off before the first, any sign.
        crop_end: outputs cut off after the last, any sign.

    Raises:
        GeometryError: a value is not an int, or a condition fails.

    >>> import symconv
    >>> symconv.Axis(4, 3, stride=2, crop_begin=1, crop_end=1).out_size
    7
    """

    size: int
    kernel_size: int
    stride: int = 1
    dilation: int = 1
    crop_begin: int = 0
    crop_end: int = 0

    def __post_init__(self) -> None:
        require(AXIS_CONDITIONS, self.values)

    @property
    def values(self) -> dict[str, int]:
        """The fields by name."""
        return {name: getattr(self, name) for name in Axis.__match_args__}

    def hit(self, i: Any, k: Any) -> Any:
        """Compute the output position that input `i` and tap `k` add to; it may be out of range.

        Works on ints, NumPy arrays and symbols alike.
        """
        return laws.hit(
            i=i, k=k, stride=self.stride, dilation=self.dilation, crop_begin=self.crop_begin
        )

    @property
    def out_size(self) -> int:
        """Output length in elements."""
        return int(laws.out_size(**self.values))

    @property
    def full_size(self) -> int:
        """Output length in elements before cropping."""
        return int(
            laws.full_size(
                size=self.size,
                kernel_size=self.kernel_size,
                stride=self.stride,
                dilation=self.dilation,
            )
        )

    @property
    def extent(self) -> int:
        """Length of the dilated kernel in elements: `dilation*(kernel_size-1) + 1`."""
        return int(laws.extent(kernel_size=self.kernel_size, dilation=self.dilation))


@dataclass(frozen=True, slots=True)
class Geometry:
    """Channels, groups and axes of one transposed convolution, without batch and bias.

    Attributes:
        in_channels: C_in, a multiple of `groups`.
        out_channels: C_out, a multiple of `groups`.
        groups: number of groups of channels.
        axes: one `Axis` per spatial dimension, 1 to 3.

    Raises:
        GeometryError: a count is below 1, groups does not divide the channels, or the number of
            axes is not 1, 2 or 3.

    >>> import symconv
    >>> symconv.Geometry(2, 3, 1, (symconv.Axis(4, 3),)).output_shape
    (3, 6)
    """

    in_channels: int
    out_channels: int
    groups: int
    axes: tuple[Axis, ...]

    def __post_init__(self) -> None:
        require_counts(
            in_channels=self.in_channels, out_channels=self.out_channels, groups=self.groups
        )
        for name in ("in_channels", "out_channels"):
            count = getattr(self, name)
            if count % self.groups:
                fitting = [g for g in range(1, count + 1) if count % g == 0][:6]
                raise GeometryError(
                    f"{name}={count} is not a multiple of groups={self.groups}. "
                    f"Try groups={' or '.join(map(str, fitting))}."
                )
        if not 1 <= len(self.axes) <= 3:
            raise GeometryError(
                f"{len(self.axes)} spatial axes were given, but 1, 2 or 3 are required"
            )

    @property
    def size(self) -> tuple[int, ...]:
        """Spatial input lengths."""
        return tuple(a.size for a in self.axes)

    @property
    def kernel_size(self) -> tuple[int, ...]:
        """Numbers of taps per axis."""
        return tuple(a.kernel_size for a in self.axes)

    @property
    def out_size(self) -> tuple[int, ...]:
        """Spatial output lengths."""
        return tuple(a.out_size for a in self.axes)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """`(C_in, *size)`."""
        return (self.in_channels, *self.size)

    @property
    def weight_shape(self) -> tuple[int, ...]:
        """`(C_in, C_out // groups, *kernel_size)`, torch's order for ConvTranspose."""
        return (self.in_channels, self.out_channels // self.groups, *self.kernel_size)

    @property
    def output_shape(self) -> tuple[int, ...]:
        """`(C_out, *out_size)`."""
        return (self.out_channels, *self.out_size)

    @property
    def most_terms(self) -> int:
        """Upper bound of the number of products, exact if nothing is cropped."""
        return math.prod(self.input_shape) * math.prod(self.weight_shape[1:])

    def channel_pairs(self) -> Iterator[tuple[int, int, int]]:
        """Yield `(in_channel, out_channel within its group, out_channel)` of connected channels."""
        per_group_in = self.in_channels // self.groups
        per_group_out = self.out_channels // self.groups
        for c in range(self.in_channels):
            for m in range(per_group_out):
                yield c, m, c // per_group_in * per_group_out + m
