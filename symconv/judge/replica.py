"""Whole numbers that every order of summation adds exactly, compared bit for bit."""

from __future__ import annotations

import numpy as np

from symconv.arithmetic.deciding import Decision, decide, worst_element
from symconv.arithmetic.truth import Truth
from symconv.evidence import Outcome, Verdict
from symconv.judge.judgement import ANY, Array, Judgement, Standard, evidence
from symconv.targets.tensors import Problem


def judge_replica(
    target: str, truth: Truth, problem: Problem, actual: Array, standard: Standard
) -> Judgement:
    """Whole numbers inside the budget: any order of summation gives the exact result."""
    # the centre is exact here: all sums are whole numbers that its dtype holds
    differs = actual != truth.centre
    base = Judgement(
        truth.name,
        "replica",
        Verdict(Outcome.HOLDS, evidence(target, truth, problem, None, standard)),
        "bit for bit",
        truth.terms,
        int(differs.sum()),
        actual.size,
    )
    if not base.beyond:
        return base
    wrong = Decision(differs, np.zeros_like(differs))
    worst = worst_element(truth, actual, wrong, np.zeros(differs.shape), problem.dtype)
    cause = f"{base.beyond} of {base.cells} cells are not the exact result"
    fast = standard.models(problem.dtype)[-1]
    lenient = standard.algorithm == ANY and not fast.conventional
    if lenient and not decide(truth, actual, fast.bound, problem.dtype).beyond.any():
        cause += "; consistent with a fast algorithm such as Winograd or FFT"
        return base.told(Outcome.UNDECIDED, cause, worst)
    return base.told(Outcome.REFUTED, cause, worst)
