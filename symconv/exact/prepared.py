"""Operands made ready once: real halves, absolute values, planes, matrices of a weight.

A weight that is used again, and an operand that several contractions share, is not split again.
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
"""Scaled to 1, no value of a half may be smaller, so that products in float32 do not underflow."""


@dataclass(frozen=True)
class Half:
    """Real values.

    Attributes:
        values: float64.
        kept: it will be used again, so its matrices are kept.
    """

    values: Array
    kept: bool = False
    _matrices: dict[tuple[str, Geometry], Kernels] = field(default_factory=dict, repr=False)

    @cached_property
    def absolute(self) -> Array:
        """|values|."""
        return np.abs(self.values)

    @cached_property
    def rounded(self) -> Array:
        """In float32."""
        return self.values.astype(np.float32)

    @cached_property
    def tops(self) -> Array:
        """The largest absolute values over the spatial axes: `values.shape[:2]`."""
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
        # rounding to float32 may not lose a small value
        if ((found < np.float32(NARROWEST)) & (absolute != 0)).any():
            return None
        return found, exponent

    @property
    def exponent(self) -> int | None:
        """Of `single`; None where float32 is too narrow for these values."""
        return None if self._single is None else self._single[1]

    @property
    def single(self) -> Array:
        """|values| / 2**exponent in float32, at most 1, within a relative 2**-24."""
        assert self._single is not None
        return self._single[0]

    def kernels(self, way: str, geometry: Geometry) -> Kernels:
        """`values`, `absolute`, `rounded` or `single` of a weight, laid out once."""
        if (way, geometry) not in self._matrices:
            self._matrices[way, geometry] = laid_out(geometry, getattr(self, way))
        return self._matrices[way, geometry]


@dataclass(frozen=True)
class Operand:
    """An operand of a contraction.

    Attributes:
        values: float64 or complex128, channels second (first two axes for a weight).
        kept: a weight that is used with many inputs.
    """

    values: Array
    kept: bool = False

    @cached_property
    def halves(self) -> tuple[Half, ...]:
        """The values, or their real and imaginary parts."""
        if not np.iscomplexobj(self.values):
            return (Half(self.values, self.kept),)
        parts = (self.values.real, self.values.imag)
        return tuple(Half(np.ascontiguousarray(part), self.kept) for part in parts)

    @cached_property
    def planes(self) -> tuple[Planes, ...]:
        """Planes of each half, with one exponent.

        Raises:
            ValueError: a value is not finite.
        """
        ranges = [exponent_range(half.values) for half in self.halves]
        lowest = top_aligned(max(r[0] for r in ranges), min(r[1] for r in ranges))
        return tuple(split(half.values, lowest) for half in self.halves)

    @cached_property
    def absolute(self) -> Operand:
        """|re| + |im|."""
        return Operand(sum((h.absolute for h in self.halves[1:]), self.halves[0].absolute))
