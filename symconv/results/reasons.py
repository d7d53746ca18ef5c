"""Reasons of verdicts, as data.

A `Reason` has a kind and the values that its sentence needs. Code decides by kinds and values;
`symconv.results.words` turns a reason into English, so rewording a sentence changes no verdict,
signature or exit code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from symconv.core.errors import ParseError

Scalar = str | int | float | bool
_MASKED = frozenset({"brief", "refusal", "fault", "frame", "common"})
"""Fields whose numbers differ between cases of the same fault."""
MOST_KEY = 160
"""Upper limit on the characters of a key, so that a long message keeps signatures readable."""


class ReasonKind(Enum):
    """The kinds of reasons, each with a stable name, its fields and its identity.

    The identity lists the fields that distinguish two faults of this kind. The others, such as the
    number of wrong cells, differ from case to case.
    """

    # one call, before any number is compared
    RAISED = "raised", "type brief backward", "type brief"
    NO_BACKWARD_RAISED = "no backward pass, raised", "type brief", "type brief"
    NO_BACKWARD = "no backward pass", "from_inputs", ""
    RETURN_TYPE = "return type", "got", "got"
    SHAPE = "shape", "got needed", ""
    DTYPE = "dtype", "got needed", "got needed"
    DEVICE = "device", "got needed", "got needed"
    VIEW_OF_INPUT = "view of input", "", ""
    MOVED_INPUT = "moved input", "", ""
    CHANGED_INPUT = "changed input", "", ""
    GRADIENT_MISSING = "gradient missing", "result needed", "result"
    GRADIENT_SHAPE = "gradient shape", "result got needed", "result"
    ACCEPTS_ILLEGAL = "accepts illegal", "shape condition", ""
    # results compared with exact ones
    NOT_EXACT = "not exact", "wrong cells", ""
    NOT_EXACT_BUT_FAST = "not exact, as fast algorithms", "wrong cells", ""
    BEYOND_BOUND = "beyond bound", "wrong cells model", ""
    NOT_CONVENTIONAL = "not of conventional accuracy", "wrong cells", ""
    MAY_OVERFLOW = "may overflow", "", ""
    NONFINITE_LOST = "inf or nan lost", "wrong cells where lenient", ""
    NONFINITE_SPREAD = "inf or nan spread", "wrong cells where lenient", ""
    NONFINITE_KIND = "another kind of inf or nan", "wrong cells where lenient", ""
    DIFFERENT_ELEMENT = "different element", "where dtype actual whose expected", ""
    DIFFERENT_SHAPE = "different shape", "where dtype got whose needed", ""
    # how a process ended
    SIGNAL = "signal", "signal frame", "signal frame"
    EXIT_CODE = "exit code", "code", "code"
    TIME_LIMIT = "time limit", "", ""
    MEMORY_LIMIT = "memory limit", "", ""
    ALLOCATION_FAILED = "allocation failed", "", ""
    NO_THREADS = "no threads", "", ""
    SIGNAL_FROM_OUTSIDE = "signal from outside", "signal", "signal"
    DEVICE_LOST = "device lost", "message", ""
    NOT_AGAIN = "did not occur again", "runs", ""
    JUDGE_FAILED = "judge failed", "type frame", "type frame"
    WORKER_MEMORY = "memory of a worker", "bytes", ""
    # causes that a diagnosis names
    MISTAKE = "mistake", "name description source", "name"
    PRODUCTS_MISSING = "products missing", "count total common named", "common"
    PRODUCTS_MOVED = "products in another cell", "count total common named", "common"
    PRODUCTS_EXTRA = "too many products", "count total common named", "common"
    PRODUCTS_COPIED = "products also in another cell", "count total common named", "common"
    FACTOR = "factor", "count total factors named which", "which factors"
    BIAS_WRONG = "bias wrong", "count total", ""
    NOT_ZERO = "not zero for zeros", "", ""
    NOT_BILINEAR = "not bilinear", "", ""
    WRONG_CELLS = "wrong cells", "wrong cells result common zero", ""
    # programs traced on symbols, and decoded results
    REFUSED = "cannot be followed", "refusal points of", "refusal"
    KEEPS_SYMBOLS = "keeps symbols", "refusal", "refusal"
    AT_VALUES = "other polynomials at values", "values difference", ""
    RETURNED_ON_SYMBOLS = "wrong result on symbols", "fault", "fault"
    ONLY_ON_SYMBOLS = "wrong result on symbols only", "fault", "fault"
    OTHER_POLYNOMIALS = "other polynomials", "count cells difference", ""
    OTHER_PATH = "another path on numbers", "count cells difference against", ""
    CONSTANTS_DIFFER = "equal up to constants", "largest", ""
    KERNEL_DIFFERS = "torch's kernel differs", "dtype difference", ""
    FAULT_OF = "fault of one program", "program fault", "fault"
    NUMBERS_DIFFER = "wrong on numbers only", "against", ""
    CIRCULAR = "circular", "calls", "calls"
    NOT_DECODED = "not decoded", "result refusal", "result refusal"
    PRODUCTS_DIFFER = "products differ", "difference", ""
    # any other statement
    STATED = "stated", "text", "text"

    def __init__(self, label: str, fields: str, identity: str) -> None:
        self.label = label
        self.fields = tuple(fields.split())
        self.identity = tuple(identity.split())


KINDS = {kind.label: kind for kind in ReasonKind}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason; make it with `because`.

    Attributes:
        kind: what happened.
        values: the values of the kind's fields, in their order.
    """

    kind: ReasonKind
    values: tuple[Scalar, ...]

    def __getitem__(self, field: str) -> Any:
        return self.values[self.kind.fields.index(field)]

    def as_dict(self) -> dict[str, Scalar]:
        """The values by field name."""
        return dict(zip(self.kind.fields, self.values, strict=True))

    @property
    def key(self) -> str:
        """The same text for every case of one fault: the kind and the values of its identity.

        Numbers in messages and positions are replaced by N.
        """
        parts = [
            masked(str(self[field])) if field in _MASKED else str(self[field])
            for field in self.kind.identity
        ]
        shown = ", ".join(part for part in parts if part)
        return f"{self.kind.label}: {shown}"[:MOST_KEY] if shown else self.kind.label

    def to_json(self) -> dict[str, Any]:
        """The record as JSON values: `kind` and the fields."""
        return {"kind": self.kind.label, **self.as_dict()}


