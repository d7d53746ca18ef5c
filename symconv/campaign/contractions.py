"""Fast contractions of one small configuration, as sums over index arrays.

The terms come from `form.index_table`, the definition. Sums of integers below 2**53 are exact in
float64; other sums are as accurate as any float64 summation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from symconv.core.form import axis_arrays, index_table, output_shape
from symconv.core.geometry import Axis, Geometry

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class _Products:
    """Products of operand entries, and the cells that they are added to.

    Attributes:
        left, right: the factors, as columns of a vector that holds all operands of one sample.
        to: the cell of each product.
        size: number of cells.
    """

    left: Array
    right: Array
    to: Array
    size: int

    def sums(self, vectors: Array) -> Array:
        """Map rows of operands to rows of cells."""
        products = vectors.take(self.left, axis=1)
        products *= vectors.take(self.right, axis=1)
        rows = len(vectors)
        to = (np.arange(0, rows * self.size, self.size)[:, None] + self.to).ravel()
        flat = products.ravel()
        if flat.dtype.kind != "c":
            return self._added(to, flat, rows)
        found = np.empty((rows, self.size), dtype=flat.dtype)
        found.real, found.imag = self._added(to, flat.real, rows), self._added(to, flat.imag, rows)
        return found

    def _added(self, to: Array, products: Array, rows: int) -> Array:
        found: Array = np.bincount(to, weights=products, minlength=rows * self.size)
        return found.reshape(rows, self.size)


class Plan:
    """The index arrays of a geometry, shared by all its contractions."""

    def __init__(self, geometry: Geometry) -> None:
        """Prepare the plan of a small geometry: all its terms are listed."""
        self.geometry = geometry
        self.input_shape = geometry.input_shape
        self.weight_shape = geometry.weight_shape
        self.output_shape = output_shape(geometry)
        self.out_cells = math.prod(self.output_shape[1:])
        self._lengths = tuple(
            map(math.prod, (self.input_shape, self.weight_shape, self.output_shape))
        )

    @cached_property
    def _terms(self) -> Array:
        """Input, weight and output index of every product, one row each."""
        return index_table(self.geometry)

    @cached_property
    def _output(self) -> _Products:
        """Products of the output, from vectors `x, w`."""
        return self._products(1)

    @cached_property
    def _every(self) -> _Products:
        """Products of output, grad_input and grad_weight, from vectors `x, w, grad`."""
        return self._products(3)

    @cached_property
    def _conjugated(self) -> _Products:
        """The same from vectors `x, w, grad, conj(x), conj(w)`: gradients take the conjugates."""
        return self._products(3, sum(self._lengths))

    def _products(self, count: int, shift: int = 0) -> _Products:
        """Products of the first `count` results; gradients read x and w `shift` columns later."""
        n_x, n_w, n_y = self._lengths
        terms = self._terms
        columns = terms + np.array([[0], [n_x], [n_x + n_w]])
        left, right = columns[_LEFT[:count]], columns[_RIGHT[:count]]
        if shift:
            left[2] += shift
            right[1] += shift
        to = terms[_TO[:count]] + np.array([[0], [n_y], [n_y + n_x]])[:count]
        size = sum((n_y, n_x, n_w)[:count])
        return _Products(left.ravel(), right.ravel(), to.ravel(), size)

    @cached_property
    def terms(self) -> dict[str, int]:
        """Largest number of terms in a cell of each result, for one sample."""
        g = self.geometry
        by_input, by_tap, by_output = map(math.prod, zip(*map(_most, g.axes), strict=True))
        return {
            "output": g.in_channels // g.groups * by_output,
            "grad_input": g.out_channels // g.groups * by_input,
            "grad_weight": by_tap,
            "grad_bias": self.out_cells,
        }

    @cached_property
    def most(self) -> int:
        """Largest number of products in a cell of any contraction of one sample."""
        return max(self.terms[name] for name in ("output", "grad_input", "grad_weight"))

    def results(
        self, x: Array, w: Array, bias: Array | None, grad: Array | None
    ) -> dict[str, Array]:
        """All results of a call, conjugated as in torch; x and grad have shape `(batch, n)`."""
        batch = len(x)
        v = np.zeros(batch * self._lengths[2]) if grad is None else grad
        parts = [part.ravel() for part in (x, w, v, bias) if part is not None]
        flat = np.concatenate(parts)[None]
        with np.errstate(invalid="ignore", over="ignore"):
            found = self.draws(flat, batch, bias is not None, grad is not None)
        return {name: values[0] for name, values in found.items()}

    def draws(self, flat: Array, batch: int, bias: bool, gradients: bool) -> dict[str, Array]:
        """`results` for several rows of operands, each `x, w, grad, bias` concatenated.

        Rows contain a grad even if `gradients` is false. The results have a leading axis of rows.
        """
        n_x, n_w, n_y = self._lengths
        draws, places = len(flat), self.output_shape[1:]
        vectors = flat if batch == 1 else self._by_sample(flat, batch)
        if not gradients:
            sums = self._output.sums(vectors)
        elif flat.dtype.kind == "c":
            conjugates = vectors[:, : n_x + n_w].conj()
            plain = vectors[:, : n_x + n_w + n_y]
            sums = self._conjugated.sums(np.concatenate((plain, conjugates), axis=1))
        else:
            sums = self._every.sums(vectors)
        y = sums[:, :n_y].reshape(draws, batch, *self.output_shape)
        if bias:
            channels = flat[:, -self.output_shape[0] :]
            y = y + channels.reshape(draws, 1, -1, *[1] * len(places))
        found = {"output": y}
        if not gradients:
            return found
        of_input, of_weight = sums[:, n_y : n_y + n_x], sums[:, n_y + n_x :]
        found["grad_input"] = of_input.reshape(draws, batch, *self.input_shape)
        if batch > 1:
            of_weight = of_weight.reshape(draws, batch, n_w).sum(axis=1)
        found["grad_weight"] = of_weight.reshape(draws, *self.weight_shape)
        if bias:
            v = vectors[:, n_x + n_w : n_x + n_w + n_y]
            v = v.reshape(draws, batch, self.output_shape[0], self.out_cells)
            found["grad_bias"] = v.sum(axis=(1, 3))
        return found

    def _by_sample(self, flat: Array, batch: int) -> Array:
        """One row `x, w, grad` per sample."""
        n_x, n_w, n_y = self._lengths
        w_at = batch * n_x
        v_at = w_at + n_w
        parts = (
            flat[:, :w_at].reshape(-1, n_x),
            np.repeat(flat[:, w_at:v_at], batch, axis=0),
            flat[:, v_at : v_at + batch * n_y].reshape(-1, n_y),
        )
        return np.concatenate(parts, axis=1)


_LEFT, _RIGHT, _TO = [0, 2, 0], [1, 1, 2], [2, 0, 1]
"""For each contraction, the rows of `_terms` (input, weight, output) that hold factors and cell."""


@lru_cache(maxsize=8192)
def _most(axis: Axis) -> tuple[int, ...]:
    """Largest number of products on one axis that share an input, a tap, an output."""
    return tuple(int(np.bincount(part).max(initial=0)) for part in axis_arrays(axis)[1])
