"""A claim with its verdict, the verdict that mathematics gives it, and its cross-check."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from symconv.core.form import unflatten
from symconv.core.geometry import Geometry
from symconv.derivation.checks import oracle_checks
from symconv.notebook import theorems
from symconv.render.tree import Badge, Block, Heading, paragraph
from symconv.results.evidence import Evidence, Outcome, Verdict, computed
from symconv.results.reasons import stated
from symconv.targets.comparing import CrossCheck


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence about transposed convolution, judged.

    Attributes:
        id: short name.
        sentence: what is claimed.
        verdict: what the computation says.
        expected: what mathematics says; anything else is a fault of symconv.
        check: the same against torch.
        truth: for a false sentence, the true one.
        blocks: what the page shows before the verdict.
    """

    id: str
    sentence: str
    verdict: Verdict
    expected: Outcome
    check: CrossCheck
    truth: str = ""
    blocks: tuple[Block, ...] = ()

    @property
    def as_expected(self) -> bool:
        """The verdict is mathematics' and torch does not contradict it."""
        return self.verdict.outcome is self.expected and self.check.outcome is not Outcome.REFUTED

    def to_json(self) -> dict[str, Any]:
        """The record as JSON values."""
        return {
            "id": self.id,
            "claim": self.sentence,
            "verdict": self.verdict.outcome.value,
            "expected": self.expected.value,
            "badge": self.verdict.badge,
            "evidence": self.verdict.evidence.to_json(),
            "witness": {
                "where": self.verdict.where,
                "expected": self.verdict.expected,
                "actual": self.verdict.actual,
            },
            "cause": self.verdict.cause,
            "truth": self.truth,
            "cross_check": self.check.to_json(),
            "theorems": theorems.to_json(self.id),
        }

    def section(self) -> list[Block]:
        """The claim on the page: heading, derivation, verdict with scope, cross-check."""
        verdict, evidence = self.verdict, self.verdict.evidence
        blocks: list[Block] = [Heading(3, self.sentence), *self.blocks]
        scope = f"{evidence.domain}; {evidence.semantics.value}"
        blocks.append(Badge(f"{verdict.outcome.value.upper()}, {verdict.badge}", scope + "."))
        if verdict.outcome is Outcome.HOLDS:
            blocks[-1] = Badge(f"HOLDS, {verdict.badge}", scope + ".")
        elif verdict.outcome is Outcome.REFUTED:
            place = f" at {verdict.where}" if verdict.where else ""
            witness = f"Expected {verdict.expected}, found {verdict.actual}{place}."
            blocks[-1] = Badge("REFUTED", f"{witness} {scope}.")
        if verdict.cause:
            blocks.append(paragraph(verdict.cause))
        if self.truth:
            blocks.append(paragraph("True instead: " + self.truth))
        detail = f" {self.check.detail}." if self.check.detail else ""
        blocks.append(Badge("CROSS-CHECK", f"{self.check.mark}.{detail}"))
        blocks += theorems.badges(self.id)
        if not self.as_expected:
            blocks.append(Badge("FAULT", f"mathematics says: {self.expected.value}"))
        return blocks


Maker = Callable[[Sequence[str]], Claim]
"""Judges one claim, with torch on the named devices."""


def shown(value: Any) -> str:
    """Nested lists of exact entries as text."""
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(shown(v) for v in value) + "]"
    return str(value)


def judge_equal(
    evidence: Evidence, expected: Sequence[Any], actual: Sequence[Any], shape: Sequence[int]
) -> Verdict:
    """Holds iff both flat sequences are equal; else the first place where they differ."""
    if len(expected) != len(actual):
        return Verdict(
            Outcome.REFUTED,
            evidence,
            expected=f"{len(expected)} entries",
            actual=f"{len(actual)} entries",
        )
    for n, (u, v) in enumerate(zip(expected, actual, strict=True)):
        if u != v:
            where = f"entry {', '.join(map(str, unflatten(n, shape)))}"
            return Verdict(Outcome.REFUTED, evidence, where, str(u), str(v))
    return Verdict(Outcome.HOLDS, evidence)


def with_oracles(
    verdict: Verdict,
    geometry: Geometry,
    x: Sequence[int | Fraction],
    w: Sequence[int | Fraction],
    bias: Sequence[int | Fraction] | None,
    result: Sequence[int | Fraction],
) -> Verdict:
    """The verdict, refuted when an independent definition disagrees with the result."""
    checks = oracle_checks(geometry, x, w, bias, result)
    for check in checks:
        if check.outcome is Outcome.REFUTED and verdict.outcome is Outcome.HOLDS:
            return replace(
                verdict,
                outcome=Outcome.REFUTED,
                expected=f"what the {check.name} gives",
                actual=check.note,
            )
    agreeing = [c.name for c in checks if c.outcome is Outcome.HOLDS]
    if verdict.outcome is Outcome.HOLDS and agreeing:
        return replace(
            verdict, reasons=stated(f"Independent definitions agree: {', '.join(agreeing)}.")
        )
    return verdict


def judged(make: Maker, devices: Sequence[str]) -> Claim:
    """The claim; one that cannot even be computed is undecided, never passed over."""
    try:
        return make(devices)
    except Exception as error:  # whatever went wrong, the page must say so and the exit code too
        sentence = (make.__doc__ or make.__name__).strip()
        evidence = computed(sentence, "nothing", "run the tour again")
        cause = f"This claim could not be computed: {type(error).__name__}: {error}"
        verdict = Verdict(Outcome.UNDECIDED, evidence, reasons=stated(cause))
        check = CrossCheck(make.__name__, reason="there is no result")
        return Claim(make.__name__.replace("_", "-"), sentence, verdict, Outcome.HOLDS, check)
