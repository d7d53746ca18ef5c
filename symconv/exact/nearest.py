"""Correctly rounded results, for every cell.

The ball (centre and radius) of a cell determines its result if both ends round to the same
number. For operands of at most 26 bits, the products of the remaining cells are exact in float64
and `math.fsum` adds them with a single rounding; everything else is rounded from exact arrays.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from symconv.exact.cells import exact_parts, operands_of_cell
from symconv.exact.dtypes import DTYPES, BinaryFormat, real_format
from symconv.exact.dyadic import nearest
from symconv.exact.truth import Truth

Array = np.ndarray[Any, Any]

MOST_BY_SUMS = 20_000
"""Most cells to sum one by one; with more, exact arrays are cheaper."""
BLOCK = 2**15
"""Cells per block, so that the arrays of a block fit in a second-level cache."""


def to_format(values: Array, form: BinaryFormat) -> Array:
    """Round float64 numbers to a format, ties to even.

    The result has dtype float32 or float16 for these two formats, else float64.
    """
    if form.name != "float64" and DTYPES[form.name].numpy:
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
    """Round the exact result to `dtype`; one array, or two (real and imaginary part).

    The operands must be numbers of `dtype`. The arrays hold numbers of `dtype` but may be float64,
    as for bfloat16.

    Raises:
        LimitError: exact arrays are needed and would exceed the memory limit.
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
    """List the products of one real cell, exact in float64, and its bias."""
    a, b = truth.a.halves[0].values, truth.b.halves[0].values
    at_a, at_b = operands_of_cell(truth.geometry, truth.kind, index, a.shape)
    found = np.ravel(a[at_a] if at_b is None else a[at_a] * b[at_b])
    if truth.bias is not None:
        found = np.append(found, truth.bias.halves[0].values[index[1]])
    return found


def _rounded_sum(terms: Array, form: BinaryFormat) -> float:
    """Sum floats with one rounding to a format.

    `fsum` returns the sum rounded to float64, with an error of at most half a unit in the last
    place. If this does not determine the number of the narrower format, the sum is computed with
    Fractions.
    """
    total = math.fsum(terms.tolist())
    ends = to_format(np.array([np.nextafter(total, -np.inf), np.nextafter(total, np.inf)]), form)
    if ends[0] == ends[1]:
        return float(ends[0])
    return nearest(sum(map(Fraction, terms.tolist()), Fraction(0)), form)
