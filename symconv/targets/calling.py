"""One call of an implementation, forward and backward, and the faults that need no numbers.

Calling and looking are apart, so that many calls may come one after the other: right after a kernel
of torch's has taken the caches, everything else is several times slower.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from symconv.results.reasons import Reason, ReasonKind, because
from symconv.targets import cuda, denormals, torchlib
from symconv.targets.engine import Implementation
from symconv.targets.faults import (
    NO_BACKWARD,
    Caught,
    Fault,
    Faults,
    Raised,
    declined,
    read_raised,
    require_its_own,
)


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
        require_its_own(error, caught)
        return Returned(None, raised=read_raised(error))
    if grad is None:
        return Returned(y)
    inputs = (x, w) if bias is None else (x, w, bias)
    try:
        grad = grad if y.dtype is grad.dtype else grad.to(y.dtype)
        found = torchlib.load().autograd.grad(y, inputs, grad, allow_unused=True)
        cuda.synchronize(x)
    except caught as error:  # a custom backward may raise anything
        require_its_own(error, caught)
        return Returned(y, backward=read_raised(error))
    return Returned(y, found)


def judgeable(
    returned: Returned, leaves: Leaves, shape: tuple[int, ...]
) -> tuple[dict[str, Any], Faults]:
    """`(results that can be judged, structural faults)`; `shape` is the output's."""
    y, x = returned.y, leaves.x
    if returned.raised is not None:
        return {}, [declined(returned.raised, leaves.grad is not None)]
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
