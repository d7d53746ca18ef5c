"""What one result of a call must be, approximately, with a certified radius.

A result is an output, a gradient of the input or weight, or of the bias. Complex data are two
real parts, each a sum of real products. Arrays here have the parts in front: `(1 or 2, *shape)`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from symconv.core.geometry import Geometry
from symconv.exact.contract import Contraction, approximate, float64_error, most_terms, single_error
from symconv.exact.forward import phases_are_cheaper
from symconv.exact.prepared import Operand
from symconv.exact.rounding import Quantities
from symconv.exact.windows import most_taps

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Truth:
    """One result, from its two operands.

    Attributes:
        name: `output`, `grad_input`, `grad_weight` or `grad_bias`.
        geometry: the operator.
        kind: which contraction; None for grad_bias, whose operand is `a` alone.
        a, b: operands, batch first where there is one.
        bias: added to the output's channels, or None.
        conjugated: the signs of the imaginary parts of a and b.
        work: the dtype of the centre's products; float32 only for whole numbers of which every
            sum of absolute values is at most 2**24.
    """

    name: str
    geometry: Geometry
    kind: Contraction | None
    a: Operand
    b: Operand
    bias: Operand | None = None
    conjugated: tuple[int, int] = (1, 1)
    work: Any = np.float64

    @cached_property
    def complex(self) -> bool:
        """The data are complex."""
        return len(self.a.halves) == 2

    @cached_property
    def terms(self) -> int:
        """An upper bound of the real products that meet in one part of one cell."""
        factor = 2 if self.complex else 1
        shape = self.a.values.shape
        if self.kind is None:
            return int(shape[0] * math.prod(shape[2:]))
        return factor * most_terms(self.geometry, self.kind, shape[0])

    @cached_property
    def pairs(self) -> tuple[tuple[tuple[int, int, int], ...], ...]:
        """Per part of the result `(half of a, half of b, sign)` of the products summed in it."""
        if not self.complex:
            return (((0, 0, 1),),)
        s, t = self.conjugated
        if self.kind is None:
            return (((0, 0, 1),), ((1, 1, s),))
        return (((0, 0, 1), (1, 1, -s * t)), ((0, 1, t), (1, 0, s)))

    def _product(self, i: int, j: int, way: str) -> Array:
        """The contraction of two halves, seen the same way: `values`, `absolute`, ..."""
        left, right = self.a.halves[i], self.b.halves[j]
        if self.kind is None:
            terms = getattr(left, way)
            return np.asarray(terms.sum(axis=(0, *range(2, terms.ndim)), dtype=np.float64))
        kernels = None
        batch = self.a.values.shape[0]
        if (
            right.kept
            and self.kind is Contraction.OUTPUT
            and phases_are_cheaper(self.geometry, batch, kept=True)
        ):
            kernels = right.kernels(way, self.geometry)
        return approximate(
            self.geometry, self.kind, getattr(left, way), getattr(right, way), kernels=kernels
        )

    def _sizes(self, i: int, j: int) -> tuple[Array, int]:
        """`(array, e)`: sums of |u||v| are `array * 2**e`, within a relative `_in_single`."""
        left, right = self.a.halves[i].exponent, self.b.halves[j].exponent
        if self.kind is None or left is None or right is None or self.terms > 2**18:
            return self._product(i, j, "absolute"), 0
        return self._product(i, j, "single"), left + right

    def _over_channels(self, bias: Array) -> Array:
        return bias.reshape((1, -1) + (1,) * len(self.geometry.axes))

    @cached_property
    def centre(self) -> Array:
        """The result in float64, or in `work`."""
        way = "values" if self.work is np.float64 else "rounded"
        found = []
        for part, pairs in enumerate(self.pairs):
            (i, j, sign), *others = pairs
            total = self._product(i, j, way) if sign > 0 else -self._product(i, j, way)
            for i, j, sign in others:
                add = np.add if sign > 0 else np.subtract
                add(total, self._product(i, j, way), out=total)
            if self.bias is not None:
                bias = self._over_channels(self.bias.halves[part].values)
                np.add(total, bias, out=total, casting="same_kind")
            found.append(total)
        return found[0][None] if len(found) == 1 else np.stack(found)

    @cached_property
    def _magnitudes(self) -> list[tuple[Array, float]]:
        """Per part `(array, factor)`: A is at most the product, and hardly smaller."""
        found = []
        for part, pairs in enumerate(self.pairs):
            sizes = [self._sizes(i, j) for i, j, _ in pairs]
            array, exponent = sizes[0]
            if len(sizes) > 1 or self.bias is not None or abs(exponent) > 900:
                array = sum((_scaled(*size) for size in sizes[1:]), _scaled(*sizes[0]))
                exponent = 0
            if self.bias is not None:
                array = array + self._over_channels(self.bias.halves[part].absolute)
            found.append((array, 2.0**exponent * (1 + 2 * single_error(self.terms + 4))))
        return found

    def _magnitude(self, cells: slice) -> Array:
        rows = [
            np.multiply(array.reshape(-1)[cells], factor, dtype=np.float64)
            for array, factor in self._magnitudes
        ]
        return rows[0][None] if len(rows) == 1 else np.stack(rows)

    @cached_property
    def magnitude(self) -> Array:
        """A, the sum of the absolute values of the terms, never too small."""
        return self._magnitude(slice(None)).reshape(self.centre.shape)

    def radius_of(self, magnitude: Array) -> Array:
        """The centre is at most this far from the truth, where A is at most `magnitude`."""
        return magnitude * float64_error(self.terms + 2) + self.terms * 2.0**-1074

    @property
    def radius(self) -> Array:
        """The centre is at most this far from the truth."""
        return self.radius_of(self.magnitude)

    def quantities(self, cells: slice = slice(None)) -> Quantities:
        """What the bounds of rounding models are made of, over some cells `(parts, cells)`."""
        magnitude, parts = self._magnitude(cells), len(self.pairs)

        def flat(array: Array) -> Array:
            return array.reshape(parts, -1)[:, cells]

        return Quantities(
            terms=self.terms,
            steps=self._steps,
            bias=self.bias is not None,
            magnitude=magnitude,
            size=lambda: np.abs(flat(self.centre)) + self.radius_of(magnitude),
            products=lambda: flat(self._three_products),
            widest=lambda: flat(self._widest),
            squares=lambda: flat(self._squares),
        )

    @cached_property
    def _steps(self) -> int:
        """The most partial sums over channels (or positions) that meet in one cell."""
        if self.kind is Contraction.GRAD_WEIGHT:
            return int(self.a.values.shape[0])
        if self.kind is Contraction.OUTPUT:
            return max(1, most_taps(self.geometry))  # where no tap reaches anything, too
        return math.prod(self.geometry.kernel_size)

    @cached_property
    def _three_products(self) -> Array:
        """S + R + I of the three-product complex form, never too small."""
        if self.kind is None:
            return 3 * self.magnitude
        left, right = self.a.absolute, self.b.absolute
        both = Truth(self.name, self.geometry, self.kind, left, right)
        total = both.magnitude[0] + _scaled(*self._sizes(0, 0)) + _scaled(*self._sizes(1, 1))
        if self.bias is not None:
            total = total + self._over_channels(self.bias.absolute.values)
        return np.stack([total, total]) * (1 + 4 * single_error(self.terms + 4))

    @cached_property
    def _squares(self) -> Array:
        """The sum of the squares of the terms, a little more."""
        found = []
        for part, pairs in enumerate(self.pairs):
            total: Array = np.zeros(())
            for i, j, _ in pairs:
                left, right = (half.values**2 for half in (self.a.halves[i], self.b.halves[j]))
                squared = Truth(self.name, self.geometry, self.kind, Operand(left), Operand(right))
                total = total + squared.magnitude[0]
            if self.bias is not None:
                total = total + self._over_channels(self.bias.halves[part].values ** 2)
            found.append(total)
        return np.stack(found)

    @cached_property
    def _widest(self) -> Array:
        """Per cell the sum over channels of max|a| max|b|, times the taps or positions."""
        shape = self.centre.shape
        if self.kind is None:
            return np.broadcast_to(self.magnitude, shape)
        g = self.geometry
        tops = [sum((h.tops for h in o.halves[1:]), o.halves[0].tops) for o in (self.a, self.b)]
        c_in, c_out = g.in_channels // g.groups, g.out_channels // g.groups
        rows = []
        for n in range(g.groups):
            ins, outs = slice(n * c_in, (n + 1) * c_in), slice(n * c_out, (n + 1) * c_out)
            if self.kind is Contraction.OUTPUT:
                rows.append(tops[0][:, ins] @ tops[1][ins])
            elif self.kind is Contraction.GRAD_INPUT:
                rows.append(tops[0][:, outs] @ tops[1][ins].T)
            else:
                rows.append(tops[0][:, ins].T @ tops[1][:, outs])
        axis = 0 if self.kind is Contraction.GRAD_WEIGHT else 1
        table = np.concatenate(rows, axis=axis)
        count = math.prod(g.size if self.kind is Contraction.GRAD_WEIGHT else g.kernel_size)
        wide = (2 if self.complex else 1) * count * table
        if self.bias is not None:
            wide = wide + self.bias.absolute.values
        return np.broadcast_to(wide.reshape((1, *wide.shape) + (1,) * len(g.axes)), shape)


def _scaled(array: Array, exponent: int) -> Array:
    return array if exponent == 0 else np.ldexp(array.astype(np.float64), exponent)
