"""Fast acceptance of real-valued results that are well within the sharpest bound.

The interval around the centre, computed in float64, is narrower than what `judge` allows; results
outside it are decided there by exact arithmetic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from symconv.campaign.case import Case
from symconv.campaign.contractions import Plan
from symconv.exact.contract import float64_error
from symconv.exact.dtypes import DTYPES, REAL, real_format
from symconv.exact.nonfinite import loose_cells

Array = np.ndarray[Any, Any]

BOUNDS = {
    name: (
        real_format(name).unit if DTYPES[name].half else 0.0,
        DTYPES[name].sums.unit,
        2.0 ** real_format(name).least_exponent,
    )
    for name in REAL
    if DTYPES[name].sums == real_format("float32")
}
"""Terms of the sharpest bounds of `judge`: factor of |y|, factor of A, and underflow."""
FAR = 2.0**100
"""Sums of magnitudes below this are far from overflow in float64."""


@dataclass(frozen=True, slots=True)
class Near:
    """Accepted values of the results of one call, all results flattened and concatenated.

    Attributes:
        names: names of the results, in their order.
        centre: the sums in float64, which are always accepted.
        low, high: interval that is accepted too; empty if low is above high.
        loose: cells where inf or nan operands allow any value; None if there are none.
    """

    names: tuple[str, ...]
    centre: Array
    low: Array
    high: Array
    loose: Array | None

    def holds(self, actual: Array) -> bool:
        """Whether every cell of the concatenated results is accepted."""
        fits = (actual >= self.low) & (actual <= self.high)
        if not fits.all():
            fits |= actual == self.centre
            if self.loose is not None:
                fits |= (np.isnan(actual) & np.isnan(self.centre)) | self.loose
        return bool(fits.all())


def near(case: Case, plan: Plan, values: Mapping[str, Array], sums: Mapping[str, Array]) -> Near:
    """Build from the operands and each result's sums and sums of magnitudes, `(2, *shape)`."""
    names = tuple(sums)
    stored, unit, flushed = BOUNDS[case.dtype]
    terms = [_terms(case, plan, name) for name in names]
    counts = [sums[name][0].size for name in names]
    factors = np.repeat([n * unit - float64_error(n + 3) for n in terms], counts)
    centre, sizes = np.concatenate([sums[name].reshape(2, -1) for name in names], axis=1)
    with np.errstate(invalid="ignore", over="ignore"):
        allowed = factors * sizes + flushed
        if stored:
            allowed += stored * np.abs(centre)
        allowed *= 1 - 2.0**-20  # the rounding of low and high is far smaller
        allowed[~(sizes < FAR)] = -np.inf
        low, high = centre - allowed, centre + allowed
    loose = None
    if case.pattern == "special":
        loose = np.zeros(len(centre), dtype=bool)
        if "grad_weight" in names:
            start = sum(counts[: names.index("grad_weight")])
            cells = loose_cells(plan.geometry, values["x"], values["grad"])
            spread = np.broadcast_to(cells, plan.weight_shape).ravel()
            loose[start : start + spread.size] = spread
    return Near(names, centre, low, high, loose)


def _terms(case: Case, plan: Plan, name: str) -> int:
    """Largest number of terms in a cell: products of all samples, plus the bias."""
    terms = plan.terms[name] * (max(case.batch, 1) if "grad_" in name else 1)
    return max(terms + int(case.bias and name == "output"), 1)
