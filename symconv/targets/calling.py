"""One call of an implementation, forward and backward, and the faults that need no numbers.

Calling and looking are apart, so that many calls may come one after the other: right after a kernel
of torch's has taken the caches, everything else is several times slower.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from symconv.targets import torchlib
from symconv.targets.resolve import Implementation

Faults = list[tuple[str, str]]


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
        raised: the exception of the call, in words.
        backward: the exception of the backward pass, in words.
    """

    y: Any
    gradients: Any = None
    raised: str = ""
    backward: str = ""


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
    target: Implementation, leaves: Leaves, steps: Mapping[str, Any], caught: type[BaseException]
) -> Returned:
    """Forward and, with a `grad`, backward; what cannot go backward is told by `judgeable`."""
    x, w, bias, grad, _ = leaves
    try:
        y = target.call(x, w, bias, **steps)
    except caught as error:  # a target may raise anything; that is a finding of its own kind
        return Returned(None, raised=_told(error))
    if grad is None:
        return Returned(y)
    inputs = (x, w) if bias is None else (x, w, bias)
    try:
        grad = grad if y.dtype is grad.dtype else grad.to(y.dtype)
        found = torchlib.load().autograd.grad(y, inputs, grad, allow_unused=True)
    except caught as error:  # a custom backward may raise anything
        return Returned(y, backward=_told(error))
    return Returned(y, found)


def judgeable(
    returned: Returned, leaves: Leaves, shape: tuple[int, ...]
) -> tuple[dict[str, Any], Faults]:
    """`(results that can be judged, structural faults)`; `shape` is the output's."""
    y, x = returned.y, leaves.x
    if returned.raised:
        return {}, [("exception", f"raised {returned.raised}")]
    tensor = torchlib.load().Tensor
    faults: Faults = []
    judged = True
    if type(y) is not tensor or y.shape != shape or y.dtype is not x.dtype or y.device != x.device:
        if not isinstance(y, tensor):
            return {}, [("return type", f"returned {type(y).__name__}, a tensor is needed")]
        judged = _comparable(faults, y, x, shape)
    if _shares_memory(y, leaves.memory):
        faults.append(("view of input", "returned a view of an input's memory"))
    if not judged:
        return {}, faults
    results = {"output": y}
    if leaves.grad is not None:
        _read_gradients(results, faults, returned, leaves)
    return results, faults


def _comparable(faults: Faults, y: Any, x: Any, shape: tuple[int, ...]) -> bool:
    """Whether values can be judged all the same; says what is not as it must be."""
    if y.shape != shape:
        faults.append(("shape", f"returned shape {tuple(y.shape)}, {shape} is needed"))
    if y.dtype != x.dtype:
        faults.append(("dtype", f"returned dtype {y.dtype}, {x.dtype} is needed"))
    if y.device != x.device:
        faults.append(("device", f"returned device {y.device}, {x.device} is needed"))
    alike = y.dtype is x.dtype or (
        (y.is_floating_point(), y.is_complex()) == (x.is_floating_point(), x.is_complex())
    )
    return alike and not any(kind in ("shape", "device") for kind, _ in faults)


def _shares_memory(y: Any, memory: set[int]) -> bool:
    try:
        return y.untyped_storage().data_ptr() in memory
    except Exception:  # tensor subclasses may have no storage to ask for
        return False


def _read_gradients(
    results: dict[str, Any], faults: Faults, returned: Returned, leaves: Leaves
) -> None:
    if not returned.y.requires_grad:
        faults.append(("requires_grad", "the result is cut off from its inputs' gradients"))
        return
    if returned.backward:
        faults.append(("backward", f"raised in the backward pass {returned.backward}"))
        return
    inputs = (leaves.x, leaves.w, leaves.bias)
    for name, leaf, value in zip(_GRADIENTS, inputs, returned.gradients, strict=False):
        if value is None or value.shape != leaf.shape:
            got = "none" if value is None else f"shape {tuple(value.shape)}"
            faults.append((name, f"{name} is {got}, shape {tuple(leaf.shape)} is needed"))
        else:
            results[name] = value


_GRADIENTS = ("grad_input", "grad_weight", "grad_bias")


def _told(error: BaseException) -> str:
    """An exception's type and first line, whatever its own methods do."""
    try:
        text = str(error)
    except Exception:  # a message that cannot be written is part of the finding
        text = "(its message cannot be written)"
    told = f"{type(error).__name__}: {(text.splitlines() or [''])[0][:200]}"
    if isinstance(error, TypeError) and "keyword argument 'stride'" in told:
        told += " (--call paper is for functions of a matrix and a kernel alone)"
    return told
