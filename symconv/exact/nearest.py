"""The correctly rounded result, every cell of it.

The ball settles a cell when both its ends round to the same number. For operands of at most 26
bits the products of what is left are exact in float64, and `math.fsum` adds them without error;
everything else is rounded from exact arrays.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from symconv.exact.cells import exact_parts, operands_of_cell
from symconv.exact.dyadic import nearest
from symconv.exact.formats import Format, real_format
from symconv.exact.truth import Truth

Array = np.ndarray[Any, Any]

MOST_BY_SUMS = 20_000
"""Cells that are summed one by one before exact arrays are the cheaper way."""
BLOCK = 2**15
"""Cells rounded at a time, so that they stay in a second-level cache."""


def to_format(values: Array, form: Format) -> Array:
    """Float64 numbers rounded to a format, ties to even; float32 and float16 as such."""
    if form.name in ("float32", "float16"):
        with np.errstate(over="ignore", under="ignore"):
            return values.astype(form.name)
    if form.name == "float64":
        return values
    drop = 53 - form.precision
    bits = values.view(np.int64)
    odd = (bits >> drop) & 1
    found = ((bits + ((1 << (drop - 1)) - 1) + odd) & -(1 << drop)).view(np.float64)
    small = np.abs(values) < 2.0**form.least_exponent
    if small.any():
        found[small] = np.ldexp(
            np.rint(np.ldexp(values[small], -form.quantum_exponent)), form.quantum_exponent
        )
    return np.where(np.abs(found) > form.largest, np.copysign(np.inf, found), found)


def correctly_rounded(truth: Truth, dtype: str) -> list[Array]:
    """One array a part, for operands that `dtype` holds; bfloat16 as float64.

    Raises:
        LimitError: exact arrays are needed and would not fit.
    """
    form = real_format(dtype)
    if form.precision > 26 or truth.complex:
        return [part.rounded(form) for part in exact_parts(truth)]
    centre = truth.centre.reshape(-1)
    found = np.empty(centre.shape, dtype=to_format(np.zeros(1), form).dtype)
    places: list[int] = []
    for start in range(0, centre.size, BLOCK):
        cells = slice(start, start + BLOCK)
        middle = centre[cells].astype(np.float64, copy=False)
        slack = truth.radius_of(truth.quantities(cells).magnitude[0]) * (1 + 2.0**-40)
        slack += np.abs(middle) * 2.0**-52
        found[cells] = to_format(middle - slack, form)
        places += (start + np.nonzero(found[cells] != to_format(middle + slack, form))[0]).tolist()
    if len(places) > MOST_BY_SUMS:
        return [part.rounded(form) for part in exact_parts(truth)]
    shape = truth.centre.shape[1:]
    for place in places:
        index = tuple(int(n) for n in np.unravel_index(place, shape))
        found[place] = _rounded_sum(_terms(truth, index), form)
    return [found.reshape(shape)]


def _terms(truth: Truth, index: tuple[int, ...]) -> Array:
    """The products of one real cell, exact in float64, and its bias."""
    a, b = truth.a.halves[0].values, truth.b.halves[0].values
    at_a, at_b = operands_of_cell(truth.geometry, truth.kind, index, a.shape)
    found = np.ravel(a[at_a] if at_b is None else a[at_a] * b[at_b])
    if truth.bias is not None:
        found = np.append(found, truth.bias.halves[0].values[index[1]])
    return found


def _rounded_sum(terms: Array, form: Format) -> float:
    """The sum of floats, rounded once.

    `fsum` is the sum rounded to float64, half a unit off at most. Where that leaves a doubt
    about the narrower format, the sum is taken as a fraction.
    """
    total = math.fsum(terms.tolist())
    ends = to_format(np.array([np.nextafter(total, -np.inf), np.nextafter(total, np.inf)]), form)
    if ends[0] == ends[1]:
        return float(ends[0])
    return nearest(sum(map(Fraction, terms.tolist()), Fraction(0)), form)
