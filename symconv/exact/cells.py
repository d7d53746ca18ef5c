"""Products that are summed in one cell of a contraction, and exact results.

`exact_parts` computes every cell of a result; `element` computes one cell, directly from the
definition of the trilinear form.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from symconv.core.form import axis_hits
from symconv.core.geometry import Axis, Geometry
from symconv.exact.contract import Contraction, exact_groups
from symconv.exact.dyadic import LIMB, ExactArray, Ints, Planes, from_groups, split
from symconv.exact.truth import Array, Truth

Index = tuple[Any, ...]


@lru_cache(maxsize=256)
def _hits(axis: Axis, own: int) -> dict[int, Any]:
    """Group the hits `(i, k, o)` of one axis by their position in column `own` (0, 1 or 2)."""
    found: dict[int, list[tuple[int, int, int]]] = {}
    for hit in axis_hits(axis):
        found.setdefault(hit[own], []).append(hit)
    return {place: np.array(hits, dtype=np.intp) for place, hits in found.items()}


def operands_of_cell(
    geometry: Geometry, kind: Contraction | None, index: tuple[int, ...], shape: tuple[int, ...]
) -> tuple[Index, Index | None]:
    """Return index arrays into a and b; the products of the selected entries are summed.

    `index` is the cell, `shape` the shape of a. For `kind` None (the gradient of the bias), the
    second index is None because there is only one operand.
    """
    if kind is None:
        return (slice(None), index[0]), None
    own = {Contraction.GRAD_INPUT: 0, Contraction.GRAD_WEIGHT: 1, Contraction.OUTPUT: 2}[kind]
    nothing = np.zeros((0, 3), dtype=np.intp)
    per_axis = [
        _hits(axis, own).get(place, nothing)
        for axis, place in zip(geometry.axes, index[2:], strict=True)
    ]
    g = geometry
    c_in, c_out = g.in_channels // g.groups, g.out_channels // g.groups
    if own == 2:
        group, m = divmod(index[1], c_out)
        channels = np.arange(group * c_in, (group + 1) * c_in)
    elif own == 0:
        channels, first = np.arange(c_out), index[1] // c_in * c_out
    else:
        channels = np.arange(shape[0])
    # one grid dimension for the channels (or the batch) and one for every axis
    c = channels.reshape(-1, *(1 for _ in per_axis))
    i, k, o = (np.ix_(*(hits[:, n] for hits in per_axis)) if per_axis else () for n in range(3))
    if own == 2:
        return (index[0], c, *i), (c, m, *k)
    if own == 0:
        return (index[0], first + c, *o), (index[1], c, *k)
    out = index[0] // c_in * c_out + index[1]
    return (c, index[0], *i), (c, out, *o)


def products_of_cell(
    geometry: Geometry, kind: Contraction | None, index: tuple[int, ...], shape: tuple[int, ...]
) -> list[Any]:
    """List `(index in a, index in b)` of every product in one cell; `shape` is that of a."""
    if kind is None:
        return [
            ((n, index[0], *place), None)
            for n in range(shape[0])
            for place in np.ndindex(*shape[2:])
        ]
    a, b = operands_of_cell(geometry, kind, index, shape)
    assert b is not None
    return list(zip(_tuples(a), _tuples(b), strict=True))


def _tuples(index: Index) -> Iterator[tuple[int, ...]]:
    columns = [column.ravel().tolist() for column in np.broadcast_arrays(*index)]
    return zip(*columns, strict=True)


def exact_parts(truth: Truth) -> list[ExactArray]:
    """Compute the exact result: one array, or two (real and imaginary part) for complex data.

    Raises:
        LimitError: the arrays would exceed the memory limit.
    """
    found = []
    for part, pairs in enumerate(truth.pairs):
        groups: list[Ints] = []
        for i, j, sign in pairs:
            more = _groups(truth, truth.a.planes[i], truth.b.planes[j])
            more = more if sign > 0 else [-g for g in more]
            groups = more if not groups else _added(groups, more)
        exponent = truth.a.planes[0].exponent
        if truth.kind is not None:
            exponent += truth.b.planes[0].exponent
        if truth.bias is not None:
            bias = truth.bias.halves[part].values
            groups, exponent = _plus_bias(groups, exponent, bias)
        found.append(from_groups(groups, exponent))
    return found


def element(truth: Truth, part: int, index: tuple[int, ...]) -> tuple[Fraction, list[Any]]:
    """Compute one cell exactly from the definition; also list its products.

    A product is a pair `(index in a, index in b)`, as in `products_of_cell`.
    """
    cells = products_of_cell(truth.geometry, truth.kind, index, truth.a.values.shape)
    total = Fraction(0)
    for i, j, sign in truth.pairs[part]:
        u, v = truth.a.halves[i].values, truth.b.halves[j].values
        for at_u, at_v in cells:
            other = 1 if truth.kind is None else float(v[at_v])
            total += sign * Fraction(float(u[at_u])) * Fraction(other)
    if truth.bias is not None:
        total += Fraction(float(truth.bias.halves[part].values[index[1]]))
    return total, cells


def _groups(truth: Truth, left: Planes, right: Planes) -> list[Ints]:
    if truth.kind is None:
        axes = (0, *range(2, left.planes[0].ndim))
        return [p.astype(np.int64).sum(axis=axes) for p in left.planes]
    return exact_groups(truth.geometry, truth.kind, left, right)


def _added(left: list[Ints], right: list[Ints]) -> list[Ints]:
    size = max(len(left), len(right))
    zero = np.zeros_like(left[0])
    pad = [zero] * size
    return [u + v for u, v in zip([*left, *pad][:size], [*right, *pad][:size], strict=True)]


def _plus_bias(groups: list[Ints], exponent: int, bias: Array) -> tuple[list[Ints], int]:
    """Add the bias to every cell of its channel; return the new groups and their exponent."""
    own = split(bias).exponent
    down = max(0, -(-(exponent - own) // LIMB))
    low = exponent - LIMB * down
    planes = split(bias, low).planes
    shape = (1, -1) + (1,) * (groups[0].ndim - 2)
    zero = np.zeros_like(groups[0])
    lower = [zero] * down + groups
    return _added(lower, [zero + p.astype(np.int64).reshape(shape) for p in planes]), low
