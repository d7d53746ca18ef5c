"""The rungs of the ladder, and the choice of the rung for a result.

- `structural`: what a call returned is not a tensor of the right shape, dtype and device.
- `judge_replica`: integers that every order of summation adds exactly, compared bit for bit.
- `judge_bound`: real values against the rounding models, strictest first.
- `judge_nonfinite`: inf and nan among the operands: where they must appear and must not.

`judge` chooses the rung that the values of a problem are made for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from symconv.exact.contract import Contraction
from symconv.exact.deciding import Decision, decide, place_name, worst_element
from symconv.exact.dtypes import DTYPES, REAL
from symconv.exact.nonfinite import Expected, expected
from symconv.exact.rounding import Model, suspicious
from symconv.exact.truth import Truth
from symconv.judging.judgement import ANY, Array, Judgement, Standard, evidence
from symconv.results.evidence import Evidence, Method, Outcome, Semantics, Verdict
from symconv.results.reasons import ReasonKind, because
from symconv.targets.engine import Observed
from symconv.targets.faults import NO_BACKWARD, UNSUPPORTED
from symconv.targets.tensors import Problem


def expected_kinds(truth: Truth, problem: Problem) -> Expected | None:
    """Which kind of number each cell must hold; None if all operands are finite."""
    x, w, v = problem.x, problem.w, problem.grad
    a, b = {
        Contraction.OUTPUT: (x, w),
        Contraction.GRAD_INPUT: (v, w),
        Contraction.GRAD_WEIGHT: (x, v),
        None: (v, v),
    }[truth.kind]
    bias = problem.bias if truth.kind is Contraction.OUTPUT else None
    # a truth uses the finite part of its operands, which is the operand itself if it is finite
    own = truth.a, truth.b, truth.bias
    if all(t is None or t.values is u for t, u in zip(own, (a, b, bias), strict=True)):
        return None
    found = expected(problem.geometry, truth.kind, a, b, bias)
    shape = truth.centre.shape
    return Expected(
        *(np.broadcast_to(t, shape) for t in (found.finite, found.special, found.loose))
    )


def judge_nonfinite(
    target: str,
    truth: Truth,
    problem: Problem,
    actual: Array,
    standard: Standard,
) -> Judgement:
    """Judge non-finite cells by their kind and the others by their bound.

    A finite number where a term is inf or nan is refuted: no algorithm loses them. Inf or nan where
    every term is finite, or another kind of it, may also come from a fast algorithm.
    """
    kinds = expected_kinds(truth, problem)
    assert kinds is not None, "the operands are finite"
    hidden = ~kinds.finite & np.isfinite(actual)
    told = (actual == kinds.special) | (np.isnan(actual) & np.isnan(kinds.special))
    other = ~kinds.finite & ~hidden & ~told & ~kinds.loose & (not truth.complex)
    spread = kinds.finite & ~np.isfinite(actual) & ~kinds.loose
    claim = "inf or nan exactly where a term is"
    base = Judgement(
        truth.name,
        "non-finite",
        Verdict(Outcome.HOLDS, evidence(target, truth, problem, None, standard, claim)),
        "IEEE 754",
        truth.terms,
        int(hidden.sum() + other.sum() + spread.sum()),
        actual.size,
        kind="non-finite",
    )
    strict = standard.algorithm != ANY
    for cells, kind, refutes in (
        (hidden, ReasonKind.NONFINITE_LOST, True),
        (spread, ReasonKind.NONFINITE_SPREAD, strict),
        (other, ReasonKind.NONFINITE_KIND, strict),
    ):
        if not cells.any():
            continue
        part, *index = (int(n) for n in np.argwhere(cells)[0])
        where = place_name(truth, part, tuple(index))
        must = "a finite number" if kinds.finite[(part, *index)] else kinds.special[(part, *index)]
        reason = because(
            kind, wrong=int(cells.sum()), cells=base.cells, where=where, lenient=not refutes
        )
        outcome = Outcome.REFUTED if refutes else Outcome.UNDECIDED
        verdict = replace(
            base.verdict,
            outcome=outcome,
            reasons=(reason,),
            where=where,
            expected=str(must),
            actual=str(actual[(part, *index)]),
        )
        return replace(base, verdict=verdict, index=tuple(index), part=part)
    finite = np.where(kinds.finite & np.isfinite(actual), actual, truth.centre)
    within = judge_bound(target, truth, problem, finite, standard)
    return base if within.verdict.outcome is Outcome.HOLDS else within


def judge_bound(
    target: str, truth: Truth, problem: Problem, actual: Array, standard: Standard
) -> Judgement:
    """Judge real values by the rounding models, strictest first."""
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
            return found.decided(Outcome.UNDECIDED, because(ReasonKind.MAY_OVERFLOW))
        elif model.conventional or not broken:
            return replace(found, suspect=_suspects(truth, actual, decision, model, problem))
        else:
            return _consistent_with_fast(truth, actual, problem, broken[-1], found)
    found, decision, model = broken[-1]
    bound = model.bound(truth.quantities()).reshape(actual.shape)
    worst = worst_element(truth, actual, decision, bound, problem.dtype)
    broke = "" if len(broken) > 1 else model.name
    reason = because(ReasonKind.BEYOND_BOUND, wrong=found.beyond, cells=found.cells, model=broke)
    return found.decided(Outcome.REFUTED, reason, worst)


def _consistent_with_fast(
    truth: Truth,
    actual: Array,
    problem: Problem,
    broken: tuple[Judgement, Decision, Model],
    kept: Judgement,
) -> Judgement:
    """The judgement of a result without conventional accuracy, with its worst element."""
    before, decision, model = broken
    bound = model.bound(truth.quantities()).reshape(actual.shape)
    worst = worst_element(truth, actual, decision, bound, problem.dtype)
    reason = because(ReasonKind.NOT_CONVENTIONAL, wrong=before.beyond, cells=before.cells)
    both = replace(kept, model=f"exceeds {before.model}, within {kept.model}")
    return both.decided(Outcome.UNDECIDED, reason, worst)


def _suspects(
    truth: Truth, actual: Array, decision: Decision, model: Model, problem: Problem
) -> int:
    """Number of cells within the bound but further off than sums in random order would be."""
    # 16 sigma >= 6 u A, since Q >= A**2 / n: with a lower ratio no cell can be beyond it
    if (
        decision.ratio * truth.terms < 6
        and problem.dtype in REAL
        and (not DTYPES[problem.dtype].half)
    ):
        return 0
    allowed = suspicious(model, problem.dtype, truth.quantities())
    if allowed is None:
        return 0
    with np.errstate(invalid="ignore", over="ignore"):
        distance = np.abs(actual - truth.centre).reshape(allowed.shape)
        far = distance > allowed + truth.radius_of(truth.quantities().magnitude)
    return int((far & ~decision.left_out.reshape(allowed.shape)).sum())


def judge_replica(
    target: str, truth: Truth, problem: Problem, actual: Array, standard: Standard
) -> Judgement:
    """Judge sums of integers within the exact range: any order gives the exact result."""
    # the centre is exact: its dtype represents all sums, which are integers
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
    count = {"wrong": base.beyond, "cells": base.cells}
    fast = standard.models(problem.dtype)[-1]
    lenient = standard.algorithm == ANY and not fast.conventional
    if lenient and not decide(truth, actual, fast.bound, problem.dtype).beyond.any():
        reason = because(ReasonKind.NOT_EXACT_BUT_FAST, **count)
        return base.decided(Outcome.UNDECIDED, reason, worst)
    return base.decided(Outcome.REFUTED, because(ReasonKind.NOT_EXACT, **count), worst)


def structural(seen: Observed, target: str, problem: Problem) -> list[Judgement]:
    """One judgement for each structural fault of a call."""
    found = []
    for kind, reason, raised in seen.faults:
        scope = Evidence(
            f"{target} returns a tensor of the right shape, dtype and device, inputs unchanged",
            problem.what,
            Semantics.IEEE,
            Method.CHECKED,
            (),
            "run the call",
            "any",
        )
        full = raised is not None and raised.memory  # a limit of the machine
        outcome = Outcome.UNDECIDED if kind == UNSUPPORTED or full else Outcome.REFUTED
        verdict = Verdict(outcome, scope, reasons=(reason,))
        found.append(Judgement(kind, "structural", verdict, kind=kind, raised=raised))
    return found


def declines_backward(j: Judgement) -> bool:
    """Whether the fault is a NotImplementedError of the backward pass."""
    return j.kind == NO_BACKWARD and j.raised is not None and j.raised.unsupported


@dataclass(frozen=True, slots=True)
class Rung:
    """A way to judge one result.

    Attributes:
        name: as on pages and in JSON.
        applies: whether the values of a problem are made for it.
        judge: gives the judgement of a result, as stacked real parts.
        exact: a result that holds is bit for bit the exact one.
    """

    name: str
    applies: Callable[[Truth, Problem], bool]
    judge: Callable[[str, Truth, Problem, Array, Standard], Judgement]
    exact: bool = False


RUNGS = (
    Rung("non-finite", lambda t, p: expected_kinds(t, p) is not None, judge_nonfinite),
    Rung("replica", lambda t, p: bool(np.isfinite(p.whole)), judge_replica, exact=True),
    Rung("bound", lambda t, p: True, judge_bound),
)
"""The rungs, the sharpest first; the first one that applies decides."""


def judge(
    target: str, truth: Truth, problem: Problem, result: Array, standard: Standard
) -> Judgement:
    """Judge one result by the first rung that its values are made for."""
    actual = _parts(result)
    # centres of values near overflow may exceed float64; exact arithmetic decides those cells
    with np.errstate(over="ignore", invalid="ignore"):
        rung = next(rung for rung in RUNGS if rung.applies(truth, problem))
        found = rung.judge(target, truth, problem, actual, standard)
        return replace(found, exact=rung.exact and not found.beyond)


def _parts(values: Array) -> Array:
    """A result as stacked real parts, as in `Truth`."""
    if np.iscomplexobj(values):
        return np.stack([values.real, values.imag])
    return values[None]
