"""One implementation, one call, one result at a time: the ladder of verdicts.

Cheapest and sharpest first. Structural: shape, dtype, device, untouched inputs. Replica: data so
small that every order of summation is exact, compared bit for bit. Bound: real data against the
models of `arithmetic/rounding.py`, decided by a float64 centre and its certified radius, and by
exact arithmetic where that leaves a doubt.

A refutation in the default mode needs the norm-wise bound of fast algorithms broken too: an honest
Winograd or FFT kernel is not of conventional accuracy, and that is all that can be said of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from symconv.arithmetic.contract import Contraction
from symconv.arithmetic.deciding import Decision, Worst, decide, worst_element
from symconv.arithmetic.rounding import Model, models
from symconv.arithmetic.truth import Truth
from symconv.evidence import Evidence, Method, Outcome, Semantics, Verdict
from symconv.targets.tensors import Observed, Problem

Array = np.ndarray[Any, Any]

DIRECT, ANY = "direct", "any"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one result of one call was found to be.

    Attributes:
        result: `output`, `grad_input`, `grad_weight`, `grad_bias`.
        rung: `structural`, `replica` or `bound`.
        verdict: with its scope.
        model: the name of the model that decided.
        terms: n, the most products in a cell.
        beyond: cells that break the model.
        cells: cells in all.
        undecided: cells where intermediate overflow is legitimate, left out.
        worst: the deciding element, None for structural rungs.
        kind: of a finding, `value` and the like.
    """

    result: str
    rung: str
    verdict: Verdict
    model: str = ""
    terms: int = 0
    beyond: int = 0
    cells: int = 0
    undecided: int = 0
    worst: Worst | None = None
    kind: str = "value"


def truths(problem: Problem) -> dict[str, Truth]:
    """What every result of a call must be; gradients after torch's convention for complex data."""
    g, x, w, v = problem.geometry, problem.x, problem.w, problem.grad
    return {
        "output": Truth("output", g, Contraction.OUTPUT, x, w, problem.bias),
        "grad_input": Truth("grad_input", g, Contraction.GRAD_INPUT, v, np.conj(w)),
        "grad_weight": Truth("grad_weight", g, Contraction.GRAD_WEIGHT, np.conj(x), v),
        "grad_bias": Truth("grad_bias", g, None, v, v),
    }


def structural(seen: Observed, target: str, problem: Problem) -> list[Judgement]:
    """A finding for each structural fault."""
    found = []
    for kind, words in seen.faults:
        evidence = Evidence(
            f"{target} returns a tensor of the right shape, dtype and device, untouched inputs",
            problem.what,
            Semantics.IEEE,
            Method.CHECKED,
            (),
            "run the call",
            "any",
        )
        verdict = Verdict(Outcome.REFUTED, evidence, cause=f"{target} {words}")
        found.append(Judgement(kind, "structural", verdict, kind=kind))
    return found


def _parts(values: Array) -> Array:
    """A result as real parts, as truths are."""
    if np.iscomplexobj(values):
        return np.stack([values.real, values.imag])
    return values[None]


def _evidence(
    target: str, truth: Truth, problem: Problem, model: Model | None, algorithm: str
) -> Evidence:
    named = "bit for bit the exact result" if model is None else f"consistent with: {model.says}"
    kinds = "conventional: each product formed once, any order of summation"
    return Evidence(
        f"{truth.name} of {target} is {named}",
        f"{problem.what}, {problem.dtype}, n = {truth.terms}",
        Semantics.IEEE,
        Method.CHECKED if model is None else Method.BOUND,
        ("the exact contraction (arithmetic/contract.py)",)
        + (() if model is None else (f"the theorem: {model.source}",)),
        "run the call on these values and compare one element with its exact sum",
        kinds if algorithm == DIRECT or model is None or model.conventional else "any",
    )


def judge_bound(
    target: str, truth: Truth, problem: Problem, result: Array, algorithm: str
) -> Judgement:
    """Real data against the models, the strictest first."""
    actual = _parts(result)
    broken: list[tuple[Judgement, Decision]] = []
    for model in models(problem.dtype):
        if algorithm == DIRECT and not model.conventional:
            continue
        bound = model.bound(truth.quantities)
        decision = decide(truth, actual, bound, problem.dtype)
        found = Judgement(
            truth.name,
            "bound",
            Verdict(Outcome.HOLDS, _evidence(target, truth, problem, model, algorithm)),
            model.name,
            truth.terms,
            int(decision.beyond.sum()),
            actual.size,
            int(decision.left_out.sum()),
        )
        if found.beyond:
            broken.append((found, decision))
        elif model.conventional and found.undecided < found.cells:
            return found
        elif model.conventional:
            return _with(found, Outcome.UNDECIDED, "every cell may overflow on the way")
        else:
            before, decision = broken[-1]
            cause = (
                f"not of conventional accuracy in {before.beyond} of {before.cells} cells; "
                "consistent with a fast algorithm such as Winograd or FFT. To decide: --algorithm "
                "direct, if the kernel forms each product once"
            )
            worst = worst_element(truth, actual, decision, problem.dtype)
            told = replace(found, model=f"{before.model} is broken, {found.model} is kept")
            return _with(told, Outcome.UNDECIDED, cause, worst)
    found, decision = broken[-1]
    worst = worst_element(truth, actual, decision, problem.dtype)
    cause = f"{found.beyond} of {found.cells} cells break every bound"
    return _with(found, Outcome.REFUTED, cause, worst)


def judge_replica(
    target: str, truth: Truth, problem: Problem, result: Array, algorithm: str
) -> Judgement:
    """Whole numbers inside the budget: any order of summation gives the exact result."""
    actual = _parts(result)
    evidence = _evidence(target, truth, problem, None, algorithm)
    # the centre is exact here: all sums are whole numbers below 2**53
    differs = ~(actual == truth.centre)
    base = Judgement(
        truth.name,
        "replica",
        Verdict(Outcome.HOLDS, evidence),
        "bit for bit",
        truth.terms,
        int(differs.sum()),
        actual.size,
    )
    if not differs.any():
        return base
    zero = np.zeros_like(truth.centre)
    decision = Decision(differs, zero, np.zeros_like(differs))
    worst = worst_element(truth, actual, decision, problem.dtype)
    fast = models(problem.dtype)[-1]
    if algorithm == ANY:
        allowed = decide(truth, actual, fast.bound(truth.quantities), problem.dtype)
        if not allowed.beyond.any():
            cause = (
                f"{base.beyond} of {base.cells} cells are not the exact result; consistent with a "
                "fast algorithm such as Winograd or FFT"
            )
            return _with(base, Outcome.UNDECIDED, cause, worst)
    cause = f"{base.beyond} of {base.cells} cells are not the exact result"
    return _with(base, Outcome.REFUTED, cause, worst)


def _with(found: Judgement, outcome: Outcome, cause: str, worst: Worst | None = None) -> Judgement:
    verdict = replace(found.verdict, outcome=outcome, cause=cause)
    if worst is not None:
        verdict = replace(
            verdict,
            where=worst.place,
            expected=str(worst.rounded),
            actual=str(worst.actual),
            bound=f"{worst.bound:.3g}",
        )
    return replace(found, verdict=verdict, worst=worst)
