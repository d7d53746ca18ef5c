"""Which rung a result is judged by: what its call returned, and what its data are made for."""

from __future__ import annotations

import numpy as np

from symconv.arithmetic.truth import Truth
from symconv.evidence import Evidence, Method, Outcome, Semantics, Verdict
from symconv.judge.bound import judge_bound
from symconv.judge.judgement import Array, Judgement, Standard
from symconv.judge.nonfinite import expected_kinds, judge_nonfinite
from symconv.judge.replica import judge_replica
from symconv.targets.calling import NO_BACKWARD, UNSUPPORTED
from symconv.targets.observing import Observed
from symconv.targets.tensors import Problem


def structural(seen: Observed, target: str, problem: Problem) -> list[Judgement]:
    """A finding for each structural fault."""
    found = []
    for kind, words, raised in seen.faults:
        scope = Evidence(
            f"{target} returns a tensor of the right shape, dtype and device, untouched inputs",
            problem.what,
            Semantics.IEEE,
            Method.CHECKED,
            (),
            "run the call",
            "any",
        )
        full = raised is not None and raised.memory  # that is a limit of the machine
        outcome = Outcome.UNDECIDED if kind == UNSUPPORTED or full else Outcome.REFUTED
        verdict = Verdict(outcome, scope, cause=f"{target} {words}")
        found.append(Judgement(kind, "structural", verdict, kind=kind, raised=raised))
    return found


def declines_backward(j: Judgement) -> bool:
    """The fault is a NotImplementedError of the backward pass."""
    return j.kind == NO_BACKWARD and j.raised is not None and j.raised.unsupported


def judge(
    target: str, truth: Truth, problem: Problem, result: Array, standard: Standard
) -> Judgement:
    """One result by the rung that its data are made for."""
    actual = _parts(result)
    # centres of data near overflow may leave float64; exact arithmetic decides those cells
    with np.errstate(over="ignore", invalid="ignore"):
        kinds = expected_kinds(truth, problem)
        if kinds is not None:
            return judge_nonfinite(target, truth, problem, actual, standard, kinds)
        if np.isfinite(problem.whole):
            return judge_replica(target, truth, problem, actual, standard)
        return judge_bound(target, truth, problem, actual, standard)


def _parts(values: Array) -> Array:
    """A result as real parts, as truths are."""
    if np.iscomplexobj(values):
        return np.stack([values.real, values.imag])
    return values[None]
