"""A program that was followed on symbols, called on numbers where every sum is exact."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from symconv.arithmetic.formats import real_format
from symconv.checking.cases import Layer, eighths, replica
from symconv.evidence import Outcome
from symconv.judge import Standard, judge, structural, truths
from symconv.targets import torchlib
from symconv.targets.observing import Observed, observe
from symconv.targets.resolve import Implementation
from symconv.targets.tensors import DTYPES, Array, Layouts, Problem
from symconv.targets.trace.differences import NAMES as RESULTS

REPLAYS = 2
"""Points of integers, and as many of odd multiples of 1/8."""
ROUNDING = 64.0
"""Results may be off by this multiple of the dtype's unit roundoff, times the largest element."""


@dataclass(frozen=True)
class Replays:
    """The real function on numbers, beside the definition or another program.

    Attributes:
        dtypes: each is tried.
        against: the program to compare with; None for the definition.
        rounded: dtypes that the program converts values to on its way; the numbers are such that
            these hold them and their sums, since that rounding is left out of the comparison.
    """

    target: Implementation
    layer: Layer
    gradients: bool
    dtypes: Sequence[str]
    layouts: Layouts
    seed: int
    against: Implementation | None = None
    rounded: Sequence[str] = ()

    def call_first(self) -> None:
        """Call the programs on numbers, so that what they make at their first call and keep is made
        of numbers.
        """
        problem = replica(self.layer, self.dtypes[0], self.seed + REPLAYS)
        for program in filter(None, (self.target, self.against)):
            self._observed(program, problem)

    def first_wrong(self) -> str:
        """The first result that is not the expected one, beyond rounding; "" where all are."""
        return self._first(ROUNDING)

    def first_inexact(self) -> str:
        """The first result that is not bit for bit the expected one; "" where all are."""
        return self._first(0.0)

    def _first(self, units: float) -> str:
        if "torch._dynamo" in sys.modules:
            # torch.compile steps aside while a program is followed, and would remember that
            torchlib.load()._dynamo.reset()
        for dtype in self.dtypes:
            formats = [name for name in (dtype, *self.rounded) if name in DTYPES]
            narrowest = min(formats, key=lambda name: real_format(name).precision)
            for n in range(REPLAYS):
                for family in (replica, eighths):
                    problem = family(self.layer, narrowest, self.seed + n)
                    wrong = self._wrong(replace(problem, dtype=dtype), units)
                    if wrong:
                        return wrong
        return ""

    def _wrong(self, problem: Problem, units: float) -> str:
        if self.against is None:
            seen = self._observed(self.target, problem)
            for j in structural(seen, self.target.name, problem):
                return j.verdict.cause
            return _contrast(seen.results, _exact(problem), problem.dtype, "exactly", units)
        # the other one first: what it returns must not come from the call of the target
        other = self._observed(self.against, problem)
        seen = self._observed(self.target, problem)
        faults = {self.target.name: seen.faults, self.against.name: other.faults}
        if [fault.kind for fault in seen.faults] != [fault.kind for fault in other.faults]:
            return "; ".join(f"{n} {f.words}" for n, found in faults.items() for f in found)
        return _contrast(seen.results, other.results, problem.dtype, self.against.name, units)

    def _observed(self, target: Implementation, problem: Problem) -> Observed:
        return observe(target, problem, self.layouts, self.gradients, with_kernel=False)


def _exact(problem: Problem) -> dict[str, Array]:
    """The exact results; every sum is exact, so they are the centres of the truths."""
    found = {}
    for name, truth in truths(problem).items():
        parts = truth.centre
        found[name] = parts[0] + 1j * parts[1] if len(parts) == 2 else parts[0]
    return found


def _contrast(
    results: Mapping[str, Array],
    expected: Mapping[str, Array],
    dtype: str,
    whose: str,
    units: float,
) -> str:
    """The first element that is off by more than `units` roundoffs of the largest one; else ""."""
    for name, result in results.items():
        beside = expected[name]
        if result.shape != beside.shape:
            return f"{name} in {dtype} has shape {result.shape}, {whose} {beside.shape}"
        unit = 2.0 ** -real_format(dtype).precision
        allowed = units * unit * float(np.abs(beside).max(initial=0.0))
        wrong = ~(np.abs(result - beside) <= allowed)
        if wrong.any():
            at = np.unravel_index(int(np.argmax(wrong)), result.shape)
            place = ", ".join(map(str, at))
            return f"{RESULTS[name]}[{place}] in {dtype} is {result[at]}, {whose} {beside[at]}"
    return ""


def first_fault(target: Implementation, problem: Problem, layouts: Layouts, gradients: bool) -> str:
    """The first result of a call that the ladder refutes, "" where none is."""
    seen = observe(target, problem, layouts, gradients, with_kernel=False)
    for j in structural(seen, target.name, problem):
        return j.verdict.cause
    expected = truths(problem)
    for name, result in seen.results.items():
        verdict = judge(target.name, expected[name], problem, result, Standard()).verdict
        if verdict.outcome is Outcome.REFUTED:
            where = f"{verdict.where} in {problem.dtype}"
            return f"{where} is {verdict.actual}, exactly {verdict.expected}"
    return ""
