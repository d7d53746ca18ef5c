"""Where inf and nan in the operands must appear in a result, by contractions of 0/1 masks.

By IEEE 754 a sum with a nan term, or with terms of both infinities, is nan; with one infinity it is
that infinity, in any order of summation. A product of inf and 0 is nan. A cell whose terms are all
finite is finite, whatever other entries the operands have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from symconv.core.geometry import Geometry
from symconv.exact.contract import Contraction, approximate

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Expected:
    """The kind of number that each cell must hold.

    Attributes:
        finite: cells whose terms are all finite.
        special: nan, inf or -inf where not finite; for complex operands of a product always nan,
            which stands for any of them.
        loose: cells where inf or nan is accepted even if `finite` holds.
    """

    finite: Array
    special: Array
    loose: Array


def expected(
    geometry: Geometry, kind: Contraction | None, a: Array, b: Array, bias: Array | None
) -> Expected:
    """Determine the kind of each cell, in arrays that broadcast over the parts of the result.

    `kind` None is the gradient of the bias: a is summed over all axes but its channels.

    An implementation of the weight gradient may multiply an inf by the zeros that stand for
    cropped outputs or are inserted between inputs, which gives nan. Cells whose channels contain
    inf or nan are therefore loose.
    """
    finite, special = _kinds(geometry, kind, a, b, bias)
    loose: Array = np.zeros((), dtype=bool)
    if kind is Contraction.GRAD_WEIGHT:
        loose = loose_cells(geometry, a, b)
    elif kind is None and np.iscomplexobj(a):
        loose = np.asarray(
            ~finite.all(axis=0)
        )  # one non-finite part may make the other non-finite: C11, annex G
    return Expected(finite, special, loose)


def loose_cells(geometry: Geometry, x: Array, v: Array) -> Array:
    """Mark cells of a weight gradient whose input or output channel contains an inf or nan."""
    spoiled = [np.asarray((~np.isfinite(t)).any(axis=(0, *range(2, t.ndim)))) for t in (x, v)]
    rows, columns = spoiled
    shared = columns.reshape(geometry.groups, -1)
    met = np.repeat(shared, geometry.in_channels // geometry.groups, axis=0)
    found = (rows[:, None] | met).reshape(*met.shape, *(1 for _ in geometry.axes))
    return np.broadcast_to(found, geometry.weight_shape)


def _kinds(
    geometry: Geometry, kind: Contraction | None, a: Array, b: Array, bias: Array | None
) -> tuple[Array, Array]:
    if kind is None and np.iscomplexobj(a):
        # a sum of complex numbers is two sums of real ones
        halves = [_kinds(geometry, None, half, half, None) for half in (a.real, a.imag)]
        return np.stack([h[0] for h in halves]), np.stack([h[1] for h in halves])
    if np.iscomplexobj(a):
        spoiled = _met(geometry, kind, ~np.isfinite(a), np.ones(b.shape, dtype=bool))
        spoiled = spoiled | _met(geometry, kind, np.ones(a.shape, dtype=bool), ~np.isfinite(b))
        spoiled = _with_bias(spoiled, bias, lambda v: ~np.isfinite(v))
        return ~spoiled, np.where(spoiled, np.nan, 0.0)
    if kind is None:
        b = np.ones(a.shape)
    a_up, a_down, b_up, b_down = a > 0, a < 0, b > 0, b < 0
    a_inf, b_inf = np.isinf(a), np.isinf(b)
    plus = np.zeros((), dtype=bool)
    minus = np.zeros((), dtype=bool)
    for left, right, up in (
        (a_inf & a_up, b_up, True),
        (a_inf & a_down, b_down, True),
        (a_inf & a_up, b_down, False),
        (a_inf & a_down, b_up, False),
        (a_up & ~a_inf, b_inf & b_up, True),
        (a_down & ~a_inf, b_inf & b_down, True),
        (a_up & ~a_inf, b_inf & b_down, False),
        (a_down & ~a_inf, b_inf & b_up, False),
    ):
        met = _met(geometry, kind, left, right)
        plus, minus = (plus | met, minus) if up else (plus, minus | met)
    every = np.ones(a.shape, dtype=bool), np.ones(b.shape, dtype=bool)
    lost = _met(geometry, kind, np.isnan(a), every[1]) | _met(geometry, kind, a_inf, b == 0)
    lost = lost | _met(geometry, kind, every[0], np.isnan(b)) | _met(geometry, kind, a == 0, b_inf)
    plus = _with_bias(plus, bias, np.isposinf)
    minus = _with_bias(minus, bias, np.isneginf)
    lost = _with_bias(lost, bias, np.isnan) | (plus & minus)
    special = np.where(lost, np.nan, np.where(plus, np.inf, np.where(minus, -np.inf, 0.0)))
    return ~(lost | plus | minus), special


def _met(geometry: Geometry, kind: Contraction | None, left: Array, right: Array) -> Array:
    """Mark cells where a marked entry of one operand is multiplied by a marked one of the other."""
    if kind is None:
        return np.asarray((left & right).any(axis=(0, *range(2, left.ndim))))
    if not left.any() or not right.any():
        return np.zeros((), dtype=bool)
    counted = approximate(geometry, kind, left.astype(np.float64), right.astype(np.float64))
    return np.asarray(counted > 0)


def _with_bias(marked: Array, bias: Array | None, is_marked: Any) -> Array:
    if bias is None or not is_marked(bias).any():
        return marked
    own = is_marked(bias).reshape((1, -1) + (1,) * max(marked.ndim - 2, 0))
    return np.asarray(marked | own)
