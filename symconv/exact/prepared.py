"""Operands prepared for reuse: real halves, absolute values, planes, matrices of a weight.

A weight that is used repeatedly, or an operand that several contractions share, is prepared once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from symconv.core.geometry import Geometry
from symconv.exact.contract import Kernels
from symconv.exact.dyadic import Planes, exponent_range, split, top_aligned
from symconv.exact.forward import laid_out

Array = np.ndarray[Any, Any]

NARROWEST = 2.0**-60
"""Least non-zero |value|, scaled to a maximum of 1, so that float32 products do not underflow."""


@dataclass(frozen=True)
class Half:
    """A real operand, or the real or imaginary part of a complex one.

    Attributes:
        values: float64 array.
        kept: whether it will be used again, so that its matrices are worth caching.
    """

    values: Array
    kept: bool = False
    _matrices: dict[tuple[str, Geometry], Kernels] = field(default_factory=dict, repr=False)

    @cached_property
    def absolute(self) -> Array:
        """Absolute values."""
        return np.abs(self.values)

    @cached_property
    def rounded(self) -> Array:
        """The values rounded to float32."""
        return self.values.astype(np.float32)

    @cached_property
    def tops(self) -> Array:
        """Largest absolute values over the spatial axes; shape `values.shape[:2]`."""
        axes = tuple(range(2, self.values.ndim))
        return np.asarray(np.maximum(self.values.max(axis=axes), -self.values.min(axis=axes)))

    @cached_property
    def _single(self) -> tuple[Array, int] | None:
        absolute = self.absolute
        top = float(absolute.max(initial=0))
        if top == 0:
            return absolute.astype(np.float32), 0
        exponent = int(np.frexp(top)[1])
        if not -900 < exponent < 900:
            return None
        scaled = absolute if abs(exponent) < 60 else np.ldexp(absolute, -exponent)
        found = scaled.astype(np.float32)
        if abs(exponent) < 60:
            found *= np.float32(2.0**-exponent)
        # a small value must not underflow in float32
        if ((found < np.float32(NARROWEST)) & (absolute != 0)).any():
            return None
        return found, exponent

    @property
    def exponent(self) -> int | None:
        """Exponent of the scaling of `single`; None if the range of float32 is too narrow."""
        return None if self._single is None else self._single[1]

    @property
    def single(self) -> Array:
        """|values| / 2**exponent in float32, at most 1, with a relative error up to 2**-24."""
        assert self._single is not None
        return self._single[0]

    def kernels(self, way: str, geometry: Geometry) -> Kernels:
        """Rearrange one form of a weight with `laid_out`, cached.

        `way` is `values`, `absolute`, `rounded` or `single`.
        """
        if (way, geometry) not in self._matrices:
            self._matrices[way, geometry] = laid_out(geometry, getattr(self, way))
        return self._matrices[way, geometry]


@dataclass(frozen=True)
class PreparedOperand:
    """An operand of a contraction.

    Attributes:
        values: float64 or complex128; channels are axis 1 (axes 0 and 1 of a weight).
        kept: whether it is a weight that is used with many inputs.
    """

    values: Array
    kept: bool = False

    @cached_property
    def halves(self) -> tuple[Half, ...]:
        """The values, or their real and imaginary parts, as one or two halves."""
        if not np.iscomplexobj(self.values):
            return (Half(self.values, self.kept),)
        parts = (self.values.real, self.values.imag)
        return tuple(Half(np.ascontiguousarray(part), self.kept) for part in parts)

    @cached_property
    def planes(self) -> tuple[Planes, ...]:
        """Planes of each half, with a common exponent.

        Raises:
            ValueError: a value is not finite.
        """
        ranges = [exponent_range(half.values) for half in self.halves]
        lowest = top_aligned(max(r[0] for r in ranges), min(r[1] for r in ranges))
        return tuple(split(half.values, lowest) for half in self.halves)

    @cached_property
    def absolute(self) -> PreparedOperand:
        """The operand |re| + |im|; |values| for real values."""
        return PreparedOperand(sum((h.absolute for h in self.halves[1:]), self.halves[0].absolute))
