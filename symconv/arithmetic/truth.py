"""What one result of a call must be: approximately with a radius, and exactly when asked.

A result is an output, a gradient of the input or weight, or of the bias. Complex data are two
real parts, each a sum of real products. Arrays here have the parts in front: `(1 or 2, *shape)`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from symconv.arithmetic.cells import products_of_cell
from symconv.arithmetic.contract import (
    Contraction,
    approximate,
    exact_groups,
    float64_error,
    most_terms,
)
from symconv.arithmetic.dyadic import LIMB, ExactArray, Ints, Planes, from_groups, split
from symconv.arithmetic.rounding import Quantities
from symconv.geometry import Geometry

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Truth:
    """One result, from its two operands.

    Attributes:
        name: `output`, `grad_input`, `grad_weight` or `grad_bias`.
        geometry: the operator.
        kind: which contraction; None for grad_bias, whose operand is `a` alone.
        a, b: operands, float64 or complex128, batch first where there is one.
        bias: added to the output's channels, or None.
    """

    name: str
    geometry: Geometry
    kind: Contraction | None
    a: Array
    b: Array
    bias: Array | None = None

    @cached_property
    def complex(self) -> bool:
        """The data are complex."""
        return bool(np.iscomplexobj(self.a))

    @cached_property
    def terms(self) -> int:
        """An upper bound of the real products that meet in one part of one cell."""
        factor = 2 if self.complex else 1
        if self.kind is None:
            return int(self.a.shape[0] * math.prod(self.a.shape[2:]))
        return factor * most_terms(self.geometry, self.kind, self.a.shape[0])

    def _product(self, left: Array, right: Array) -> Array:
        if self.kind is None:
            return np.asarray(left.sum(axis=(0, *range(2, left.ndim))))
        return approximate(self.geometry, self.kind, left, right)

    def _with_bias(self, part: Array, bias: Array | None) -> Array:
        if bias is None:
            return part
        return part + bias.reshape((1, -1) + (1,) * (part.ndim - 2))

    @cached_property
    def _parts(self) -> tuple[tuple[tuple[Array, Array], ...], ...]:
        """Per real part the pairs of real operands whose products are summed."""
        if not self.complex:
            return (((self.a, self.b),),)
        if self.kind is None:
            return tuple(((half, half),) for half in _halves(self.a))
        (ar, ai), (br, bi) = _halves(self.a), _halves(self.b)
        return (((ar, br), (-ai, bi)), ((ar, bi), (ai, br)))

    def _biases(self) -> list[Array | None]:
        if self.bias is None:
            return [None] * len(self._parts)
        return list(_halves(self.bias)) if self.complex else [self.bias]

    @cached_property
    def centre(self) -> Array:
        """The result in float64."""
        parts = []
        for pairs, bias in zip(self._parts, self._biases(), strict=True):
            total = sum((self._product(*pair) for pair in pairs[1:]), self._product(*pairs[0]))
            parts.append(self._with_bias(total, bias))
        return np.stack(parts)

    @cached_property
    def magnitude(self) -> Array:
        """A, the sum of the absolute values of the terms, never too small."""
        parts = []
        for pairs, bias in zip(self._parts, self._biases(), strict=True):
            sizes = [self._product(np.abs(u), np.abs(v)) for u, v in pairs]
            total = self._with_bias(
                sum(sizes[1:], sizes[0]), None if bias is None else np.abs(bias)
            )
            parts.append(total)
        return np.stack(parts) * (1 + 2 * self._relative)

    @property
    def _relative(self) -> float:
        return float64_error(self.terms + 2)

    @cached_property
    def radius(self) -> Array:
        """The centre is at most this far from the truth."""
        return self.magnitude * self._relative + self.terms * 2.0**-1074

    @cached_property
    def quantities(self) -> Quantities:
        """What the bounds of rounding models are made of."""
        sums = None
        if self.kind is None:
            sums = 3 * self.magnitude
        elif self.complex:
            (ar, ai), (br, bi) = (
                _halves(np.abs(self.a.real) + 1j * np.abs(self.a.imag)),
                _halves(np.abs(self.b.real) + 1j * np.abs(self.b.imag)),
            )
            total = self._product(ar + ai, br + bi) + self._product(ar, br) + self._product(ai, bi)
            if self.bias is not None:
                total = self._with_bias(total, np.abs(self.bias))
            sums = np.stack([total, total]) * (1 + 4 * self._relative)
        taps = math.prod(self.geometry.kernel_size)
        return Quantities(
            terms=self.terms,
            taps=taps if self.kind is not Contraction.GRAD_WEIGHT else self.a.shape[0],
            bias=self.bias is not None,
            magnitude=self.magnitude,
            size=np.abs(self.centre) + self.radius,
            products=sums,
            widest=self._widest(),
        )

    def _widest(self) -> Array:
        """Per cell the sum over channels of max|a| max|b|, times the taps or positions."""
        shape = self.centre.shape
        if self.kind is None:
            return np.broadcast_to(self.magnitude, shape)
        g = self.geometry
        spatial = tuple(range(2, self.a.ndim))
        tops = np.abs(self.a).max(axis=spatial), np.abs(self.b).max(axis=spatial)
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
            wide = wide + np.abs(self.bias)
        return np.broadcast_to(wide.reshape((1, *wide.shape) + (1,) * len(g.axes)), shape)

    def exact(self) -> list[ExactArray]:
        """The truth, one array of exact numbers a part.

        Raises:
            LimitError: it would not fit.
        """
        low_a = min(split(u).exponent for pairs in self._parts for u, _ in pairs)
        low_b = min(split(v).exponent for pairs in self._parts for _, v in pairs)
        found = []
        for pairs, bias in zip(self._parts, self._biases(), strict=True):
            groups: list[Ints] = []
            exponent = low_a + low_b
            if self.kind is None:
                exponent = low_a
            for u, v in pairs:
                more = self._groups(split(u, low_a), split(v, low_b))
                groups = more if not groups else _added(groups, more)
            if bias is not None:
                groups, exponent = _plus_bias(groups, exponent, bias)
            found.append(from_groups(groups, exponent))
        return found

    def _groups(self, left: Planes, right: Planes) -> list[Ints]:
        if self.kind is None:
            axes = (0, *range(2, left.planes[0].ndim))
            return [p.astype(np.int64).sum(axis=axes) for p in left.planes]
        return exact_groups(self.geometry, self.kind, left, right)

    def element(self, part: int, index: tuple[int, ...]) -> tuple[Fraction, list[Any]]:
        """One cell exactly, by the definition, with its products `(u index, v index)`."""
        pairs = self._parts[part]
        cells = products_of_cell(self.geometry, self.kind, index, self.a.shape)
        total = Fraction(0)
        for u, v in pairs:
            for at_u, at_v in cells:
                total += Fraction(float(u[at_u])) * Fraction(
                    1 if self.kind is None else float(v[at_v])
                )
        bias = self._biases()[part]
        if bias is not None:
            total += Fraction(float(bias[index[1]]))
        return total, cells


def _halves(values: Array) -> tuple[Array, Array]:
    return np.ascontiguousarray(values.real), np.ascontiguousarray(values.imag)


def _added(left: list[Ints], right: list[Ints]) -> list[Ints]:
    size = max(len(left), len(right))
    zero = np.zeros_like(left[0])
    pad = [zero] * size
    return [u + v for u, v in zip([*left, *pad][:size], [*right, *pad][:size], strict=True)]


def _plus_bias(groups: list[Ints], exponent: int, bias: Array) -> tuple[list[Ints], int]:
    """Groups with the bias added to every cell of its channel."""
    own = split(bias).exponent
    down = max(0, -(-(exponent - own) // LIMB))
    low = exponent - LIMB * down
    planes = split(bias, low).planes
    shape = (1, -1) + (1,) * (groups[0].ndim - 2)
    zero = np.zeros_like(groups[0])
    lower = [zero] * down + groups
    return _added(lower, [zero + p.astype(np.int64).reshape(shape) for p in planes]), low
