"""The three contractions of the trilinear form on float arrays, as matrix products.

No convolution routine is called. Exact: both operands are split into planes of small integers,
so that every partial sum in the float64 product of two planes is an integer of at most 2**53
and thus exact, in any order; products of planes are added in int64. Approximate: the same code
on the floats themselves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

from symconv.core.geometry import Geometry
from symconv.core.limits import most_bytes, require_memory
from symconv.exact.dyadic import LIMB, ExactArray, Floats, Ints, Planes, from_groups, split
from symconv.exact.forward import (
    at,
    by_columns,
    by_phases,
    channels_first,
    group_slices,
    laid_out,
    phases_are_cheaper,
)
from symconv.exact.windows import most_taps, tap_windows

DEPTH = 2 ** (53 - 2 * (LIMB - 1))
"""Most terms per cell in one product of planes, entries at most 2**20: 8192 * 2**40 == 2**53."""

Kernels = list[list[Floats]]


class Contraction(Enum):
    """Contraction of two of x, w, v; the value is the user's name for the result."""

    OUTPUT = "output"
    GRAD_INPUT = "grad_input"
    GRAD_WEIGHT = "grad_weight"


@dataclass(frozen=True, slots=True)
class BlockedProduct:
    """A contraction carried out as matrix products in blocks.

    Attributes:
        geometry: the operator.
        kind: the contraction.
        dtype: dtype of the sums: int64 for planes, else that of the operands.
        max_bytes: size limit of one block; 0 means a quarter of the memory limit.
    """

    geometry: Geometry
    kind: Contraction
    dtype: Any
    max_bytes: int = 0

    def result_shape(self, batch: int) -> tuple[int, ...]:
        """Shape of the result, with a leading batch axis unless it is a weight."""
        g = self.geometry
        if self.kind is Contraction.GRAD_WEIGHT:
            return g.weight_shape
        shape = g.output_shape if self.kind is Contraction.OUTPUT else g.input_shape
        return (batch, *shape)

    def __call__(
        self, a: Floats, b: Floats, into: Any = None, kernels: Kernels | None = None
    ) -> Any:
        """Compute `(x, w) -> y`, `(v, w) -> grad_x` or `(x, v) -> grad_w`, batch first.

        The product of two planes is added to `into`. `kernels` is w as returned by `laid_out`,
        if it is already available.
        """
        result = into
        if result is None:
            result = np.zeros(self.result_shape(a.shape[0]), dtype=self.dtype)
        most = self.max_bytes or most_bytes() // 4
        if self.kind is Contraction.GRAD_INPUT:
            self._grad_input(a, b, result, most)
        elif self.kind is Contraction.GRAD_WEIGHT:
            self._grad_weight(a, b, result)
        elif kernels is None and not phases_are_cheaper(self.geometry, a.shape[0], kept=False):
            by_columns(self.geometry, a, b, result, self._multiply, _add, most)
        else:
            own = laid_out(self.geometry, b) if kernels is None else kernels
            put = _add if self.dtype is np.int64 else np.copyto
            by_phases(self.geometry, a, own, result, self._multiply, put, most)
        return result

    def _multiply(self, left: Floats, right: Floats) -> Any:
        """Compute `left @ right`; for planes, in pieces whose sums are exact."""
        if self.dtype is not np.int64:
            return left @ right
        # the lowest planes are nearly empty: multiply only their non-zero rows and columns
        rows, columns = np.nonzero(left.any(axis=1))[0], np.nonzero(right.any(axis=0))[0]
        if 2 * rows.size > left.shape[0] and 2 * columns.size > right.shape[1]:
            return _pieces(left, right)
        total = np.zeros((left.shape[0], right.shape[1]))
        if rows.size and columns.size:
            total[np.ix_(rows, columns)] = _pieces(left[rows], right[:, columns])
        return total

    def _grad_input(self, v: Floats, w: Floats, grad: Any, most: int) -> None:
        batch, positions = v.shape[0], self.geometry.size
        windows = list(tap_windows(self.geometry))
        block = max(1, most // (8 * batch * math.prod(positions) * w.shape[1]))
        for ins, outs in group_slices(self.geometry):
            for start in range(0, len(windows), block):
                taps = windows[start : start + block]
                columns = np.zeros((w.shape[1], len(taps), batch, *positions), dtype=v.dtype)
                for n, (_, inputs, outputs) in enumerate(taps):
                    seen = v[at(slice(None), outs, *outputs)]
                    columns[at(slice(None), n, slice(None), *inputs)] = seen.swapaxes(0, 1)
                if len(taps) == math.prod(self.geometry.kernel_size):
                    kernels = w[ins]
                else:
                    chosen = [w[at(ins, slice(None), *tap)] for tap, _, _ in taps]
                    kernels = np.stack(chosen, axis=-1)
                flat = columns.reshape(w.shape[1] * len(taps), -1)
                part = self._multiply(kernels.reshape(kernels.shape[0], -1), flat)
                _add(grad[:, ins], part.reshape(-1, batch, *positions).swapaxes(0, 1))

    def _grad_weight(self, x: Floats, v: Floats, grad: Any) -> None:
        for ins, outs in group_slices(self.geometry):
            for tap, inputs, outputs in tap_windows(self.geometry):
                left = channels_first(x[at(slice(None), ins, *inputs)])
                right = channels_first(v[at(slice(None), outs, *outputs)])
                _add(grad[at(ins, slice(None), *tap)], self._multiply(left, right.T))


def _add(view: Any, part: Any) -> None:
    """Add `part` to `view` in place and in its dtype.

    Products of planes are integers, so that casting them to int64 is exact.
    """
    np.add(view, part, out=view, dtype=view.dtype, casting="unsafe")


def _pieces(left: Floats, right: Floats) -> Any:
    """Multiply two planes in pieces whose partial sums are at most 2**53."""
    depth = left.shape[-1]
    if depth <= DEPTH:
        return left @ right
    total = np.zeros((left.shape[0], right.shape[1]), dtype=np.int64)
    for start in range(0, depth, DEPTH):
        piece = slice(start, start + DEPTH)
        _add(total, left[:, piece] @ right[piece])
    return total


def approximate(
    geometry: Geometry,
    kind: Contraction,
    a: Floats,
    b: Floats,
    max_bytes: int = 0,
    kernels: Kernels | None = None,
) -> Floats:
    """Compute the contraction in the dtype of the operands, with rounding errors."""
    result: Floats = BlockedProduct(geometry, kind, a.dtype, max_bytes)(a, b, kernels=kernels)
    return result


def float64_error(terms: int) -> float:
    """Error bound of a float64 sum of `terms` products in any order, relative to sum|products|.

    `n u / (1 - n u)` with `n = terms + 1`: Higham, "Accuracy and Stability of Numerical
    Algorithms", 2nd ed., section 3.1.
    """
    nu = (terms + 1) * 2.0**-53
    return nu / (1 - nu)


def single_error(terms: int) -> float:
    """The same bound for float32: `n u / (1 - n u)` with `n = terms`."""
    nu = terms * 2.0**-24
    return nu / (1 - nu)


def most_terms(geometry: Geometry, kind: Contraction, batch: int) -> int:
    """Upper bound of the number of products summed in one cell of the result."""
    if kind is Contraction.OUTPUT:
        return geometry.in_channels // geometry.groups * most_taps(geometry)
    if kind is Contraction.GRAD_INPUT:
        return geometry.out_channels // geometry.groups * math.prod(geometry.kernel_size)
    return batch * math.prod(geometry.size)


def exact_groups(
    geometry: Geometry, kind: Contraction, left: Planes, right: Planes, max_bytes: int = 0
) -> list[Ints]:
    """Contract planes exactly; return int64 groups, below 2**61 in absolute value.

    The result is `sum of groups[g] * 2**(left.exponent + right.exponent + 21*g)`.

    Raises:
        LimitError: the sums would exceed the memory limit.
    """
    engine = BlockedProduct(geometry, kind, np.int64, max_bytes)
    batch = left.planes[0].shape[0]
    count = len(left.planes) + len(right.planes) - 1
    shape = engine.result_shape(batch)
    cells = math.prod(shape)
    require_memory(
        8 * cells * (count + 3),
        f"an exact result of {cells} numbers",
        "Use smaller sizes, or raise --max-memory.",
    )
    # every partial sum of a product of planes is at most terms * 2**40 in absolute value
    terms = most_terms(geometry, kind, batch)
    pairs = min(len(left.planes), len(right.planes))
    assert terms * pairs * 2 ** (2 * (LIMB - 1)) < 2**61, "sums of plane products leave int64"
    groups: list[Ints] = [np.zeros(shape, dtype=np.int64) for _ in range(count)]
    for j, q in enumerate(right.planes):
        if not q.any():
            continue
        kernels = None
        if kind is Contraction.OUTPUT and phases_are_cheaper(geometry, batch, kept=False):
            kernels = laid_out(geometry, q)
        for i, p in enumerate(left.planes):
            if p.any():
                engine(p, q, groups[i + j], kernels)
    return groups


def exact(
    geometry: Geometry, kind: Contraction, a: Floats, b: Floats, max_bytes: int = 0
) -> ExactArray:
    """Contract arrays of finite floats exactly.

    Raises:
        LimitError: the sums would exceed the memory limit.
    """
    left, right = split(a), split(b)
    groups = exact_groups(geometry, kind, left, right, max_bytes)
    return from_groups(groups, left.exponent + right.exponent)
