"""Inf and nan among the operands: where they must show, and where they must not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from symconv.arithmetic.contract import Contraction
from symconv.arithmetic.deciding import place_name
from symconv.arithmetic.nonfinite import Expected, expected
from symconv.arithmetic.truth import Truth
from symconv.evidence import Outcome, Verdict
from symconv.judge.bound import judge_bound
from symconv.judge.judgement import ANY, Array, Judgement, Standard, evidence
from symconv.targets.tensors import Problem


def expected_kinds(truth: Truth, problem: Problem) -> Expected | None:
    """What kind of number each cell must hold; None where all operands are finite."""
    x, w, v = problem.x, problem.w, problem.grad
    a, b = {
        Contraction.OUTPUT: (x, w),
        Contraction.GRAD_INPUT: (v, w),
        Contraction.GRAD_WEIGHT: (x, v),
        None: (v, v),
    }[truth.kind]
    bias = problem.bias if truth.kind is Contraction.OUTPUT else None
    # a truth is over the finite part of its operands, which is the operand itself where it can be
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
    kinds: Expected,
) -> Judgement:
    """Non-finite cells by their kind, the others by their bound.

    A finite number where a term is inf or nan is refuted: no algorithm loses them. Inf or nan
    where every term is finite, or another kind of it, is what fast algorithms do as well.
    """
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
    for cells, words, refutes in (
        (hidden, "an inf or nan among the terms left no trace", True),
        (spread, "not finite although every term is", standard.algorithm != ANY),
        (other, "another kind of inf or nan than the terms give", standard.algorithm != ANY),
    ):
        if not cells.any():
            continue
        part, *index = (int(n) for n in np.argwhere(cells)[0])
        where = place_name(truth, part, tuple(index))
        must = "a finite number" if kinds.finite[(part, *index)] else kinds.special[(part, *index)]
        cause = f"{words}, in {int(cells.sum())} of {base.cells} cells, first in {where}"
        outcome = Outcome.REFUTED if refutes else Outcome.UNDECIDED
        if not refutes:
            cause += "; consistent with a fast algorithm or inserted zeros"
        verdict = replace(
            base.verdict,
            outcome=outcome,
            cause=cause,
            where=where,
            expected=str(must),
            actual=str(actual[(part, *index)]),
        )
        return replace(base, verdict=verdict)
    finite = np.where(kinds.finite & np.isfinite(actual), actual, truth.centre)
    within = judge_bound(target, truth, problem, finite, standard)
    return base if within.verdict.outcome is Outcome.HOLDS else within
