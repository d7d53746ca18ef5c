"""Decide which cells of a result exceed an error bound, and find the worst element.

A ball (a float64 centre with a certified radius) decides nearly every cell; exact arithmetic
decides the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from symconv.exact.cells import element, exact_parts
from symconv.exact.dtypes import DTYPES, real_format
from symconv.exact.dyadic import nearest
from symconv.exact.rounding import Bound, Quantities
from symconv.exact.truth import Truth

Array = np.ndarray[Any, Any]

MOST_BY_FRACTIONS = 12
BLOCK = 2**15
"""Cells per block: a dozen float64 arrays of this length fit in a second-level cache."""


@dataclass(frozen=True, slots=True)
class Worst:
    """The element that exceeds the bound most, or comes closest to it.

    Attributes:
        place: its name, such as `y[n, c, i, j]`, with `.real` or `.imag` for complex data.
        index: its index in the result.
        part: 0, or 1 for the imaginary part of a complex number.
        exact: the exact value.
        rounded: the exact value, rounded to the dtype.
        actual: the value that the implementation returned.
        error: |actual - exact|, rounded to float64.
        bound: the error that the model allows for this element.
        products: the terms of the exact sum, as pairs `(index in a, index in b)`.
    """

    place: str
    index: tuple[int, ...]
    part: int
    exact: Fraction
    rounded: float
    actual: float
    error: float
    bound: float
    products: tuple[Any, ...]


@dataclass(frozen=True)
class Decision:
    """Cells of a result that exceed an error bound, decided exactly.

    Attributes:
        beyond: boolean `(parts, *shape)`: cells whose error exceeds the bound.
        left_out: cells that are inf or nan where an intermediate overflow is legitimate.
        ratio: approximate largest ratio of error to bound; 0 if every cell is left out.
    """

    beyond: Array
    left_out: Array
    ratio: float = 0.0


def decide(truth: Truth, actual: Array, model: Bound, dtype: str) -> Decision:
    """Compare errors with a bound, by the ball where it decides, else by exact arithmetic.

    `actual` is `(parts, *shape)` in any float dtype. Cells are processed in blocks that stay in
    the processor's cache.
    """
    shape, parts = truth.centre.shape, truth.centre.shape[0]
    centre, given = truth.centre.reshape(parts, -1), actual.reshape(parts, -1)
    beyond = np.zeros(centre.shape, dtype=bool)
    left_out, open_ = np.zeros_like(beyond), np.zeros_like(beyond)
    ratio = 0.0
    for start in range(0, centre.shape[1], BLOCK):
        cells = slice(start, start + BLOCK)
        q = truth.quantities(cells)
        bound = model(q)
        exempt = _may_overflow(q, bound, dtype)
        with np.errstate(invalid="ignore", over="ignore"):
            distance = np.subtract(given[:, cells], centre[:, cells], dtype=np.float64)
            np.abs(distance, out=distance)
            # the computed distance has a relative rounding error of its own
            slack = truth.radius_of(q.magnitude) + distance * 2.0**-52
            within = distance + slack <= bound
            if within.all():
                ratio = max(ratio, float((distance / bound).max()))
                continue
            finite = np.isfinite(given[:, cells])
            sure = ~finite | (distance - slack > bound)
            exempt = exempt & ~finite  # a finite result has not overflowed
            part = np.where(finite & (bound > 0), distance / bound, 0.0)
        ratio = max(ratio, float(part.max()))
        left_out[:, cells] = exempt
        beyond[:, cells] = sure & ~exempt
        open_[:, cells] = ~exempt & ~sure & ~within
    _decide_exactly(truth, given, model, open_, beyond)
    return Decision(beyond.reshape(shape), left_out.reshape(shape), ratio)


def _decide_exactly(truth: Truth, given: Array, model: Bound, open_: Array, beyond: Array) -> None:
    """Decide the cells in `open_`, which the ball left undecided; update `beyond` in place."""
    places = np.argwhere(open_)
    if not len(places):
        return
    if len(places) > MOST_BY_FRACTIONS:
        bound = np.broadcast_to(model(truth.quantities()), given.shape)
        clean = np.where(np.isfinite(given), given, 0.0).astype(np.float64)
        for part, array in enumerate(exact_parts(truth)):
            far = array.minus(clean[part].reshape(array.shape)).exceeds(
                bound[part].reshape(array.shape)
            )
            beyond[part] |= open_[part] & far.ravel()
        return
    for part, cell in places.tolist():
        index = tuple(int(n) for n in np.unravel_index(cell, truth.centre.shape[1:]))
        value, _ = element(truth, part, index)
        allowed = float(model(truth.quantities(slice(cell, cell + 1)))[part, 0])
        error = abs(value - Fraction(float(given[part, cell])))
        beyond[part, cell] = error > Fraction(allowed)


def _may_overflow(q: Quantities, bound: Array, dtype: str) -> Array:
    """Mark cells where a partial sum may overflow the format, so that inf or nan is legitimate."""
    form = real_format(dtype)
    accumulator = DTYPES[dtype].sums
    growth = 1 + (q.terms + 2) * accumulator.unit
    if float(q.magnitude.max()) * growth + float(bound.max()) < form.largest:
        return np.zeros(bound.shape, dtype=bool)
    return np.asarray(q.magnitude * growth + bound >= form.largest)


def worst_element(
    truth: Truth, actual: Array, decision: Decision, bound: Array, dtype: str
) -> Worst:
    """Find the element that exceeds the bound most, or comes closest to it."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        ratio = np.abs(actual - truth.centre.astype(np.float64)) / np.maximum(bound, 5e-324)
    ratio = np.where(np.isfinite(actual), ratio, np.inf)
    chosen = np.where(decision.beyond, ratio + 1, -1.0) if decision.beyond.any() else ratio
    chosen = np.where(decision.left_out, -2.0, chosen)
    part, *rest = (int(n) for n in np.unravel_index(int(np.argmax(chosen)), chosen.shape))
    index = tuple(rest)
    exact, cells = element(truth, part, index)
    value = float(actual[(part, *index)])
    error = nearest_float(abs(exact - Fraction(value))) if np.isfinite(value) else float("inf")
    return Worst(
        place_name(truth, part, index),
        index,
        part,
        exact,
        nearest(exact, real_format(dtype)),
        value,
        error,
        float(bound[(part, *index)]),
        tuple(cells),
    )


NAMES = {"output": "y", "grad_input": "grad_x", "grad_weight": "grad_w", "grad_bias": "grad_b"}


def place_name(truth: Truth, part: int, index: tuple[int, ...]) -> str:
    """Name an element, such as `y[0, 1, 2, 3]`, with `.real` or `.imag` for complex data."""
    suffix = (".real", ".imag")[part] if truth.complex else ""
    return f"{NAMES[truth.name]}[{', '.join(map(str, index))}]{suffix}"


def nearest_float(value: Fraction) -> float:
    """Round an exact value to a float; infinity on overflow."""
    try:
        return float(value)
    except OverflowError:
        return float("-inf") if value < 0 else float("inf")
