"""What one result of a call must be, exactly: every cell, or one cell by the definition."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from symconv.arithmetic.cells import products_of_cell
from symconv.arithmetic.contract import exact_groups
from symconv.arithmetic.dyadic import LIMB, ExactArray, Ints, Planes, from_groups, split
from symconv.arithmetic.truth import Array, Truth


def exact_parts(truth: Truth) -> list[ExactArray]:
    """The truth, one array of exact numbers a part.

    Raises:
        LimitError: it would not fit.
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
    """One cell exactly, by the definition, with its products `(u index, v index)`."""
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
    """Groups with the bias added to every cell of its channel."""
    own = split(bias).exponent
    down = max(0, -(-(exponent - own) // LIMB))
    low = exponent - LIMB * down
    planes = split(bias, low).planes
    shape = (1, -1) + (1,) * (groups[0].ndim - 2)
    zero = np.zeros_like(groups[0])
    lower = [zero] * down + groups
    return _added(lower, [zero + p.astype(np.int64).reshape(shape) for p in planes]), low
