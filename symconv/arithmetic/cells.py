"""The products that meet in one cell of a contraction, by the definition of the form."""

from __future__ import annotations

from typing import Any

import numpy as np

from symconv.arithmetic.contract import Contraction
from symconv.form import axis_hits
from symconv.geometry import Geometry


def products_of_cell(
    geometry: Geometry, kind: Contraction | None, index: tuple[int, ...], shape: tuple[int, ...]
) -> list[Any]:
    """`(index in a, index in b)` of every product that meets in one cell; a is of `shape`."""
    if kind is None:
        places = np.ndindex(shape[0], *shape[2:])
        return [((n, index[0], *rest), None) for n, *rest in places]
    field = {Contraction.OUTPUT: 2, Contraction.GRAD_INPUT: 0, Contraction.GRAD_WEIGHT: 1}
    own = field[kind]
    spatial = index[2:]
    hits: list[list[tuple[int, ...]]] = [[]]
    for axis, place in zip(geometry.axes, spatial, strict=True):
        fitting = [h for h in axis_hits(axis) if h[own] == place]
        hits = [[*done, h] for done in hits for h in fitting]
    found = []
    batch = range(shape[0])
    for c, m, out in geometry.channel_pairs():
        if own == 2 and out != index[1]:
            continue
        if own == 0 and c != index[1]:
            continue
        if own == 1 and (c, m) != index[:2]:
            continue
        for combination in hits:
            i, k, o = (tuple(h[n] for h in combination) for n in range(3))
            if own == 2:
                found.append(((index[0], c, *i), (c, m, *k)))
            elif own == 0:
                found.append(((index[0], out, *o), (c, m, *k)))
            else:
                found += [((n, c, *i), (n, out, *o)) for n in batch]
    return found
