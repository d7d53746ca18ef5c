"""One call of an implementation, forward and backward, and the faults that need no numbers.

Calling and looking are apart, so that many calls may come one after the other: right after a kernel
of torch's has taken the caches, everything else is several times slower.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from symconv.core.errors import NotTheTargets
from symconv.results.reasons import Reason, ReasonKind, because
from symconv.targets import cuda, denormals, torchlib
from symconv.targets.resolve import Implementation

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


class Leaves(NamedTuple):
    """Operands of one call, as the target gets them.

    Attributes:
        x, w, bias: the arguments; they require gradients where `grad` is given.
        grad: the gradient of the output, None where there is no backward pass.
        memory: where the storages of the arguments begin.
    """

    x: Any
    w: Any
    bias: Any
    grad: Any
    memory: set[int]


class Returned(NamedTuple):
    """What came of a call.

    Attributes:
        y: what the target returned.
        gradients: what the backward pass returned, None without one.
        raised: the exception of the call.
        backward: the exception of the backward pass.
        moved: an argument lies elsewhere in memory now, or in another shape.
    """

    y: Any
    gradients: Any = None
    raised: Raised | None = None
    backward: Raised | None = None
    moved: bool = False

    @property
    def error(self) -> Raised | None:
        """The exception of either pass."""
        return self.raised or self.backward


def leaves_of(x: Any, w: Any, bias: Any, grad: Any) -> Leaves:
    """Operands made ready for `call`."""
    inputs = [t for t in (x, w, bias) if t is not None]
    if grad is not None:
        for leaf in inputs:
            leaf.requires_grad_(True)
    return Leaves(x, w, bias, grad, storages(inputs))


def storages(tensors: Iterable[Any]) -> set[int]:
    """Where their memory begins."""
    return {t.untyped_storage().data_ptr() for t in tensors}


def call(
    target: Implementation, leaves: Leaves, steps: Mapping[str, Any], caught: Caught
) -> Returned:
    """Forward and, with a `grad`, backward; what cannot go backward is told by `judgeable`."""
    inputs = [t for t in leaves[:3] if t is not None]
    before = list(map(_place, inputs))
    with denormals.of_target():
        returned = _passes(target, leaves, steps, caught)
    return returned._replace(moved=list(map(_place, inputs)) != before)


def _place(tensor: Any) -> tuple[Any, ...]:
    """Where it lies and how; `.data = ...` and `transpose_()` change that, and no value."""
    return tensor.data_ptr(), tensor.shape, tensor.stride(), tensor.requires_grad


def _passes(
    target: Implementation, leaves: Leaves, steps: Mapping[str, Any], caught: Caught
) -> Returned:
    x, w, bias, grad, _ = leaves
    try:
        y = target.call(x, w, bias, **steps)
        cuda.synchronize(x)  # so that what a kernel did wrong is raised here
    except caught as error:  # a target may raise anything; that is a finding of its own kind
        _require_its_own(error, caught)
        return Returned(None, raised=read_raised(error))
    if grad is None:
        return Returned(y)
    inputs = (x, w) if bias is None else (x, w, bias)
    try:
        grad = grad if y.dtype is grad.dtype else grad.to(y.dtype)
        found = torchlib.load().autograd.grad(y, inputs, grad, allow_unused=True)
        cuda.synchronize(x)
    except caught as error:  # a custom backward may raise anything
        _require_its_own(error, caught)
        return Returned(y, backward=read_raised(error))
    return Returned(y, found)


def _require_its_own(error: BaseException, caught: Caught) -> None:
    """Pass on what the target did not raise: Ctrl-C, and exceptions of symconv's."""
    if isinstance(error, NotTheTargets) or (
        caught is RAISED and isinstance(error, KeyboardInterrupt)
    ):
        raise error


