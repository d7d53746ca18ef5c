"""The exact result of a contraction, enclosed by a float64 centre and a certified radius.

A result is an output, or a gradient of the input, weight or bias. Complex data are two real
parts, each a sum of real products. Arrays here have the parts on axis 0: `(1 or 2, *shape)`.
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
from symconv.exact.prepared import PreparedOperand
from symconv.exact.rounding import Quantities
from symconv.exact.windows import most_taps

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Truth:
    """Exact reference for one result, given by its operands.

    Attributes:
        name: `output`, `grad_input`, `grad_weight` or `grad_bias`.
        geometry: the operator.
        kind: the contraction; None for grad_bias, which only reads `a`.
        a, b: operands, batch first if there is one.
        bias: added to the channels of the output, or None.
        conjugated: the signs of the imaginary parts of a and b.
        work: dtype of the products in `centre`; float32 only for integers such that all sums of
            absolute values are at most 2**24.
    """

    name: str
    geometry: Geometry
    kind: Contraction | None
    a: PreparedOperand
    b: PreparedOperand
    bias: PreparedOperand | None = None
    conjugated: tuple[int, int] = (1, 1)
    work: Any = np.float64

    @cached_property
    def complex(self) -> bool:
        """Whether the data are complex."""
        return len(self.a.halves) == 2

    @cached_property
    def terms(self) -> int:
        """Upper bound of the number of real products summed in one part of one cell."""
        factor = 2 if self.complex else 1
        shape = self.a.values.shape
        if self.kind is None:
            return int(shape[0] * math.prod(shape[2:]))
        return factor * most_terms(self.geometry, self.kind, shape[0])

    @cached_property
    def pairs(self) -> tuple[tuple[tuple[int, int, int], ...], ...]:
        """For each part of the result, its products as `(half of a, half of b, sign)`."""
        if not self.complex:
            return (((0, 0, 1),),)
        s, t = self.conjugated
        if self.kind is None:
            return (((0, 0, 1),), ((1, 1, s),))
        return (((0, 0, 1), (1, 1, -s * t)), ((0, 1, t), (1, 0, s)))

    def _product(self, i: int, j: int, way: str) -> Array:
        """Contract half i of a with half j of b; `way` is an attribute of `Half` to read."""
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
        """Return `(array, e)`: `array * 2**e` approximates sums of |u||v|, in float32 if possible.

        `_magnitudes` allows for the rounding errors of float32.
        """
        left, right = self.a.halves[i].exponent, self.b.halves[j].exponent
        if self.kind is None or left is None or right is None or self.terms > 2**18:
            return self._product(i, j, "absolute"), 0
        return self._product(i, j, "single"), left + right

    def _over_channels(self, bias: Array) -> Array:
        return bias.reshape((1, -1) + (1,) * len(self.geometry.axes))

    @cached_property
    def centre(self) -> Array:
        """The result computed in float64, or in `work`."""
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
        """For each part `(array, factor)`, whose product is a tight upper bound of A."""
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
        """Tight upper bound of A, the sum of the absolute values of the terms."""
        return self._magnitude(slice(None)).reshape(self.centre.shape)

    def radius_of(self, magnitude: Array) -> Array:
        """Bound the distance of the centre from the exact result, for A of at most `magnitude`."""
        return magnitude * float64_error(self.terms + 2) + self.terms * 2.0**-1074

    @property
    def radius(self) -> Array:
        """Upper bound of the distance of the centre from the exact result."""
        return self.radius_of(self.magnitude)

    def quantities(self, cells: slice = slice(None)) -> Quantities:
        """Collect the inputs of rounding models for a slice of the flat cells: `(parts, cells)`."""
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
        """The most partial sums over channels (or positions) that are added in one cell."""
        if self.kind is Contraction.GRAD_WEIGHT:
            return int(self.a.values.shape[0])
        if self.kind is Contraction.OUTPUT:
            return max(1, most_taps(self.geometry))  # 1 even if no tap reaches an output
        return math.prod(self.geometry.kernel_size)

    @cached_property
    def _three_products(self) -> Array:
        """Upper bound of S + R + I of the three-product complex form."""
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
        """Slight overestimate of the sum of the squares of the terms."""
        found = []
        for part, pairs in enumerate(self.pairs):
            total: Array = np.zeros(())
            for i, j, _ in pairs:
                left, right = (half.values**2 for half in (self.a.halves[i], self.b.halves[j]))
                squared = Truth(
                    self.name,
                    self.geometry,
                    self.kind,
                    PreparedOperand(left),
                    PreparedOperand(right),
                )
                total = total + squared.magnitude[0]
            if self.bias is not None:
                total = total + self._over_channels(self.bias.halves[part].values ** 2)
            found.append(total)
        return np.stack(found)

    @cached_property
    def _widest(self) -> Array:
        """For each cell, the sum over channels of max|a| max|b|, times the taps or positions."""
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
