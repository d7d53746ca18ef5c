"""Which cells of a result break a bound, and the element that tells why.

A float64 centre with a certified radius decides nearly every cell; exact arithmetic decides the
rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from symconv.arithmetic.dyadic import LIMB, from_groups
from symconv.arithmetic.formats import real_format
from symconv.arithmetic.truth import Truth

Array = np.ndarray[Any, Any]

MOST_BY_FRACTIONS = 64


@dataclass(frozen=True, slots=True)
class Worst:
    """The element that decided.

    Attributes:
        place: `y[n, c, i, j]`, with the part of a complex number.
        exact: the true value, as a fraction.
        rounded: the true value in the dtype.
        actual: what the implementation returned.
        error: |actual - exact|, rounded to float64.
        bound: what the model allows there.
        products: the terms of the exact sum, `(left index, right index)`.
    """

    place: str
    exact: Fraction
    rounded: float
    actual: float
    error: float
    bound: float
    products: tuple[Any, ...]


@dataclass(frozen=True)
class Decision:
    """Which cells break a bound, exactly decided."""

    beyond: Array
    bound: Array
    left_out: Array


def decide(truth: Truth, actual: Array, bound: Array, dtype: str) -> Decision:
    """Compare with a bound: the ball where it decides, exact arithmetic elsewhere."""
    form = real_format(dtype)
    finite = np.isfinite(actual)
    # a legitimate intermediate overflow: the magnitudes may pass the largest number
    accumulator = real_format("float32") if dtype in ("float16", "bfloat16") else form
    may_overflow = (
        truth.magnitude * (1 + (truth.terms + 2) * accumulator.unit) + bound >= form.largest
    )
    left_out = may_overflow
    with np.errstate(invalid="ignore", over="ignore"):
        distance = np.abs(actual - truth.centre)
        slack = truth.radius + distance * 2.0**-52
        sure = ~left_out & (~finite | (distance - slack > bound))
        open_ = ~left_out & finite & ~sure & (distance + slack > bound)
    beyond = sure.copy()
    places = np.argwhere(open_)
    if len(places) > MOST_BY_FRACTIONS:
        clean = np.where(finite, actual, 0.0)
        for part, array in enumerate(truth.exact()):
            beyond[part] |= open_[part] & array.minus(clean[part]).exceeds(bound[part])
    else:
        for part, *rest in places.tolist():
            index = tuple(rest)
            value, _ = truth.element(part, index)
            error = abs(value - Fraction(float(actual[(part, *index)])))
            beyond[(part, *index)] = error > Fraction(float(bound[(part, *index)]))
    return Decision(beyond, bound, left_out)


def worst_element(truth: Truth, actual: Array, decision: Decision, dtype: str) -> Worst:
    """The element that breaks the bound most, or comes nearest to it."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        ratio = np.abs(actual - truth.centre) / np.maximum(decision.bound, 5e-324)
    ratio = np.where(np.isfinite(actual), ratio, np.inf)
    chosen = np.where(decision.beyond, ratio + 1, -1.0) if decision.beyond.any() else ratio
    chosen = np.where(decision.left_out, -2.0, chosen)
    part, *rest = (int(n) for n in np.unravel_index(int(np.argmax(chosen)), chosen.shape))
    index = tuple(rest)
    exact, cells = truth.element(part, index)
    value = float(actual[(part, *index)])
    error = nearest_float(abs(exact - Fraction(value))) if np.isfinite(value) else float("inf")
    name = {"output": "y", "grad_input": "grad_x", "grad_weight": "grad_w"}.get(
        truth.name, "grad_b"
    )
    letters = f"{name}[{', '.join(map(str, index))}]"
    suffix = (".real", ".imag")[part] if truth.complex else ""
    return Worst(
        letters + suffix,
        exact,
        _nearest(exact, dtype),
        value,
        error,
        float(decision.bound[(part, *index)]),
        tuple(cells),
    )


def nearest_float(value: Fraction) -> float:
    """An exact value as a float, infinite beyond the largest."""
    try:
        return float(value)
    except OverflowError:
        return float("-inf") if value < 0 else float("inf")


def _nearest(value: Fraction, dtype: str) -> float:
    """The number of a format that is nearest to an exact value."""
    form = real_format(dtype)
    low = value.denominator.bit_length() - 1
    digits = abs(value.numerator)
    groups = []
    while digits:
        groups.append(np.array([digits & ((1 << LIMB) - 1)], dtype=np.int64))
        digits >>= LIMB
    if not groups:
        return 0.0
    array = from_groups(groups, -low)
    found = float(array.rounded(form)[0])
    return -found if value < 0 else found
