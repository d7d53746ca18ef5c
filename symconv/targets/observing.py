"""One case observed: operands laid out, one call, everything that can be judged of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from symconv.results.reasons import ReasonKind, because
from symconv.targets import cuda, torchlib
from symconv.targets.calling import RAISED, Caught, Fault, Faults, call, judgeable, leaves_of
from symconv.targets.resolve import Implementation, no_exit
from symconv.targets.tensors import LAYOUTS, Array, Layouts, Problem, steps_of, to_numpy, to_torch


@dataclass(frozen=True)
class Observed:
    """What a call returned.

    Attributes:
        results: `output`, and with gradients `grad_input`, `grad_weight`, `grad_bias`.
        faults: structural faults.
        kernel: what torch would run for these operands, by its own dispatcher.
        lost: the call left the device in a state in which nothing works in this process.
    """

    results: dict[str, Array] = field(default_factory=dict)
    faults: Faults = field(default_factory=list)
    kernel: str = ""
    lost: bool = False


def observe(
    target: Implementation,
    problem: Problem,
    layouts: Layouts,
    gradients: bool,
    *,
    steps: Mapping[str, Any] | None = None,
    batched: bool = True,
    with_kernel: bool = True,
    caught: Caught = RAISED,
) -> Observed:
    """Call the implementation once and read everything that can be judged.

    `steps` are torch's parameters, where they are at hand. Without `batched` the one sample is
    passed without a batch axis. What the call raises of type `caught` is a finding.
    """
    dtype, device = problem.dtype, problem.device
    shown = slice(None) if batched else 0
    operands = {"x": problem.x[shown], "w": problem.w, "bias": problem.bias}
    if gradients:
        operands["grad"] = problem.grad[shown]
    pairs = {
        name: _leaf(values, dtype, device, getattr(layouts, name, "contiguous"))
        for name, values in operands.items()
        if values is not None
    }
    leaves = leaves_of(*((pairs[n][0] if n in pairs else None) for n in ("x", "w", "bias", "grad")))
    steps = steps_of(problem.geometry) if steps is None else steps
    kernel = ""
    if with_kernel:
        kernel = torchlib.chosen_kernel(leaves.x, leaves.w, leaves.bias, **steps)
    shape = (*problem.x.shape[: int(batched)], *problem.geometry.output_shape)
    with no_exit():
        found, faults = judgeable(call(target, leaves, steps, caught), leaves, shape)
    if any(fault.raised is not None for fault in faults) and cuda.is_lost(device):
        return Observed({}, faults, kernel, lost=True)
    if not all(same(leaf.detach(), plain) for leaf, plain in pairs.values()):
        faults.append(Fault("mutated input", because(ReasonKind.CHANGED_INPUT)))
    results = {name: to_numpy(value) for name, value in found.items()}
    if not batched:
        results |= {n: results[n][None] for n in ("output", "grad_input") if n in results}
    return Observed(results, faults, kernel)


def _leaf(values: Array, dtype: str, device: str, layout: str) -> tuple[Any, Any]:
    """An operand in its layout, and a plain one that nobody can change."""
    plain = to_torch(values, dtype, device)
    leaf = LAYOUTS[layout](plain)
    shared = leaf.data_ptr() == plain.data_ptr()
    return leaf, plain.clone() if shared else plain


def same(left: Any, right: Any) -> bool:
    """Equal, a nan being equal to itself."""
    if left.shape != right.shape:
        return False
    if left.equal(right):
        return True
    return bool(((left == right) | ((left != left) & (right != right))).all())
