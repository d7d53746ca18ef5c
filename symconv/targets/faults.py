"""Faults of a call that need no comparison of numbers, and exceptions of targets as data."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from symconv.core.errors import NotTheTargets
from symconv.results.reasons import Reason, ReasonKind, because

Caught = type[BaseException] | tuple[type[BaseException], ...]
RAISED: Caught = (BaseException,)
"""What a target may raise in a process of its user's: `sys.exit` ends nothing; Ctrl-C does."""
MOST_TEXT = 20_000
"""Characters of a message that are kept."""
NO_BACKWARD = "requires_grad"
"""The kind of fault of a target without a backward pass."""
UNSUPPORTED = "unsupported"
"""The kind of a call that the target declines with NotImplementedError."""
_OURS = str(Path(__file__).resolve().parents[1])


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception of the target.

    Attributes:
        type: its class.
        message: the whole of it, all lines.
        frame: the innermost frame in the target's own code, as `kernel.py:12 in forward`.
        unsupported: it is a NotImplementedError: the target declines the call.
        memory: memory could not be had.
        forward_only: torch said that there is no backward pass, or the call refuses operands
            that require gradients.
        threads: the system let it start no more threads.
    """

    type: str
    message: str
    frame: str = ""
    unsupported: bool = False
    memory: bool = False
    forward_only: bool = False
    threads: bool = False

    @property
    def brief(self) -> str:
        """Its type, and the first and last lines of its message."""
        lines = [line for line in map(str.strip, self.message.splitlines()) if line]
        shown = [line[:200] for line in dict.fromkeys((lines[0], lines[-1]))] if lines else [""]
        return f"{self.type}: {' ... '.join(shown)}"

    def reason(self, *, backward: bool = False) -> Reason:
        """The exception as a reason; `backward` if it was raised in the backward pass."""
        return because(ReasonKind.RAISED, type=self.type, brief=self.brief, backward=backward)


class Fault(NamedTuple):
    """What is wrong with a call before any number is looked at.

    Attributes:
        kind: `exception`, `shape`, `dtype`, `mutated input` and the like.
        reason: what happened, as data.
        raised: the exception, where there was one.
    """

    kind: str
    reason: Reason
    raised: Raised | None = None


Faults = list[Fault]


def declined(raised: Raised, gradients: bool) -> Fault:
    """The fault of a call that raised."""
    if gradients and raised.forward_only and not raised.unsupported:
        reason = because(ReasonKind.NO_BACKWARD_RAISED, type=raised.type, brief=raised.brief)
        return Fault(NO_BACKWARD, reason, raised)
    kind = UNSUPPORTED if raised.unsupported else "exception"
    return Fault(kind, raised.reason(), raised)


def require_its_own(error: BaseException, caught: Caught) -> None:
    """Pass on what the target did not raise: Ctrl-C, and exceptions of symconv's."""
    if isinstance(error, NotTheTargets) or (
        caught is RAISED and isinstance(error, KeyboardInterrupt)
    ):
        raise error


_NO_GRADIENTS = (
    "requires grad",  # Tensor.numpy() and in-place writes
    "automatic differentiation",  # out= arguments
    "derivative for",
    "does not have an autograd formula",
    "not implemented the setup_context",
    "no autograd formula was registered",
    "must implement the backward",
)
"""Torch's own words, in lower case, for a function without a backward pass."""


def read_raised(error: BaseException) -> Raised:
    """An exception of the target, whatever its own methods do."""
    try:
        text = str(error)
    except Exception:  # a message that cannot be written is part of the finding
        text = "(its message cannot be converted to text)"
    declined = isinstance(error, NotImplementedError)
    lower = text.lower()
    kind = type(error).__name__
    return Raised(
        type(error).__name__,
        text[:MOST_TEXT],
        _frame(error),
        declined,
        kind in ("MemoryError", "OutOfMemoryError") or out_of_memory(text),
        declined or any(words in lower for words in _NO_GRADIENTS),
        out_of_threads(text),
    )


_MEMORY_MESSAGES = ("bad_alloc", "memoryerror", "allocate memory", "out of memory")
_THREAD_MESSAGES = ("thread creation failed", "can't start new thread", "pthread_create failed")


def out_of_memory(message: str) -> bool:
    """Whether a message of C++, Python or torch says that memory could not be allocated."""
    return any(part in message.lower() for part in _MEMORY_MESSAGES)


def out_of_threads(message: str) -> bool:
    """Whether a message of Python or OpenMP says that no thread could be started."""
    return any(part in message.lower() for part in _THREAD_MESSAGES)


def _frame(error: BaseException) -> str:
    """The innermost frame that is neither ours nor of an installed package, "" for none."""
    frames = traceback.extract_tb(error.__traceback__)
    outside = [f for f in frames if not f.filename.startswith((_OURS, "<"))]
    own = [f for f in outside if "site-packages" not in f.filename] or outside
    return f"{Path(own[-1].filename).name}:{own[-1].lineno} in {own[-1].name}" if own else ""
