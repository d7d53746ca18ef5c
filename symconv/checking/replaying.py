"""A program that was followed on letters, called on whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from symconv.checking.cases import Layer, replica
from symconv.evidence import Outcome
from symconv.judge import Standard, judge, structural, truths
from symconv.targets.observing import observe
from symconv.targets.resolve import Implementation
from symconv.targets.tensors import Layouts, Problem

REPLAYS = 3


@dataclass(frozen=True)
class Replays:
    """The real function on whole numbers."""

    target: Implementation
    layer: Layer
    gradients: bool
    dtypes: Sequence[str]
    layouts: Layouts
    seed: int

    def first_wrong(self) -> str:
        """The first result that is refuted, "" where none is."""
        return self._first(exactly=False)

    def first_inexact(self) -> str:
        """The first result that is not the exact one."""
        return self._first(exactly=True)

    def _first(self, exactly: bool) -> str:
        for dtype in self.dtypes:
            for n in range(REPLAYS):
                problem = replica(self.layer, dtype, self.seed + n)
                wrong = first_fault(self.target, problem, self.layouts, self.gradients, exactly)
                if wrong:
                    return wrong
        return ""


def first_fault(
    target: Implementation, problem: Problem, layouts: Layouts, gradients: bool,
    exactly: bool = False,
) -> str:  # fmt: skip
    """The first result of a call that is refuted, or with `exactly` not the exact one; else ""."""
    dtype = problem.dtype
    seen = observe(target, problem, "cpu", layouts, gradients, with_kernel=False)
    for j in structural(seen, target.name, problem):
        return j.verdict.cause
    expected = truths(problem)
    for name, result in seen.results.items():
        if exactly and not np.array_equal(result, expected[name].centre[0]):
            return f"{name} in {dtype}"
        told = judge(target.name, expected[name], problem, result, Standard())
        if not exactly and told.verdict.outcome is Outcome.REFUTED:
            v = told.verdict
            return f"{v.where} in {dtype} is {v.actual}, exactly {v.expected}"
    return ""