Reasons = tuple[Reason, ...]


def because(kind: ReasonKind, **values: Scalar) -> Reason:
    """Make a reason from a kind and the values of its fields.

    Raises:
        TypeError: a field is missing or unknown.

    >>> because(ReasonKind.SHAPE, got="(1, 1, 4)", needed="(1, 1, 5)").key
    'shape'
    """
    if values.keys() != set(kind.fields):
        raise TypeError(f"{kind.name} takes {', '.join(kind.fields) or 'no fields'}")
    return Reason(kind, tuple(values[field] for field in kind.fields))


def stated(text: str) -> Reasons:
    """Reasons that are only text, such as a message of another library; () for empty text."""
    return (because(ReasonKind.STATED, text=text),) if text else ()


def reason_from_json(data: Any) -> Reason:
    """Read a reason as `Reason.to_json` writes it.

    Raises:
        ParseError: the kind is unknown, or fields are missing or have another type.
    """
    if not isinstance(data, Mapping) or data.get("kind") not in KINDS:
        raise ParseError(f"reason: {str(data)[:60]} has no known kind")
    kind = KINDS[data["kind"]]
    values = {name: value for name, value in data.items() if name != "kind"}
    if values.keys() != set(kind.fields) or not all(
        isinstance(value, (str, int, float, bool)) for value in values.values()
    ):
        raise ParseError(f"reason: {kind.label} takes {', '.join(kind.fields) or 'no fields'}")
    return because(kind, **values)


def key_of(reasons: Iterable[Reason]) -> str:
    """The key of the first reason, which distinguishes faults; "" if there is none."""
    return next((reason.key for reason in reasons), "")


def masked(text: str) -> str:
    """Replace numbers in a text by N, so that messages that differ only in numbers are equal."""
    return re.sub(r"\d+(\.\d+)?", "N", text)[:200]
