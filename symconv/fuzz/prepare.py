"""What calls need, made before the first of them: values, tensors, exact results.

Python and NumPy are several times slower right after a kernel of torch's has taken the caches, so
the work around the calls of a whole batch comes first, and together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symconv.fuzz.case import Case
from symconv.fuzz.execute import Executor
from symconv.fuzz.plan import Plan
from symconv.fuzz.values import NUMPY, whole_draws
from symconv.targets import torchlib
from symconv.targets.tensors import LAYOUTS

Array = np.ndarray[Any, Any]

LINE = 64
"""Bytes; torch's own memory starts at multiples of it, and so does every operand in a layout."""


@dataclass(frozen=True, slots=True)
class Draws:
    """Draws of one configuration and seed, ready to be called and compared.

    Attributes:
        cases: they differ in their values alone.
        plan: the sums of their configuration.
        given: the operands in float64 or complex128, a leading axis of draws.
        leaves: the operands of each draw as the target gets them.
        originals: `(tensor, its values)`, a leading axis of draws: what no call may change.
        exact: what each result must be, in the dtype, a leading axis of draws.
        steps: torch's keyword parameters.
        shape: of the output as the target returns it.
    """

    cases: Sequence[Case]
    plan: Plan
    given: dict[str, Array]
    leaves: list[dict[str, Any]]
    originals: list[tuple[Any, Any]]
    exact: dict[str, Any]
    steps: dict[str, Any]
    shape: tuple[int, ...]


def prepare(executor: Executor, cases: Sequence[Case]) -> list[Draws | Case]:
    """Neighbouring draws of one configuration together, every other case as it is."""
    found: list[Draws | Case] = []
    start = 0
    while start < len(cases):
        first = cases[start]
        stop = start + 1
        if _together(first):
            while stop < len(cases) and _alike(first, cases[stop]):
                stop += 1
        found.append(_draws(executor, cases[start:stop]) if stop - start > 1 else first)
        start = stop
    return found


def _together(case: Case) -> bool:
    legal = min(case.output_padding) >= 0 and min(case.size) > 0
    return case.pattern == "whole" and case.values is None and case.device != "meta" and legal


def _alike(first: Case, case: Case) -> bool:
    return case.seed == first.seed and case.configuration_like(first) and _together(case)


def _draws(executor: Executor, cases: Sequence[Case]) -> Draws:
    case = cases[0]
    plan = executor.plan(case)
    values = whole_draws(case, plan)
    numbers = [c.draw for c in cases]
    whole = numbers == list(range(len(values["x"])))
    given = values if whole else {name: array[numbers] for name, array in values.items()}
    exact = plan.draws(given, case.gradients)
    names = [name for name in given if name != "grad" or case.gradients]
    placed = {name: _placed(case, name, _tensor(case, name, given[name])) for name in names}
    rows = [tensor.unbind(0) for tensor, _, _ in placed.values()]
    return Draws(
        cases, plan, given,
        [dict(zip(placed, row, strict=True)) for row in zip(*rows, strict=True)],
        [(shared, kept) for _, shared, kept in placed.values()],
        {name: _tensor(case, name, array) for name, array in exact.items()},
        case.steps(),
        (case.batch, *plan.output_shape) if case.batch else plan.output_shape,
    )  # fmt: skip


_BATCHED = ("x", "grad", "output", "grad_input")


def _tensor(case: Case, name: str, array: Array) -> Any:
    """All draws of an operand or a result in the dtype, on the device."""
    torch = torchlib.load()
    if not case.batch and name in _BATCHED:
        array = array[:, 0]
    made = torch.from_numpy(array.astype(NUMPY.get(case.dtype, np.float32), order="C"))
    if case.dtype == "bfloat16":
        made = made.to(torch.bfloat16)
    return made.to(case.device) if case.device != "cpu" else made


def _placed(case: Case, name: str, plain: Any) -> tuple[Any, Any, Any]:
    """All draws in their layout, the memory that a call could change, and what it must hold."""
    layout = getattr(case, f"{name}_layout", "contiguous")
    if layout == "contiguous":
        return plain, plain, plain.clone()
    if layout == "expanded":
        return plain[:, :1].expand(plain.shape), plain, plain.clone()
    sample = LAYOUTS[layout](plain[0])
    if sample.data_ptr() == plain.data_ptr():
        return plain, plain, plain.clone()
    strides, offset = sample.stride(), sample.storage_offset()
    line = LINE // plain.element_size()
    extent = offset + 1 + sum((n - 1) * s for n, s in zip(sample.shape, strides, strict=True))
    extent += -extent % line
    base = plain.new_zeros(len(plain) * extent)
    view = base.as_strided(plain.shape, (extent, *strides), offset)
    return view.copy_(plain), view, plain
