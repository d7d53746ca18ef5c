"""Many draws of one configuration together: their values, sums and comparisons are made at once.

Only the calls of the target are one by one. What does not come out exactly goes to the ladder, with
the results that were seen, so that a fault that shows once is not lost by calling again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from symconv.fuzz.case import Case
from symconv.fuzz.execute import Executor
from symconv.fuzz.finding import Finding
from symconv.fuzz.values import NUMPY, whole_draws
from symconv.targets import torchlib
from symconv.targets.observing import Observed, call
from symconv.targets.tensors import LAYOUTS, to_numpy

Array = np.ndarray[Any, Any]
Mark = Callable[[int], None]


def run_cases(executor: Executor, cases: Sequence[Case], mark: Mark) -> list[Finding | None]:
    """The finding of each case; `mark(n)` is called before case n may do harm."""
    found: list[Finding | None] = []
    start = 0
    while start < len(cases):
        stop = start + 1
        first = cases[start]
        if _together(first):
            while (
                stop < len(cases)
                and cases[stop].seed == first.seed
                and _together(cases[stop])
                and cases[stop].size is first.size
                and cases[stop].configuration_like(first)
            ):
                stop += 1
        if stop - start > 1:
            offset = start
            found += _draws(executor, cases[start:stop], lambda n, at=offset: mark(at + n))  # type: ignore[misc]
        else:
            mark(start)
            found.append(executor.run(first))
        start = stop
    return found


def _together(case: Case) -> bool:
    legal = min(case.output_padding) >= 0 and min(case.size) > 0
    return case.pattern == "whole" and case.values is None and case.device != "meta" and legal


def _draws(executor: Executor, cases: Sequence[Case], mark: Mark) -> list[Finding | None]:
    """The draws of one configuration and seed."""
    case = cases[0]
    plan = executor.plan(case)
    values = whole_draws(case, plan)
    rows = [c.draw for c in cases]
    given = {name: array[rows] for name, array in values.items()}
    tensors = {name: _tensors(case, name, array) for name, array in given.items()}
    kept = {name: t.clone() for name, t in tensors.items()}
    executor.set(case)
    steps = case.steps()
    shape = plan.output_shape if not case.batch else (case.batch, *plan.output_shape)
    seen: list[Observed] = []
    if not case.gradients:
        tensors.pop("grad")
    rows_of = {
        name: [_placed(case, name, row) for row in t.unbind(0)] for name, t in tensors.items()
    }
    for n in range(len(cases)):
        leaves = {name: placed[n] for name, placed in rows_of.items()}
        mark(n)
        results, faults = call(executor.target, leaves, steps, shape, executor.caught)
        arrays = {name: to_numpy(value) for name, value in results.items()}
        if not case.batch:
            arrays |= {k: arrays[k][None] for k in ("output", "grad_input") if k in arrays}
        seen.append(Observed(arrays, faults))
    for name, tensor in tensors.items():
        for n in range(len(cases)) if not tensor.equal(kept[name]) else ():
            if not tensor[n].equal(kept[name][n]):
                seen[n].faults.append(("mutated input", "an input was changed in place"))
    return _compared(executor, cases, given, seen)


def _tensors(case: Case, name: str, array: Array) -> Any:
    """All draws of an operand in the dtype, on the device."""
    torch = torchlib.load()
    if name in ("x", "grad") and not case.batch:
        array = array[:, 0]
    made = torch.from_numpy(array.astype(NUMPY.get(case.dtype, np.float32)))
    if case.dtype == "bfloat16":
        made = made.to(torch.bfloat16)
    return made.to(case.device) if case.device != "cpu" else made


def _placed(case: Case, name: str, tensor: Any) -> Any:
    layout = getattr(case, f"{name}_layout", "contiguous")
    return LAYOUTS[layout](tensor) if layout != "contiguous" else tensor


def _compared(
    executor: Executor, cases: Sequence[Case], given: dict[str, Array], seen: list[Observed]
) -> list[Finding | None]:
    """All draws against their exact sums at once; the ladder for those that differ."""
    case, plan = cases[0], executor.plan(cases[0])
    exact = plan.draws(given, case.gradients)
    names = set(exact)
    odd = [n for n, o in enumerate(seen) if o.faults or o.results.keys() != names]
    rest = [n for n in range(len(seen)) if n not in odd]
    if rest:
        equal = np.ones(len(rest), dtype=bool)
        for name, right in exact.items():
            actual = np.stack([seen[n].results[name] for n in rest])
            same = actual == (right if len(rest) == len(seen) else right[rest])
            equal &= same.reshape(len(rest), -1).all(axis=1)
        odd += [n for n, e in zip(rest, equal.tolist(), strict=True) if not e]
    found: list[Finding | None] = [None] * len(cases)
    for n in sorted(odd):
        own = {name: array[n] for name, array in given.items()}
        found[n] = executor.judged(cases[n], plan, executor.problem(cases[n], plan, own), seen[n])
    return found
