"""Preparation of a whole batch before its first call: values, tensors, exact results.

Python and NumPy are several times slower right after a torch kernel has displaced the CPU caches,
so the work around all calls of a batch is done together, in advance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any

import numpy as np

from symconv.campaign.case import Case
from symconv.campaign.contractions import Plan
from symconv.campaign.execute import Executor
from symconv.campaign.near import BOUNDS, Near, near
from symconv.campaign.operand_values import cut_one, real_draw, shapes, whole_draws
from symconv.campaign.torch_memory import Placed, placed, tensor
from symconv.targets.calling import Leaves, storages

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Draws:
    """Draws of one configuration and seed, ready to be called and compared.

    Attributes:
        cases: cases that differ only in their values; the last may have real values.
        plan: the contractions of their configuration.
        flat: the operands in float64 or complex128, one row per draw.
        leaves: the operands of each draw as the target receives them.
        originals: pairs of a tensor that no call may change and a copy of its values, both with a
            leading axis of draws.
        exact: the exact results of the integer draws, in the dtype, with a leading axis of draws.
        near: accepted results of the last draw if it has real values.
        steps: torch's keyword arguments.
        shape: shape of the output that the target returns.
    """

    cases: Sequence[Case]
    plan: Plan
    flat: Array
    leaves: list[Leaves]
    originals: list[tuple[Any, Any]]
    exact: dict[str, Any]
    near: Near | None
    steps: dict[str, Any]
    shape: tuple[int, ...]


def prepare(executor: Executor, cases: Sequence[Case]) -> list[Draws | Case]:
    """Group neighbouring draws of one configuration; leave every other case as it is."""
    if not executor.target.engine.batches:
        return list(cases)
    found: list[Draws | Case] = []
    start = 0
    while start < len(cases):
        first = cases[start]
        stop = start + 1
        while stop < len(cases) and _go_together(cases[stop - 1], cases[stop]):
            stop += 1
        alone = stop - start == 1 or not _can_be_drawn(first)
        found += cases[start:stop] if alone else [_draws(executor, cases[start:stop])]
        start = stop
    return found


def _go_together(before: Case, case: Case) -> bool:
    """Whether two cases belong to one group: integers, then reals of a dtype with known bounds."""
    joins = case.pattern == "whole" or case.dtype in BOUNDS
    return (
        before.pattern == "whole"
        and joins
        and case.seed == before.seed
        and case.configuration_like(before)
        and before.values is None
        and case.values is None
    )


def _can_be_drawn(case: Case) -> bool:
    """Whether values can be drawn: the parameters describe a shape and the device has values."""
    return case.device != "meta" and min(case.output_padding) >= 0 and min(case.size) > 0


def _draws(executor: Executor, cases: Sequence[Case]) -> Draws:
    case, last = cases[0], cases[-1]
    plan = executor.plan(case)
    wanted = shapes(case, plan)
    flat = whole_draws(case, plan)
    whole = len(cases) - int(last.pattern != "whole")
    numbers = [c.draw for c in cases[:whole]]
    if numbers != [*range(len(flat))]:
        flat = flat[numbers]
    if whole < len(cases):
        own = real_draw(last, plan)
        flat = np.concatenate((flat, own, np.abs(own)))  # magnitudes of the reals come last
    with np.errstate(invalid="ignore", over="ignore"):
        sums = plan.draws(flat, max(case.batch, 1), case.bias, case.gradients)
    close = None
    if whole < len(cases):
        values = cut_one(flat, whole, wanted)
        close = near(last, plan, values, {name: array[whole:] for name, array in sums.items()})
        flat = flat[:-1]
    made = placed(case, flat, wanted)
    return Draws(
        cases,
        plan,
        flat,
        _leaves(case, made),
        made.originals,
        {name: tensor(case, name, array[:whole]) for name, array in sums.items()},
        close,
        case.steps(),
        (case.batch, *plan.output_shape) if case.batch else plan.output_shape,
    )


def _leaves(case: Case, made: Placed) -> list[Leaves]:
    """The operands of each draw; draws of an operand share a storage."""
    inputs = [made.operands[name] for name in ("x", "w", "bias") if name in made.operands]
    memory = storages(inputs)
    x, w, *bias = (every.unbind(0) for every in inputs)
    if case.gradients:
        for leaf in chain(x, w, *bias):
            leaf.requires_grad_(True)
    biases = bias[0] if bias else repeat(None, len(x))
    grads = made.operands["grad"].unbind(0) if case.gradients else repeat(None, len(x))
    return [Leaves(*each, memory) for each in zip(x, w, biases, grads, strict=True)]
