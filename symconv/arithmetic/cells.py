"""The products that meet in one cell of a contraction, by the definition of the form."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from symconv.arithmetic.contract import Contraction
from symconv.form import axis_hits
from symconv.geometry import Axis, Geometry

Index = tuple[Any, ...]


@lru_cache(maxsize=256)
def _hits(axis: Axis, own: int) -> dict[int, Any]:
    """`(i, k, o)` rows of the hits of one axis, by the place that they have in common."""
    found: dict[int, list[tuple[int, int, int]]] = {}
    for hit in axis_hits(axis):
        found.setdefault(hit[own], []).append(hit)
    return {place: np.array(hits, dtype=np.intp) for place, hits in found.items()}


def operands_of_cell(
    geometry: Geometry, kind: Contraction | None, index: tuple[int, ...], shape: tuple[int, ...]
) -> tuple[Index, Index | None]:
    """Index arrays into a and b whose entries, multiplied, are the cell's terms.

    `a` is of `shape`; for `kind` None, a gradient of the bias, there is no b.
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
    # one grid for the channels (or the batch) and one for every axis
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
    """`(index in a, index in b)` of every product that meets in one cell; a is of `shape`."""
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
