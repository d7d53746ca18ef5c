"""Real data against the models of rounding, the strictest first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from symconv.arithmetic.deciding import Decision, decide, worst_element
from symconv.arithmetic.models import suspicious
from symconv.arithmetic.rounding import Model
from symconv.arithmetic.truth import Truth
from symconv.evidence import Outcome, Verdict
from symconv.judge.judgement import Array, Judgement, Standard, evidence
from symconv.targets.tensors import Problem


def judge_bound(
    target: str, truth: Truth, problem: Problem, actual: Array, standard: Standard
) -> Judgement:
    """Real data against the models, the strictest first."""
    broken: list[tuple[Judgement, Decision, Model]] = []
    for model in standard.models(problem.dtype):
        decision = decide(truth, actual, model.bound, problem.dtype)
        found = Judgement(
            truth.name,
            "bound",
            Verdict(Outcome.HOLDS, evidence(target, truth, problem, model, standard)),
            model.name,
            truth.terms,
            int(decision.beyond.sum()),
            actual.size,
            int(decision.left_out.sum()),
            decision.ratio,
        )
        if found.beyond:
            broken.append((found, decision, model))
        elif found.undecided == found.cells:
            return found.told(Outcome.UNDECIDED, "every cell may overflow on the way")
        elif model.conventional or not broken:
            return replace(found, suspect=_suspects(truth, actual, decision, model, problem))
        else:
            return _consistent_with_fast(truth, actual, problem, broken[-1], found)
    found, decision, model = broken[-1]
    bound = model.bound(truth.quantities()).reshape(actual.shape)
    worst = worst_element(truth, actual, decision, bound, problem.dtype)
    broke = "every bound" if len(broken) > 1 else f"the bound of {model.name}"
    cause = f"{found.beyond} of {found.cells} cells break {broke}"
    return found.told(Outcome.REFUTED, cause, worst)


def _consistent_with_fast(
    truth: Truth,
    actual: Array,
    problem: Problem,
    broken: tuple[Judgement, Decision, Model],
    kept: Judgement,
) -> Judgement:
    """Not of conventional accuracy; the element shown is the one that breaks that bound most."""
    before, decision, model = broken
    bound = model.bound(truth.quantities()).reshape(actual.shape)
    worst = worst_element(truth, actual, decision, bound, problem.dtype)
    cause = (
        f"not of conventional accuracy in {before.beyond} of {before.cells} cells; "
        "consistent with a fast algorithm such as Winograd or FFT. To decide: --algorithm "
        "direct, if the kernel forms each product once"
    )
    told = replace(kept, model=f"{before.model} is broken, {kept.model} is kept")
    return told.told(Outcome.UNDECIDED, cause, worst)


def _suspects(
    truth: Truth, actual: Array, decision: Decision, model: Model, problem: Problem
) -> int:
    """Cells within the bound, but further off than sums in random order would ever be."""
    # 16 sigma is at least 6 u A, since Q >= A**2 / n; no cell can be beyond with a lower ratio
    if decision.ratio * truth.terms < 6 and problem.dtype in ("float32", "float64"):
        return 0
    allowed = suspicious(model, problem.dtype, truth.quantities())
    if allowed is None:
        return 0
    with np.errstate(invalid="ignore", over="ignore"):
        distance = np.abs(actual - truth.centre).reshape(allowed.shape)
        far = distance > allowed + truth.radius_of(truth.quantities().magnitude)
    return int((far & ~decision.left_out.reshape(allowed.shape)).sum())
