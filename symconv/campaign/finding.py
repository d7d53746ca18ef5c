"""Faults exposed by the cases of a campaign, and which configurations contain others."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

import numpy as np

from symconv.campaign.case import Case, from_json
from symconv.core.errors import ParseError
from symconv.exact.deciding import NAMES
from symconv.results.evidence import UNDECIDED, WRONG
from symconv.results.reasons import (
    Reason,
    ReasonKind,
    Reasons,
    because,
    key_of,
    reason_from_json,
    stated,
)
from symconv.results.words import sentence, sentences
from symconv.targets.fault_kinds import FAULT_KINDS

SMALL = 2048
"""Upper limit on the number of elements of a result that is stored with a finding."""
RESULTS = {name: result for result, name in NAMES.items()}
"""Results by the letter used for their elements in `where`."""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """Result of one case.

    Attributes:
        outcome: one of `CASE_OUTCOMES`.
        finding: the fault, or what could not be judged; None if there is nothing to report.
        reason: why the case is undecided or unsupported.
        result: the result that the reason is about, "" for the whole call.
    """

    outcome: str
    finding: Finding | None = None
    reason: Reason | None = None
    result: str = ""

    @property
    def key(self) -> str:
        """The same text for all cases that are undecided or unsupported for the same reason."""
        return "" if self.reason is None else f"{self.outcome}|{self.result}|{self.reason.key}"

    @property
    def text(self) -> str:
        """The outcome and its reason as text."""
        return f"{self.outcome}: {self.why}" if self.reason else self.outcome

    @property
    def why(self) -> str:
        """The reason as text, with the result that it is about."""
        about = f"{self.result}: " if self.result else ""
        return f"{about}{sentence(self.reason)}" if self.reason else ""


def case_result_from_json(key: str, data: Sequence[Any]) -> CaseResult:
    """Read the example of a counted reason: outcome, result and reason.

    Version 0.1 stored only counts under keys that are the text itself.
    """
    if not data:
        return CaseResult(key)
    outcome, result, reason = data
    return CaseResult(outcome, None, reason_from_json(reason), result)


def counted_reasons(results: Iterable[CaseResult]) -> dict[str, list[Any]]:
    """By key: the number of cases undecided or unsupported for that reason, and the first one."""
    counted: dict[str, list[Any]] = {}
    for found in results:
        if found.reason is not None:
            example = [0, found.outcome, found.result, found.reason.to_json()]
            counted.setdefault(found.key, example)[0] += 1
    return counted


def found(finding: Finding) -> CaseResult:
    """The result of a case with a finding."""
    return CaseResult(WRONG if finding.refutes else UNDECIDED, finding)


@dataclass(frozen=True, slots=True)
class Finding:
    """A case and the fault that it exposes.

    Attributes:
        kind: `crash`, `hang`, `out of memory`, `exit`, `exception`, `shape`, `dtype`, `value`,
            `grad_input`, `non-finite`, `accepts illegal`, ...
        case: the case that exposes the fault.
        reasons: what happened: the signal, the exception, the reasons of the verdict.
        result: the wrong result, `output` or a gradient.
        where: the deciding element, such as `y[0, 0, 1, 2]`.
        index, part: the same as numbers; part 1 is the imaginary part of a complex number.
        expected, actual: the exact and the returned value of that element.
        bound: the error that would have been allowed.
        results: the wrong and the exact result, flattened, if they are small.
        kernel: the kernel that torch's dispatcher chooses.
        diagnosis: the cause, once it is known: a mistake that explains the numbers, or what
            differs.
        alike: number of raw findings that this one stands for.
        unexamined: number of these that are of the same kind but may have another fault.
        reproduced: how often it recurred when run on its own, such as `3 of 3`.
        message: all lines of an exception's message.
        frame: innermost frame of an exception in the target.
        exception: class of an exception.
        place: `(batch, index)` in the campaign, for sorting.
    """

    kind: str
    case: Case
    reasons: Reasons = ()
    result: str = "output"
    where: str = ""
    index: tuple[int, ...] = ()
    part: int = 0
    expected: str = ""
    actual: str = ""
    bound: str = ""
    results: dict[str, Any] = field(default_factory=dict)
    kernel: str = ""
    diagnosis: Reasons = ()
    alike: int = 1
    unexamined: int = 0
    reproduced: str = ""
    place: tuple[int, int] = (-1, -1)
    message: str = ""
    frame: str = ""
    exception: str = ""

    @property
    def refutes(self) -> bool:
        """Whether it is evidence against the target, not a limit of the machine or the judge."""
        return FAULT_KINDS[self.kind].refutes

    @property
    def group(self) -> str:
        """What raw findings of the same fault have in common before they are diagnosed."""
        kind = key_of(self.reasons) if self.kind in ("exception", "crash") else ""
        case = self.case
        parts = [self.kind, kind, case.dtype, case.device, self.kernel]
        return "|".join([*parts, *(f"{n}={on}" for n, on in case.switches)])

    @property
    def detail(self) -> str:
        """What happened, as text."""
        return sentences(self.reasons)

    @property
    def cause(self) -> str:
        """The diagnosis, as text."""
        return sentences(self.diagnosis)

    @property
    def id(self) -> str:
        """Ten hexadecimal digits that identify a finding by kind and place, or by its case."""
        text = f"{self.kind}/{self.place}/{self.case.key if self.place[0] < 0 else ''}"
        return hashlib.sha256(text.encode()).hexdigest()[:10]

    def same_fault(self, other: Finding | None) -> bool:
        """Whether another run, possibly of a smaller case, shows the same fault."""
        if other is None or other.kind != self.kind:
            return False
        if self.kind == "exception":
            return key_of(other.reasons) == key_of(self.reasons)
        if self.kind in ("crash", "exit"):
            return _ended_alike(self.reasons, other.reasons)
        return True

    def to_json(self) -> dict[str, Any]:
        """The record as JSON values."""
        found = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return found | {
            "case": self.case.to_json(),
            "place": list(self.place),
            "index": list(self.index),
            "reasons": [reason.to_json() for reason in self.reasons],
            "diagnosis": [reason.to_json() for reason in self.diagnosis],
            "detail": self.detail,
            "cause": self.cause,
        }


def _ended_alike(reasons: Reasons, others: Reasons) -> bool:
    """Whether two processes ended by the same signal or exit code, in whatever frame."""
    if not reasons or not others or reasons[0].kind is not others[0].kind:
        return not reasons and not others
    first, second = reasons[0].as_dict(), others[0].as_dict()
    return all(first.get(name) == second.get(name) for name in ("signal", "code", "type"))


def finding_from_json(data: Any) -> Finding:
    """Read a finding from a store or a file, validating every field.

    Raises:
        ParseError: a field is damaged.
    """
    known = {n: data[n] for n in Finding.__dataclass_fields__ if n in data and n not in _READ}
    if str(known.get("kind")) not in FAULT_KINDS:
        raise ParseError(f"finding: kind {str(known.get('kind'))[:40]!r} is not known")
    place = known.get("place", [-1, -1])
    if (
        not isinstance(place, (list, tuple))
        or len(place) != 2
        or any(type(n) is not int for n in place)
    ):
        raise ParseError(
            f"finding: place is {str(place)[:60]}, but must be a pair of integers, batch and number"
        )
    known["place"] = tuple(place)
    for name, value in known.items():
        wanted = _FIELDS.get(name, str)
        if name != "place" and (not isinstance(value, wanted) or isinstance(value, bool)):
            raise ParseError(
                f"finding: {name} is {str(value)[:60]!r}, but must be a {wanted.__name__}"
            )
    index = data.get("index", [])
    if not isinstance(index, (list, tuple)) or any(type(n) is not int for n in index):
        raise ParseError(f"finding: index is {str(index)[:60]}, but must be a list of integers")
    known["index"] = tuple(index)
    if "reasons" not in data:
        known |= _of_version_0_1(data, known)
    else:
        known["reasons"] = tuple(map(reason_from_json, _listed(data, "reasons")))
        known["diagnosis"] = tuple(map(reason_from_json, _listed(data, "diagnosis")))
    return Finding(case=from_json(data["case"]), **known)


def _listed(data: Any, name: str) -> list[Any]:
    found = data.get(name, [])
    if not isinstance(found, list):
        raise ParseError(f"finding: {name} is {str(found)[:60]}, but must be a list")
    return found


def _of_version_0_1(data: Any, known: dict[str, Any]) -> dict[str, Any]:
    """Fields of a finding that was stored by version 0.1, which kept reasons as text only."""
    texts = {}
    for name in ("detail", "cause"):
        texts[name] = data.get(name, "")
        if not isinstance(texts[name], str):
            raise ParseError(f"finding: {name} is {str(texts[name])[:60]!r}, but must be a str")
    kind, where = known.get("kind", ""), known.get("where", "")
    name, _, rest = where.partition("[")
    index = [n.strip() for n in rest.partition("]")[0].split(",")] if rest else []
    return {
        "reasons": _reasons_of_text(kind, texts["detail"]),
        "diagnosis": stated(texts["cause"]),
        "result": kind if kind in NAMES else RESULTS.get(name, "output"),
        "index": tuple(int(n) for n in index if n.isdigit()),
        "part": int(where.endswith(".imag")),
    }


def _reasons_of_text(kind: str, detail: str) -> Reasons:
    """The reasons of a finding of version 0.1, so that it is compared with new runs."""
    head, _, rest = detail.partition(": ")
    if kind == "exception":
        backward = detail.endswith(" (in the backward pass)")
        brief = detail.removesuffix(" (in the backward pass)")
        return (because(ReasonKind.RAISED, type=head, brief=brief, backward=backward),)
    if kind == "crash":
        return (because(ReasonKind.SIGNAL, signal=head, frame=rest),)
    code = detail.removeprefix("exit code ")
    if kind == "exit" and code.lstrip("-").isdigit():
        return (because(ReasonKind.EXIT_CODE, code=int(code)),)
    return stated(detail)


_READ = ("case", "reasons", "diagnosis", "index")
"""Fields that are read separately."""
_FIELDS: dict[str, type] = {"results": dict, "alike": int, "unexamined": int, "part": int}
"""Types of the fields that are not text."""


def at(finding: Finding, batch: int, index: int) -> Finding:
    """The finding with its place in the campaign."""
    return replace(finding, place=(batch, index))


def kept(actual: np.ndarray[Any, Any], exact: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Small real results in the form in which a file stores them, {} for others."""
    if actual.size > SMALL or actual.shape != exact.shape or np.iscomplexobj(actual):
        return {}

    def flat(values: np.ndarray[Any, Any]) -> list[Any]:
        return [v if math.isfinite(v) else str(v) for v in map(float, values.ravel().tolist())]

    return {"shape": list(actual.shape), "actual": flat(actual), "exact": flat(exact)}


AXIS = ("size", "kernel_size", "stride", "padding", "output_padding", "dilation")
COUNTS = ("in_channels", "out_channels", "groups", "threads")
LAYOUTS = ("x_layout", "w_layout", "grad_layout")


def contains(case: Case, smaller: Case) -> bool:
    """Whether `case` contains a smaller case, so that a fault of that one should show here too.

    No parameter of `smaller` exceeds that of `case`, and each special setting in it is set in
    `case` too. This is a heuristic: a fault may need what a larger configuration lacks, such as an
    odd size.
    """
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