def judgeable(
    returned: Returned, leaves: Leaves, shape: tuple[int, ...]
) -> tuple[dict[str, Any], Faults]:
    """`(results that can be judged, structural faults)`; `shape` is the output's."""
    y, x = returned.y, leaves.x
    if returned.raised is not None:
        return {}, [_declined(returned.raised, leaves.grad is not None)]
    tensor = torchlib.load().Tensor
    faults: Faults = []
    judged = True
    if type(y) is not tensor or y.shape != shape or y.dtype is not x.dtype or y.device != x.device:
        if not isinstance(y, tensor):
            reason = because(ReasonKind.RETURN_TYPE, got=type(y).__name__)
            return {}, [Fault("return type", reason)]
        judged = _comparable(faults, y, x, shape)
    if _shares_memory(y, leaves.memory):
        faults.append(Fault("view of input", because(ReasonKind.VIEW_OF_INPUT)))
    if returned.moved:
        faults.append(Fault("mutated input", because(ReasonKind.MOVED_INPUT)))
    if not judged:
        return {}, faults
    results = {"output": y}
    if leaves.grad is not None:
        _read_gradients(results, faults, returned, leaves)
    return results, faults


def _comparable(faults: Faults, y: Any, x: Any, shape: tuple[int, ...]) -> bool:
    """Whether values can be judged all the same; says what is not as it must be."""
    if y.shape != shape:
        faults.append(Fault("shape", _other(ReasonKind.SHAPE, tuple(y.shape), shape)))
    if y.dtype != x.dtype:
        faults.append(Fault("dtype", _other(ReasonKind.DTYPE, y.dtype, x.dtype)))
    if y.device != x.device:
        faults.append(Fault("device", _other(ReasonKind.DEVICE, y.device, x.device)))
    alike = y.dtype is x.dtype or (
        (y.is_floating_point(), y.is_complex()) == (x.is_floating_point(), x.is_complex())
    )
    return alike and not any(fault.kind in ("shape", "device") for fault in faults)


def _other(kind: ReasonKind, got: object, needed: object) -> Reason:
    return because(kind, got=str(got), needed=str(needed))


def _shares_memory(y: Any, memory: set[int]) -> bool:
    try:
        return y.untyped_storage().data_ptr() in memory
    except Exception:  # tensor subclasses may have no storage to ask for
        return False


def _read_gradients(
    results: dict[str, Any], faults: Faults, returned: Returned, leaves: Leaves
) -> None:
    if not returned.y.requires_grad:
        faults.append(Fault(NO_BACKWARD, because(ReasonKind.NO_BACKWARD, from_inputs=False)))
        return
    if returned.backward is not None:
        kind = NO_BACKWARD if returned.backward.forward_only else "backward"
        faults.append(Fault(kind, returned.backward.reason(backward=True), returned.backward))
        return
    if all(value is None for value in returned.gradients[:2]):
        faults.append(Fault(NO_BACKWARD, because(ReasonKind.NO_BACKWARD, from_inputs=True)))
        return
    inputs = (leaves.x, leaves.w, leaves.bias)
    for name, leaf, value in zip(_GRADIENTS, inputs, returned.gradients, strict=False):
        needed = str(tuple(leaf.shape))
        if value is None:
            reason = because(ReasonKind.GRADIENT_MISSING, result=name, needed=needed)
            faults.append(Fault(name, reason))
        elif value.shape != leaf.shape:
            got = str(tuple(value.shape))
            reason = because(ReasonKind.GRADIENT_SHAPE, result=name, got=got, needed=needed)
            faults.append(Fault(name, reason))
        else:
            results[name] = value


_GRADIENTS = ("grad_input", "grad_weight", "grad_bias")


def _declined(raised: Raised, gradients: bool) -> Fault:
    """The fault of a call that raised."""
    if gradients and raised.forward_only and not raised.unsupported:
        reason = because(ReasonKind.NO_BACKWARD_RAISED, type=raised.type, brief=raised.brief)
        return Fault(NO_BACKWARD, reason, raised)
    kind = UNSUPPORTED if raised.unsupported else "exception"
    return Fault(kind, raised.reason(), raised)


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
        text = "(its message cannot be written)"
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
