"""Verdicts and their evidence: what is claimed, for which domain, how it is known, what is trusted.

Badges, JSON, page marks and exit codes are all derived from these records, so no code can print a
verdict without its scope.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from symconv.core.errors import Refuted, Undecided
from symconv.results.reasons import Reasons
from symconv.results.words import sentences


class Method(Enum):
    """How a statement is known; the value is the badge."""

    KERNEL = "PROVED, all sizes (kernel)"
    ROCQ = "PROVED, all sizes (Rocq)"
    IDENTICAL = "IDENTICAL at this shape"
    COMPUTED = "COMPUTED"
    DECODED = "DECODED"
    CHECKED = "CHECKED"
    BOUND = "WITHIN BOUND"


class Semantics(Enum):
    """The numbers that a statement is about."""

    RING = "any commutative ring that contains the constants"
    RATIONALS = "exact rational numbers"
    INTEGERS = "exact integers"
    IEEE = "IEEE floating point"


class Outcome(Enum):
    """The outcome of a statement; the value is the word in JSON and on pages.

    >>> import symconv
    >>> symconv.Outcome.REFUTED.exit_code
    1
    """

    HOLDS = "holds"
    REFUTED = "refuted"
    UNDECIDED = "undecided"

    @property
    def exit_code(self) -> int:
        """0 holds, 1 refuted, 3 undecided."""
        return {Outcome.HOLDS: 0, Outcome.REFUTED: 1, Outcome.UNDECIDED: 3}[self]


EXACT, WITHIN, UNDECIDED, DECLINED, WRONG = CASE_OUTCOMES = (
    "exact",
    "within bound",
    "undecided",
    "unsupported",
    "refuted",
)
"""Outcomes of a case of an implementation, in the order of headlines."""


FORM_TRUSTED = ("the definition of the form (geometry.py)", "Python's and NumPy's integers")
"""What every COMPUTED answer relies on."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The scope of an answer.

    Attributes:
        statement: what is claimed, as a sentence.
        domain: the sizes, shapes and values that it covers.
        semantics: the numbers that it is about.
        method: how it is known; its value is the badge.
        trusted: what must be trusted for the answer to hold.
        refute_by: how a reader can show that it is wrong, if it is.
        algorithm_class: for implementations, the algorithms that the judgement is valid for.

    >>> import symconv
    >>> symconv.size(4, 3).verdict.evidence.domain
    'these parameters, any values and channels'
    """

    statement: str
    domain: str
    semantics: Semantics
    method: Method
    trusted: tuple[str, ...]
    refute_by: str
    algorithm_class: str = "none: exact arithmetic has no rounding"

    def to_json(self) -> dict[str, Any]:
        """The record as JSON values."""
        return {
            "statement": self.statement,
            "domain": self.domain,
            "semantics": self.semantics.value,
            "method": self.method.value,
            "algorithm_class": self.algorithm_class,
            "trusted": list(self.trusted),
            "refute_by": self.refute_by,
        }


@dataclass(frozen=True, slots=True, repr=False)
class Verdict:
    """The answer about one statement. It has no truth value: read `outcome` or call `require`.

    Attributes:
        outcome: holds, refuted or undecided.
        evidence: the scope.
        where: the place that decided, for instance an output index.
        expected: what the statement says about that place.
        actual: what is found there.
        bound: the largest allowed difference, None for exact answers.
        reasons: why, as data; `cause` is the same as a sentence.

    >>> import symconv
    >>> symconv.derive([1, 2], [1, 3]).verdict.badge
    'COMPUTED'
    """

    outcome: Outcome
    evidence: Evidence
    where: str = ""
    expected: str = ""
    actual: str = ""
    bound: str | None = None
    reasons: Reasons = ()

    def __repr__(self) -> str:
        return self.story

    def __bool__(self) -> bool:
        raise TypeError("a Verdict has no truth value: read .outcome, or call .require()")

    @property
    def badge(self) -> str:
        """The method for a statement that holds, else REFUTED or UNDECIDED."""
        if self.outcome is Outcome.HOLDS:
            return str(self.evidence.method.value)
        return str(self.outcome.value).upper()

    @property
    def cause(self) -> str:
        """The reasons as text; for a refuted statement, what is true instead."""
        return sentences(self.reasons)

    @property
    def exit_code(self) -> int:
        """What the command line returns."""
        return self.outcome.exit_code

    @property
    def story(self) -> str:
        """The verdict as sentences."""
        parts = [f"{self.badge}: {self.evidence.statement} ({self.evidence.domain})"]
        if self.expected or self.actual:
            place = f" at {self.where}" if self.where else ""
            parts.append(f"expected {self.expected}, got {self.actual}{place}")
        parts += [text for text in (self.cause, f"To refute: {self.evidence.refute_by}") if text]
        return ". ".join(p.rstrip(".") for p in parts) + "."

    def require(self) -> None:
        """Return only if the statement holds.

        Raises:
            Refuted: the message gives the counterexample.
            Undecided: the message gives the reason.
        """
        if self.outcome is Outcome.REFUTED:
            raise Refuted(self.story)
        if self.outcome is Outcome.UNDECIDED:
            raise Undecided(self.story)

    def to_json(self) -> dict[str, Any]:
        """The record as JSON values."""
        return {
            "verdict": self.outcome.value,
            "badge": self.badge,
            "evidence": self.evidence.to_json(),
            "where": self.where,
            "expected": self.expected,
            "actual": self.actual,
            "bound": self.bound,
            "cause": self.cause,
            "reasons": [reason.to_json() for reason in self.reasons],
        }


def combine(outcomes: Iterable[Outcome]) -> Outcome:
    """Refuted if any outcome is, else undecided if any is or if there are none."""
    seen = set(outcomes)
    if not seen:
        return Outcome.UNDECIDED
    for outcome in (Outcome.REFUTED, Outcome.UNDECIDED):
        if outcome in seen:
            return outcome
    return Outcome.HOLDS


def computed(
    statement: str, domain: str, refute_by: str, *, semantics: Semantics = Semantics.RATIONALS
) -> Evidence:
    """Evidence of an exact computation with the form on given numbers."""
    return Evidence(statement, domain, semantics, Method.COMPUTED, FORM_TRUSTED, refute_by)


def identical(statement: str, domain: str, refute_by: str) -> Evidence:
    """Evidence of equal polynomials, which implies equality for every value, at one shape."""
    return Evidence(statement, domain, Semantics.RING, Method.IDENTICAL, FORM_TRUSTED, refute_by)
