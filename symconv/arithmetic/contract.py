"""The three contractions of the form on float arrays, by matrix products. No convolution call.

Exactly: both operands are split into planes of small integers, so that a float64 product of
two planes is a sum of integers below 2**53, exact in any order; plane products are added in
int64. Approximately: the same code on the floats themselves.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import product
from typing import Any

import numpy as np

from symconv.arithmetic.dyadic import LIMB, ExactArray, Floats, Ints, Planes, from_groups, split
from symconv.geometry import Axis, Geometry
from symconv.limits import MAX_BYTES, require_memory

DEPTH = 2 ** (53 - 2 * (LIMB - 1))
"""Terms of one matrix product whose planes are at most 2**20: 8192 * 2**40 == 2**53."""

Window = tuple[slice, ...]


class Contraction(Enum):
    """Which two of x, w, v are given; the value names the third as users know it."""

    OUTPUT = "output"
    GRAD_INPUT = "grad_input"
    GRAD_WEIGHT = "grad_weight"


def _at(*parts: Any) -> tuple[Any, ...]:
    """An index whose length depends on the number of axes."""
    return parts


def _windows(axis: Axis) -> list[tuple[slice, slice]]:
    """Per tap: the inputs that hit the output, and where they land."""
    found = []
    positions = np.arange(axis.size)
    for k in range(axis.kernel_size):
        outputs = axis.hit(positions, k)
        inside = np.nonzero((outputs >= 0) & (outputs < axis.out_size))[0]
        if not inside.size:
            found.append((slice(0, 0), slice(0, 0)))
            continue
        first, last = int(inside[0]), int(inside[-1])
        lands = slice(int(outputs[first]), int(outputs[last]) + 1, axis.stride)
        found.append((slice(first, last + 1), lands))
    return found


def tap_windows(geometry: Geometry) -> Iterator[tuple[tuple[int, ...], Window, Window]]:
    """`(tap, inputs, outputs)` for every tap that reaches anything."""
    per_axis = [_windows(axis) for axis in geometry.axes]
    for tap in product(*(range(n) for n in geometry.kernel_size)):
        pairs = [windows[k] for windows, k in zip(per_axis, tap, strict=True)]
        inputs, outputs = zip(*pairs, strict=True)
        if all(s.stop > s.start for s in inputs):
            yield tap, inputs, outputs


@dataclass(frozen=True, slots=True)
class Engine:
    """Matrix products in blocks.

    Attributes:
        geometry: the operator.
        kind: which contraction.
        dtype: of the sums, int64 for planes and float64 for floats.
        max_bytes: of one block.
    """

    geometry: Geometry
    kind: Contraction
    dtype: Any
    max_bytes: int = MAX_BYTES // 4

    def result_shape(self, batch: int) -> tuple[int, ...]:
        """Of the third operand, with the batch in front where it has one."""
        g = self.geometry
        if self.kind is Contraction.GRAD_WEIGHT:
            return g.weight_shape
        shape = g.output_shape if self.kind is Contraction.OUTPUT else g.input_shape
        return (batch, *shape)

    def __call__(self, a: Floats, b: Floats) -> Any:
        """`(x, w) -> y`, `(v, w) -> grad_x` or `(x, v) -> grad_w`, batch first for x and v."""
        result = np.zeros(self.result_shape(a.shape[0]), dtype=self.dtype)
        step = {
            Contraction.OUTPUT: self._output,
            Contraction.GRAD_INPUT: self._grad_input,
            Contraction.GRAD_WEIGHT: self._grad_weight,
        }[self.kind]
        g = self.geometry
        c_in, c_out = g.in_channels // g.groups, g.out_channels // g.groups
        for n in range(g.groups):
            step(a, b, result, slice(n * c_in, (n + 1) * c_in), slice(n * c_out, (n + 1) * c_out))
        return result

    def _sum(self, left: Floats, right: Floats) -> Any:
        """`left @ right`, in pieces that stay exact when the operands are planes."""
        depth = left.shape[-1]
        if self.dtype is not np.int64:
            return left @ right
        total = np.zeros((left.shape[0], right.shape[1]), dtype=np.int64)
        for start in range(0, depth, DEPTH):
            piece = slice(start, start + DEPTH)
            total += (left[:, piece] @ right[piece]).astype(np.int64)
        return total

    def _output(self, x: Floats, w: Floats, y: Any, ins: slice, outs: slice) -> None:
        batch = x.shape[0]
        windows = list(tap_windows(self.geometry))
        flat = np.ascontiguousarray(np.moveaxis(x[:, ins], 1, 0)).reshape(w[ins].shape[0], -1)
        c_out = w.shape[1]
        row_bytes = 16 * flat.shape[1] * c_out
        block = max(1, self.max_bytes // max(row_bytes, 1))
        for start in range(0, len(windows), block):
            taps = windows[start : start + block]
            if len(taps) == math.prod(self.geometry.kernel_size):
                kernels = w[ins].reshape(flat.shape[0], -1)  # all taps: the weight as it lies
            else:
                kernels = np.stack([w[_at(ins, slice(None), *tap)] for tap, _, _ in taps], axis=-1)
            columns = self._sum(kernels.reshape(kernels.shape[0], -1).T, flat)
            columns = columns.reshape(c_out, len(taps), batch, *self.geometry.size)
            for n, (_, inputs, outputs) in enumerate(taps):
                part = columns[_at(slice(None), n, slice(None), *inputs)]
                y[_at(slice(None), outs, *outputs)] += np.moveaxis(part, 0, 1)

    def _grad_input(self, v: Floats, w: Floats, grad: Any, ins: slice, outs: slice) -> None:
        batch = v.shape[0]
        for tap, inputs, outputs in tap_windows(self.geometry):
            seen = v[_at(slice(None), outs, *outputs)]
            flat = np.ascontiguousarray(np.moveaxis(seen, 1, 0)).reshape(seen.shape[1], -1)
            part = self._sum(w[_at(ins, slice(None), *tap)], flat)
            part = part.reshape(part.shape[0], batch, *seen.shape[2:])
            grad[_at(slice(None), ins, *inputs)] += np.moveaxis(part, 0, 1)

    def _grad_weight(self, x: Floats, v: Floats, grad: Any, ins: slice, outs: slice) -> None:
        for tap, inputs, outputs in tap_windows(self.geometry):
            left, right = x[_at(slice(None), ins, *inputs)], v[_at(slice(None), outs, *outputs)]
            left = np.moveaxis(left, 1, 0).reshape(left.shape[1], -1)
            right = np.moveaxis(right, 1, 0).reshape(right.shape[1], -1)
            grad[_at(ins, slice(None), *tap)] += self._sum(left, right.T)


def approximate(
    geometry: Geometry, kind: Contraction, a: Floats, b: Floats, max_bytes: int = MAX_BYTES // 4
) -> Floats:
    """The contraction in float64; its error is `float64_error` times that of the magnitudes."""
    result: Floats = Engine(geometry, kind, np.float64, max_bytes)(a, b)
    return result


def float64_error(terms: int) -> float:
    """`n u / (1 - n u)` for float64: the relative error of a sum of n products, any order.

    Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed., section 3.1.
    """
    nu = (terms + 1) * 2.0**-53
    return nu / (1 - nu)


def most_terms(geometry: Geometry, kind: Contraction, batch: int) -> int:
    """An upper bound of the products that meet in one cell of the result."""
    taps = math.prod(geometry.kernel_size)
    if kind is Contraction.OUTPUT:
        return geometry.in_channels // geometry.groups * taps
    if kind is Contraction.GRAD_INPUT:
        return geometry.out_channels // geometry.groups * taps
    return batch * math.prod(geometry.size)


def exact_groups(
    geometry: Geometry,
    kind: Contraction,
    left: Planes,
    right: Planes,
    max_bytes: int = MAX_BYTES // 4,
) -> list[Ints]:
    """`sum of groups[g] * 2**(left.exponent + right.exponent + 21*g)`, int64, below 2**61.

    Raises:
        LimitError: the planes or sums would not fit.
    """
    engine = Engine(geometry, kind, np.int64, max_bytes)
    batch = left.planes[0].shape[0]
    count = len(left.planes) + len(right.planes) - 1
    cells = math.prod(engine.result_shape(batch))
    require_memory(
        8 * cells * (count + 3), f"an exact result of {cells} numbers", "Way out: smaller sizes."
    )
    # every plane product is below terms * 2**40 in absolute value, in any order
    terms = most_terms(geometry, kind, batch)
    pairs = min(len(left.planes), len(right.planes))
    assert terms * pairs * 2 ** (2 * (LIMB - 1)) < 2**61, "sums of plane products leave int64"
    groups: list[Ints] = [
        np.zeros(engine.result_shape(batch), dtype=np.int64) for _ in range(count)
    ]
    for i, p in enumerate(left.planes):
        if not p.any():
            continue
        for j, q in enumerate(right.planes):
            if q.any():
                groups[i + j] += engine(p, q)
    return groups


def exact(
    geometry: Geometry,
    kind: Contraction,
    a: Floats,
    b: Floats,
    max_bytes: int = MAX_BYTES // 4,
) -> ExactArray:
    """The contraction of finite floats, exactly.

    Raises:
        LimitError: the planes or sums would not fit.
    """
    left, right = split(a), split(b)
    groups = exact_groups(geometry, kind, left, right, max_bytes)
    return from_groups(groups, left.exponent + right.exponent)
