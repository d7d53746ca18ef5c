"""The cause of a minimal finding: a mistake that explains its numbers, else its terms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from symconv.errors import SymconvError
from symconv.fuzz.case import Case
from symconv.fuzz.diagnosis.catalogue import CATALOGUE, Mistake
from symconv.fuzz.diagnosis.terms import cells, describe
from symconv.fuzz.finding import Finding
from symconv.fuzz.plan import Plan
from symconv.fuzz.values import operands

RESULT_OF = {"value": "output", "non-finite": "output"}
MOST_COMPARED = 80
"""Findings that every mistake of the catalogue is tried on."""
Decode = Callable[[Case], dict[str, Any] | None]


def explains(mistake: Mistake, finding: Finding) -> bool | None:
    """The mistake gives the wrong numbers of a finding; None where it cannot be compared."""
    if not finding.results:
        return None
    name = RESULT_OF.get(finding.kind, finding.kind)
    case = finding.case
    try:
        plan = Plan(case.geometry())
        predicted = mistake.predict(case, operands(case, plan))
    except (SymconvError, ValueError, IndexError):
        return False
    if predicted is None or name not in predicted:
        return False
    actual = np.array([float(v) for v in finding.results["actual"]])
    expected = predicted[name].ravel()
    if actual.size != expected.size or np.iscomplexobj(expected):
        return False
    if case.pattern == "whole":
        return bool(np.array_equal(actual, expected))
    size = np.abs(expected[np.isfinite(expected)]).max(initial=0.0)
    return bool(np.allclose(actual, expected, rtol=1e-2, atol=1e-6 * size, equal_nan=True))


def covered(raw: Sequence[Finding]) -> tuple[list[tuple[Mistake, list[Finding]]], list[Finding]]:
    """The fewest mistakes that explain the most findings, greedily; and what none explains.

    A single tiny case may fit several mistakes: the one that fits most findings is the likely one.
    """
    fitting = {
        n: [m.name for m in CATALOGUE if explains(m, finding)]
        for n, finding in enumerate(raw[:MOST_COMPARED])
    }
    names = {m.name: m for m in CATALOGUE}
    open_ = {n for n, fits in fitting.items() if fits}
    chosen: list[tuple[Mistake, list[Finding]]] = []
    while open_:
        votes = Counter(name for n in sorted(open_) for name in fitting[n])
        best = max(names, key=lambda name: votes[name])
        own = sorted(n for n in open_ if best in fitting[n])
        chosen.append((names[best], [raw[n] for n in own]))
        open_ -= set(own)
    rest = [f for n, f in enumerate(raw[:MOST_COMPARED]) if not fitting[n]]
    for finding in raw[MOST_COMPARED:]:
        home = next((members for m, members in chosen if explains(m, finding)), rest)
        home.append(finding)
    return chosen, rest


def cause_of(minimal: Finding, decode: Decode) -> str:
    """The difference in words, for a finding that no known mistake explains."""
    if minimal.kind not in ("value", "grad_input", "grad_weight", "grad_bias", "non-finite"):
        return minimal.detail or minimal.kind
    told = ""
    if minimal.kind == "value":
        decoded = decode(minimal.case)
        told = describe(minimal.case, decoded) if decoded else ""
    where = cells(minimal.results, RESULT_OF.get(minimal.kind, minimal.kind))
    return "; ".join(part for part in (told, where) if part) or minimal.detail
