"""One call of an implementation, forward and backward, and everything that can be judged of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from symconv.targets import torchlib
from symconv.targets.resolve import Implementation
from symconv.targets.tensors import (
    LAYOUTS,
    Array,
    Layouts,
    Problem,
    steps_of,
    to_numpy,
    to_torch,
)

Faults = list[tuple[str, str]]


@dataclass(frozen=True)
class Observed:
    """What a call returned.

    Attributes:
        results: `output`, and with gradients `grad_input`, `grad_weight`, `grad_bias`.
        faults: structural faults, `(kind, words)`.
        kernel: what torch would run for these operands, by its own dispatcher.
    """

    results: dict[str, Array] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)
    kernel: str = ""


def observe(
    target: Implementation,
    problem: Problem,
    device: str,
    layouts: Layouts,
    gradients: bool,
    *,
    steps: Mapping[str, Any] | None = None,
    batched: bool = True,
    with_kernel: bool = True,
    caught: type[BaseException] = Exception,
) -> Observed:
    """Call the implementation once and read everything that can be judged.

    `steps` are torch's parameters, where they are at hand. Without `batched` the one sample is
    passed without a batch axis. What the call raises of type `caught` is a finding.
    """
    dtype = problem.dtype
    shown = slice(None) if batched else 0
    operands = {"x": problem.x[shown], "w": problem.w, "bias": problem.bias}
    if gradients:
        operands["grad"] = problem.grad[shown]
    pairs = {
        name: _leaf(values, dtype, device, getattr(layouts, name, "contiguous"))
        for name, values in operands.items()
        if values is not None
    }
    leaves = {name: pair[0] for name, pair in pairs.items()}
    steps = steps_of(problem.geometry) if steps is None else steps
    kernel = ""
    if with_kernel:
        kernel = torchlib.chosen_kernel(leaves["x"], leaves["w"], leaves.get("bias"), **steps)
    shape = (*problem.x.shape[: int(batched)], *problem.geometry.output_shape)
    found, faults = call(target, leaves, steps, shape, caught)
    if not all(_same(leaf.detach(), plain) for leaf, plain in pairs.values()):
        faults.append(("mutated input", "an input was changed in place"))
    results = {name: to_numpy(value) for name, value in found.items()}
    if not batched:
        results |= {n: results[n][None] for n in ("output", "grad_input") if n in results}
    return Observed(results, faults, kernel)


def call(
    target: Implementation,
    leaves: Mapping[str, Any],
    steps: Mapping[str, Any],
    shape: tuple[int, ...],
    caught: type[BaseException],
) -> tuple[dict[str, Any], Faults]:
    """`(results that can be judged, structural faults)`, forward and, with a `grad`, backward."""
    torch = torchlib.load()
    x, w, bias, grad = (leaves.get(name) for name in ("x", "w", "bias", "grad"))
    inputs = [t for t in (x, w, bias) if t is not None]
    if grad is not None:
        for leaf in inputs:
            leaf.requires_grad_(True)
    try:
        y = target.call(x, w, bias, **steps)
    except caught as error:  # a target may raise anything; that is a finding of its own kind
        return {}, [("exception", f"raised {_told(error)}")]
    if not isinstance(y, torch.Tensor):
        return {}, [("return type", f"returned {type(y).__name__}, a tensor is needed")]
    faults: Faults = []
    assert x is not None
    if y.shape != shape:
        faults.append(("shape", f"returned shape {tuple(y.shape)}, {shape} is needed"))
    if y.dtype != x.dtype:
        faults.append(("dtype", f"returned dtype {y.dtype}, {x.dtype} is needed"))
    if y.device != x.device:
        faults.append(("device", f"returned device {y.device}, {x.device} is needed"))
    if _shares_memory(y, inputs):
        faults.append(("view of input", "returned a view of an input's memory"))
    alike = y.dtype is x.dtype or (
        (y.is_floating_point(), y.is_complex()) == (x.is_floating_point(), x.is_complex())
    )
    if not alike or any(kind in ("shape", "device") for kind, _ in faults):
        return {}, faults
    results = {"output": y}
    if grad is not None:
        _read_gradients(results, faults, y, leaves, caught)
    return results, faults


def _leaf(values: Array, dtype: str, device: str, layout: str) -> tuple[Any, Any]:
    """An operand in its layout, and a plain one that nobody can change."""
    plain = to_torch(values, dtype, device)
    leaf = LAYOUTS[layout](plain)
    shared = leaf.data_ptr() == plain.data_ptr()
    return leaf, plain.clone() if shared else plain


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


def _same(left: Any, right: Any) -> bool:
    """Equal, a nan being equal to itself."""
    if left.equal(right):
        return True
    return bool(((left == right) | ((left != left) & (right != right))).all())


def _shares_memory(y: Any, inputs: list[Any]) -> bool:
    try:
        own = y.untyped_storage().data_ptr()
        return any(t.untyped_storage().data_ptr() == own for t in inputs)
    except Exception:  # tensor subclasses may have no storage to ask for
        return False


def _read_gradients(
    results: dict[str, Any],
    faults: Faults,
    y: Any,
    leaves: Mapping[str, Any],
    caught: type[BaseException],
) -> None:
    torch = torchlib.load()
    if not y.requires_grad:
        faults.append(("requires_grad", "the result is cut off from its inputs' gradients"))
        return
    names = {"grad_input": "x", "grad_weight": "w", "grad_bias": "bias"}
    wanted = {result: leaves[name] for result, name in names.items() if name in leaves}
    grad = leaves["grad"]
    try:
        found = torch.autograd.grad(
            y, list(wanted.values()), grad if grad.dtype == y.dtype else grad.to(y.dtype),
            allow_unused=True,
        )  # fmt: skip
    except caught as error:  # a custom backward may raise anything
        faults.append(("backward", f"raised in the backward pass {_told(error)}"))
        return
    for (name, leaf), value in zip(wanted.items(), found, strict=True):
        if value is None or value.shape != leaf.shape:
            got = "none" if value is None else f"shape {tuple(value.shape)}"
            faults.append((name, f"{name} is {got}, shape {tuple(leaf.shape)} is needed"))
        else:
            results[name] = value
