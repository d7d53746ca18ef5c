"""A claim with its computed verdict, its known verdict, and its cross-check with torch."""

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
class TourClaim:
    """One judged statement about transposed convolution.

    Attributes:
        id: a short name.
        sentence: the statement.
        verdict: the computed verdict.
        expected: the outcome that mathematics gives; any other one is a fault of symconv.
        check: the cross-check of the result with torch.
        truth: the true statement, if `sentence` is false.
        blocks: the blocks that the page shows before the verdict.
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
        """Whether the verdict is the expected one and torch does not contradict the result."""
        return self.verdict.outcome is self.expected and self.check.outcome is not Outcome.REFUTED

    def to_json(self) -> dict[str, Any]:
        """The claim as JSON values."""
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
        """The blocks of the claim: heading, derivation, verdict with scope, cross-check."""
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
            blocks.append(paragraph("Correct statement: " + self.truth))
        detail = f" {self.check.detail}." if self.check.detail else ""
        blocks.append(Badge("CROSS-CHECK", f"{self.check.mark}.{detail}"))
        blocks += theorems.badges(self.id)
        if not self.as_expected:
            blocks.append(Badge("FAULT", f"correct verdict: {self.expected.value}"))
        return blocks


Maker = Callable[[Sequence[str]], TourClaim]
"""A function that judges one claim, with torch on the given devices for the cross-check."""


def shown(value: Any) -> str:
    """Nested lists of exact entries as text."""
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(shown(v) for v in value) + "]"
    return str(value)


def judge_equal(
    evidence: Evidence, expected: Sequence[Any], actual: Sequence[Any], shape: Sequence[int]
) -> Verdict:
    """HOLDS if the flat sequences are equal, else REFUTED with the first entry that differs.

    `shape` is the shape of the tensor, for the index in the verdict.
    """
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
    """The verdict, changed to REFUTED if it holds but an oracle disagrees with `result`.

    If the verdict holds, its `cause` lists the oracles that agree.
    """
    checks = oracle_checks(geometry, x, w, bias, result)
    for check in checks:
        if check.outcome is Outcome.REFUTED and verdict.outcome is Outcome.HOLDS:
            return replace(
                verdict,
                outcome=Outcome.REFUTED,
                expected=f"the result of the {check.name}",
                actual=check.note,
            )
    agreeing = [c.name for c in checks if c.outcome is Outcome.HOLDS]
    if verdict.outcome is Outcome.HOLDS and agreeing:
        return replace(
            verdict, reasons=stated(f"Independent definitions agree: {', '.join(agreeing)}.")
        )
    return verdict


def judged(make: Maker, devices: Sequence[str]) -> TourClaim:
    """The claim that `make` returns, or an undecided one with the error if it raises.

    A claim is never skipped.
    """
    try:
        return make(devices)
    except Exception as error:  # the page and the exit code must report any failure
        sentence = (make.__doc__ or make.__name__).strip()
        evidence = computed(sentence, "nothing", "run the tour again")
        cause = f"This claim could not be computed: {type(error).__name__}: {error}"
        verdict = Verdict(Outcome.UNDECIDED, evidence, reasons=stated(cause))
        check = CrossCheck((make.__name__,), reason="there is no result")
        return TourClaim(make.__name__.replace("_", "-"), sentence, verdict, Outcome.HOLDS, check)
