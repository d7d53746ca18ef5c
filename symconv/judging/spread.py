"""Distribution of a result's errors: relative to the deciding bound, and over one plane."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from symconv.exact.truth import Truth
from symconv.judging.judgement import Array, ErrorPlane, Judgement, Standard
from symconv.results.evidence import Outcome
from symconv.targets.tensors import Problem

MOST_CELLS = 2**16
"""Upper limit on the cells of a result that are counted; the first ones are."""
FINEST = 12
"""Bins are powers of two from 2**-12 to 1 times the bound, plus one for exact cells and one for
cells beyond the bound.
"""
BINS = FINEST + 3
MOST_SIDE = 24


def with_errors(
    judgement: Judgement, truth: Truth, problem: Problem, actual: Array, standard: Standard
) -> Judgement:
    """The judgement with the data for its pictures; `actual` is what the call returned."""
    if judgement.rung == "bound":
        judgement = replace(judgement, spread=spread(judgement, truth, problem, actual, standard))
    if judgement.verdict.outcome is not Outcome.HOLDS and judgement.worst is not None:
        judgement = replace(judgement, plane=plane(judgement, truth, actual))
    return judgement


def _parts(actual: Array) -> Array:
    return np.stack([actual.real, actual.imag]) if np.iscomplexobj(actual) else actual[None]


def spread(
    judgement: Judgement, truth: Truth, problem: Problem, actual: Array, standard: Standard
) -> tuple[int, ...]:
    """Number of cells per bin: exact, error over bound up to 2**-12, 2**-11, ... 1, and beyond.

    Empty if an operand contains inf or nan.
    """
    named = [m for m in standard.models(problem.dtype) if m.name == judgement.model]
    operands = (problem.x, problem.w, problem.bias, problem.grad)
    if not named or not all(np.isfinite(v).all() for v in operands if v is not None):
        return ()
    cells = slice(0, MOST_CELLS)
    count = truth.centre.shape[0]
    given = _parts(actual).reshape(count, -1)[:, cells].astype(np.float64)
    centre = truth.centre.reshape(count, -1)[:, cells]
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        error = np.abs(given - centre)
        ratio = error / named[0].bound(truth.quantities(cells))
        power = np.ceil(np.log2(ratio))
    bins = np.clip(np.nan_to_num(power, nan=1.0, posinf=1.0, neginf=-FINEST), -FINEST, 1)
    places = np.where(error == 0, 0, bins + FINEST + 1).astype(int)
    return tuple(np.bincount(places.ravel(), minlength=BINS).tolist())


def plane(judgement: Judgement, truth: Truth, actual: Array) -> ErrorPlane | None:
    """The errors in the plane of the deciding element; None for a result without planes."""
    assert judgement.worst is not None
    index, part = judgement.worst.index, judgement.worst.part
    with np.errstate(invalid="ignore", over="ignore"):
        error = _parts(actual)[part].astype(np.float64) - truth.centre[part]
    error = np.where(np.isfinite(error), error, np.inf)
    place = index[:-2]
    if error.ndim < 2 or error.ndim != len(index):
        return None
    whole = error[place]
    rows = whole[:MOST_SIDE, :MOST_SIDE]
    return ErrorPlane(place, tuple(map(tuple, rows.tolist())), rows.shape == whole.shape)
