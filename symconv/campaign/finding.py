"""What a case was found to be guilty of.

Whether a configuration has all that a smaller one has, so that a fault of that one shows too.

A sign, no proof: a fault may need what a larger configuration lacks, an odd size for example.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

import numpy as np

from symconv.campaign.case import Case, from_json
from symconv.core.errors import ParseError
from symconv.exact.deciding import NAMES
from symconv.results.evidence import UNDECIDED, WRONG
from symconv.targets.calling import masked

FULL = "out of memory"
"""The limit of a worker was reached, or that of the machine; that refutes nothing."""
ENDED = "ended from outside"
"""The process ended by a signal or a limit from outside, or in a way that did not come again
alone; that refutes nothing."""
DEATHS = ("crash", "exit", "hang", FULL, ENDED)
"""Kinds that end the worker, or may."""
SMALL = 2048
"""Results of at most so many numbers are kept with a finding."""
RESULTS = {name: result for result, name in NAMES.items()}
"""By the name that places in them have."""
NOT_JUDGED = "not judged"
"""Something that the target returned broke the judge; that refutes nothing."""
OPEN = (NOT_JUDGED, FULL, ENDED)
"""Kinds that refute nothing."""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What became of one case.

    Attributes:
        outcome: one of `CASE_OUTCOMES`.
        finding: the fault, or what could not be judged; None where there is nothing to tell.
        reason: why it is undecided or unsupported, with N for numbers.
    """

    outcome: str
    finding: Finding | None = None
    reason: str = ""


def found(finding: Finding) -> CaseResult:
    """The result of a case with a finding."""
    return CaseResult(WRONG if finding.refutes else UNDECIDED, finding)


@dataclass(frozen=True, slots=True)
class Finding:
    """A case with its fault.

    Attributes:
        kind: `crash`, `hang`, `out of memory`, `exit`, `exception`, `shape`, `dtype`, `value`,
            `grad_input`, `non-finite`, `accepts illegal` and the like.
        case: that shows it.
        detail: the signal, the type of an exception, the verdict's cause.
        where: the deciding element.
        expected, actual: there.
        bound: what would have been allowed.
        results: the result that is wrong, and the right one, flat, where they are small.
        kernel: that torch's dispatcher chooses.
        cause: the mistake that explains it, once it is diagnosed.
        alike: how many raw findings it stands for.
        unexamined: how many of these are of the same kind, and it is not known whether of the same
            fault.
        reproduced: `3 of 3` runs alone.
        message: of an exception, all lines.
        frame: of an exception, the innermost one in the target.
        exception: of an exception, its class.
        place: `(batch, index)` in the campaign, for order.
    """

    kind: str
    case: Case
    detail: str = ""
    where: str = ""
    expected: str = ""
    actual: str = ""
    bound: str = ""
    results: dict[str, Any] = field(default_factory=dict)
    kernel: str = ""
    cause: str = ""
    alike: int = 1
    unexamined: int = 0
    reproduced: str = ""
    place: tuple[int, int] = (-1, -1)
    message: str = ""
    frame: str = ""
    exception: str = ""

    @property
    def refutes(self) -> bool:
        """It is evidence against the target, not a limit of the machine or of the judge."""
        return self.kind not in OPEN

    @property
    def group(self) -> str:
        """What raw findings of one fault have in common before any of them is understood."""
        kind = masked(self.detail)[:80] if self.kind in ("exception", "crash") else ""
        case = self.case
        parts = [self.kind, kind, case.dtype, case.device, self.kernel]
        return "|".join([*parts, *(f"{n}={on}" for n, on in case.switches)])

    @property
    def result(self) -> str:
        """The result that is wrong: `output`, or the gradient that the kind or the place names."""
        if self.kind in NAMES:
            return self.kind
        return RESULTS.get(self.where.partition("[")[0], "output")

    @property
    def id(self) -> str:
        """Of the raw finding: where it was found and what it is."""
        text = f"{self.kind}/{self.place}/{self.case.key if self.place[0] < 0 else ''}"
        return hashlib.sha256(text.encode()).hexdigest()[:10]

    def same_fault(self, other: Finding | None) -> bool:
        """Another run of a smaller case shows the same fault."""
        if other is None or other.kind != self.kind:
            return False
        if self.kind == "exception":
            return masked(other.detail) == masked(self.detail)
        if self.kind in ("crash", "exit"):
            return other.detail.split(":")[0] == self.detail.split(":")[0]
        return True

    def to_json(self) -> dict[str, Any]:
        """The record as JSON values."""
        found = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return found | {"case": self.case.to_json(), "place": list(self.place)}


def finding_from_json(data: Any) -> Finding:
    """A finding as a store or a file holds it; every field is checked.

    Raises:
        ParseError: a field is damaged.
    """
    known = {n: data[n] for n in Finding.__dataclass_fields__ if n in data and n != "case"}
    place = known.get("place", [-1, -1])
    if (
        not isinstance(place, (list, tuple))
        or len(place) != 2
        or any(type(n) is not int for n in place)
    ):
        raise ParseError(f"finding: place is {str(place)[:60]}; a batch and a number are needed")
    known["place"] = tuple(place)
    for name, value in known.items():
        wanted = _FIELDS.get(name, str)
        if name != "place" and (not isinstance(value, wanted) or isinstance(value, bool)):
            raise ParseError(
                f"finding: {name} is {str(value)[:60]!r}; a {wanted.__name__} is needed"
            )
    return Finding(case=from_json(data["case"]), **known)


_FIELDS: dict[str, type] = {"results": dict, "alike": int, "unexamined": int}
"""Types of fields other than text."""


def at(finding: Finding, batch: int, index: int) -> Finding:
    """The same, with its place in a campaign."""
    return replace(finding, place=(batch, index))


def kept(actual: np.ndarray[Any, Any], exact: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Small results as they go into a file."""
    if actual.size > SMALL or actual.shape != exact.shape or np.iscomplexobj(actual):
        return {}

    def flat(values: np.ndarray[Any, Any]) -> list[Any]:
        return [v if math.isfinite(v) else str(v) for v in map(float, values.ravel().tolist())]

    return {"shape": list(actual.shape), "actual": flat(actual), "exact": flat(exact)}


AXIS = ("size", "kernel_size", "stride", "padding", "output_padding", "dilation")
COUNTS = ("in_channels", "out_channels", "groups", "threads")
LAYOUTS = ("x_layout", "w_layout", "grad_layout")


def contains(case: Case, smaller: Case) -> bool:
    """No parameter of `smaller` is above that of `case`, and what is special there is here too."""
    if (case.dtype, case.device, case.switches) != (
        smaller.dtype,
        smaller.device,
        smaller.switches,
    ):
        return False
    if any(getattr(case, name) < getattr(smaller, name) for name in COUNTS):
        return False
    if max(case.batch, 1) < smaller.batch or (smaller.batch == 0 and case.batch):
        return False
    if (smaller.bias and not case.bias) or (smaller.gradients and not case.gradients):
        return False
    if smaller.pattern not in ("whole", case.pattern):
        return False
    for name in LAYOUTS:
        if getattr(smaller, name) not in ("contiguous", getattr(case, name)):
            return False
    own, other = (
        list(zip(*(getattr(c, name) for name in AXIS), strict=True)) for c in (case, smaller)
    )
    return any(
        all(
            a >= b
            for axis, least in zip(chosen, other, strict=True)
            for a, b in zip(axis, least, strict=True)
        )
        for chosen in combinations(own, len(other))
    )
