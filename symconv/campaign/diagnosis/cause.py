"""The cause of a minimal finding: a mistake that explains its numbers, or else its terms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from symconv.campaign.case import Case
from symconv.campaign.contractions import Plan
from symconv.campaign.diagnosis.mistakes import CATALOGUE, Mistake
from symconv.campaign.diagnosis.terms import cells, describe
from symconv.campaign.finding import Finding
from symconv.campaign.operand_values import operands
from symconv.core.errors import SymconvError
from symconv.exact.dtypes import DTYPES
from symconv.results.reasons import Reasons, stated

MOST_COMPARED = 80
"""Upper limit on the findings that every mistake of the catalogue is tried on."""
LIKELY = 0.5
"""Fraction of the findings in which a mistake would show whose numbers it must predict."""
Array = np.ndarray[Any, Any]
Decode = Callable[[Case], dict[str, Any] | None]


def explains(mistake: Mistake, finding: Finding) -> bool | None:
    """Whether the mistake predicts the numbers of a finding; None if they were not stored."""
    if not finding.results:
        return None
    expected = _predicted(mistake, finding)
    return expected is not None and _fits(expected, finding)


def _predicted(mistake: Mistake, finding: Finding) -> Array | None:
    """The result that the mistake predicts; None if that is the exact result or does not apply."""
    name, case = finding.result, finding.case
    try:
        plan = Plan(case.geometry())
        predicted = mistake.predict(case, operands(case, plan))
    except (SymconvError, ValueError, IndexError):
        return None
    if predicted is None or name not in predicted:
        return None
    expected = predicted[name].ravel()
    if len(finding.results["exact"]) != expected.size or np.iscomplexobj(expected):
        return None
    return None if _alike(finding, "exact", expected) else expected


def _fits(expected: Array, finding: Finding) -> bool:
    return _alike(finding, "actual", expected)


def _alike(finding: Finding, which: str, expected: Array) -> bool:
    seen = np.array([float(v) for v in finding.results[which]])
    if finding.case.pattern == "whole":
        return bool(np.array_equal(seen, expected))
    size = np.abs(expected[np.isfinite(expected)]).max(initial=0.0)
    rough = 1e-2 if DTYPES[finding.case.dtype].half else 1e-4
    return bool(np.allclose(seen, expected, rtol=rough, atol=1e-6 * size, equal_nan=True))


def covered(raw: Sequence[Finding]) -> tuple[list[tuple[Mistake, list[Finding]]], list[Finding]]:
    """Explain findings by few mistakes, greedily; return these with their findings, and the rest.

    A single tiny case may fit several mistakes: the one that fits most findings is the likely one.
    A mistake that would show in many findings but fits fewer than `LIKELY` of them is dropped.
    """
    tried = [f for f in raw if f.results and f.case.pattern == "whole"][:MOST_COMPARED]
    names = {m.name: m for m in CATALOGUE}
    fitting: dict[str, set[int]] = {}
    for name, mistake in names.items():
        predicted = [_predicted(mistake, finding) for finding in tried]
        fits = {
            n
            for n, (p, f) in enumerate(zip(predicted, tried, strict=True))
            if p is not None and _fits(p, f)
        }
        if fits and len(fits) >= LIKELY * sum(p is not None for p in predicted):
            fitting[name] = fits
    chosen: list[tuple[Mistake, list[Finding]]] = []
    open_ = set().union(*fitting.values()) if fitting else set()
    while open_:
        best = max(fitting, key=lambda name: len(fitting[name] & open_))
        chosen.append((names[best], [tried[n] for n in sorted(fitting[best] & open_)]))
        open_ -= fitting[best]
    placed = {id(f) for _, members in chosen for f in members}
    rest: list[Finding] = []
    for finding in raw:
        if id(finding) not in placed:
            home = next((members for m, members in chosen if explains(m, finding)), rest)
            home.append(finding)
    return chosen, rest


def cause_of(minimal: Finding, decode: Decode) -> Reasons:
    """The wrong products or cells of a finding that no known mistake explains."""
    if minimal.kind not in ("value", "grad_input", "grad_weight", "grad_bias"):
        # also for a lost inf: only the sums of the finite terms are stored
        return minimal.reasons or stated(minimal.kind)
    products: Reasons = ()
    if minimal.kind == "value":
        decoded = decode(minimal.case)
        products = describe(minimal.case, decoded) if decoded else ()
    return (*products, *cells(minimal.results, minimal.result)) or minimal.reasons
