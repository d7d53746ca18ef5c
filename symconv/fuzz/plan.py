"""The contractions of one small configuration, fast: sums over index arrays, sorted once.

The terms come from `form.index_arrays`, the definition. Sums of whole numbers below 2**53 are
exact in float64; others are as close as any sum in float64 is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from symconv.form import axis_arrays, index_arrays
from symconv.geometry import Axis, Geometry

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class _Sorted:
    """Terms in the order of the cell that they are added to."""

    left: Array
    right: Array
    starts: Array
    cells: Array
    size: int

    def sum(self, a: Array, b: Array) -> Array:
        """`a` and `b` flat a sample: `(batch, n)`; a result of `(batch, size)`."""
        found = np.zeros((max(a.shape[0], b.shape[0]), self.size), dtype=np.result_type(a, b))
        if self.cells.size:
            products = a.take(self.left, axis=1)
            products *= b.take(self.right, axis=1)
            found[:, self.cells] = np.add.reduceat(products, self.starts, axis=1)
        return found


def _sorted(left: Array, right: Array, to: Array, size: int) -> _Sorted:
    order = np.argsort(to, kind="stable")
    placed = to[order]
    new = np.ones(placed.size, dtype=bool)
    np.not_equal(placed[1:], placed[:-1], out=new[1:])
    starts = np.flatnonzero(new)
    return _Sorted(left[order], right[order], starts, placed[starts], size)


class Plan:
    """What a geometry's contractions share."""

    def __init__(self, geometry: Geometry) -> None:
        """The geometry is a small one: all its terms are listed."""
        self.geometry = geometry
        self._at = index_arrays(geometry)
        self.input_shape = geometry.input_shape
        self.weight_shape = geometry.weight_shape
        self.output_shape = geometry.output_shape
        self.out_cells = math.prod(self.output_shape[1:])

    @cached_property
    def _output(self) -> _Sorted:
        at = self._at
        return _sorted(at.input, at.weight, at.output, math.prod(self.output_shape))

    @cached_property
    def _input(self) -> _Sorted:
        at = self._at
        return _sorted(at.output, at.weight, at.input, math.prod(self.input_shape))

    @cached_property
    def _weight(self) -> _Sorted:
        at = self._at
        return _sorted(at.input, at.output, at.weight, math.prod(self.weight_shape))

    @cached_property
    def terms(self) -> dict[str, int]:
        """The most terms in a cell of each result, of one sample."""
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
        """The most products in a cell of any contraction of one sample."""
        return max(self.terms[name] for name in ("output", "grad_input", "grad_weight"))

    def results(
        self, x: Array, w: Array, bias: Array | None, grad: Array | None
    ) -> dict[str, Array]:
        """Every result of a call, torch's conjugations included; x and grad `(batch, n)` flat."""
        given = {"x": x, "w": w, "grad": x if grad is None else grad}
        given |= {} if bias is None else {"bias": bias}
        with np.errstate(invalid="ignore", over="ignore"):
            every = self.draws({n: v[None] for n, v in given.items()}, grad is not None)
        return {name: values[0] for name, values in every.items()}

    def draws(self, given: dict[str, Array], gradients: bool) -> dict[str, Array]:
        """`results` of many draws of finite values, each operand with a leading axis of draws."""
        x, w, grad = given["x"], given["w"], given["grad"]
        draws, batch = x.shape[:2]
        flat_x = x.reshape(draws * batch, -1)
        flat_w = w.reshape(draws, -1)
        flat_w = flat_w if batch == 1 else np.repeat(flat_w, batch, axis=0)
        y = self._output.sum(flat_x, flat_w)
        bias = given.get("bias")
        if bias is not None:
            channels = y.reshape(draws, batch, bias.shape[1], -1)
            channels += bias.reshape(draws, 1, -1, 1)
        found = {"output": y.reshape(draws, batch, *self.output_shape)}
        if not gradients:
            return found
        v = grad.reshape(draws * batch, -1)
        if v.dtype.kind == "c":
            flat_x, flat_w = flat_x.conj(), flat_w.conj()
        found["grad_input"] = self._input.sum(v, flat_w).reshape(x.shape)
        grad_w = self._weight.sum(flat_x, v)
        grad_w = grad_w if batch == 1 else grad_w.reshape(draws, batch, -1).sum(axis=1)
        found["grad_weight"] = grad_w.reshape(w.shape)
        if bias is not None:
            found["grad_bias"] = v.reshape(draws, batch, bias.shape[1], -1).sum(axis=(1, 3))
        return found


@lru_cache(maxsize=8192)
def _most(axis: Axis) -> tuple[int, ...]:
    """The most products on one axis that share an input, a tap, an output."""
    met = axis_arrays(axis)[1]
    return tuple(int(np.bincount(part).max(initial=0)) for part in met)
