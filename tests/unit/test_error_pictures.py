"""Pictures of verdicts: how errors are distributed relative to their bound, and where they are."""

import math

import numpy as np
import pytest

from symconv.core.dialects.building import torch_geometry
from symconv.judging.cases import Layer
from symconv.judging.check_page import document
from symconv.judging.error_pictures import error_map, histogram
from symconv.judging.judgement import ErrorPlane
from symconv.judging.run import check_implementation
from symconv.judging.spread import BINS
from symconv.render.drawing import Rectangle, Words
from symconv.render.tree import Picture
from symconv.results.evidence import Outcome
from symconv.targets.engine import Implementation

torch = pytest.importorskip("torch")
RIGHT = torch.nn.functional.conv_transpose2d
LAYER = Layer("4x3 -> 5x4", torch_geometry((4, 3), (2, 2)), 1, False)


def report(kernel):
    return check_implementation(
        Implementation("mine", kernel), layers=(LAYER,), gradients=False, algorithm="direct"
    )


def shapes(picture, kind):
    return [s for s in picture.drawing.shapes if isinstance(s, kind)]


def scaled(relative):
    return lambda *a, **k: RIGHT(*a, **k) * (1 + relative)


def test_every_cell_is_in_one_bin_and_the_worst_ratio_in_the_last_that_is_filled():
    for _, j in report(RIGHT).judgements:
        if j.rung != "bound":
            assert j.spread == ()
            continue
        assert len(j.spread) == BINS and sum(j.spread) == j.cells == 20 and not j.spread[-1]
        top = max(n for n in range(BINS) if j.spread[n])
        least = 2.0 ** (top - BINS + 1) if top > 1 else 0
        assert least <= j.ratio * (1 + 1e-9) <= 2.0 ** (top - BINS + 2) * 1.01


def test_cells_beyond_the_bound_are_counted_as_the_verdict_counts_them():
    found = [j for _, j in report(scaled(0.5)).judgements if j.rung == "bound" and j.spread]
    assert len(found) == 5 and all(j.spread[-1] == j.beyond for j in found)


def test_the_plane_shows_the_cell_that_is_wrong():
    def one_off(x, w, bias=None, **steps):
        y = RIGHT(x, w, bias, **steps).clone()
        y[..., 3, 1] += 2.0
        return y

    refuted = [j for _, j in report(one_off).judgements if j.verdict.outcome is Outcome.REFUTED]
    assert {j.rung for j in refuted} >= {"bound", "replica"}
    for j in refuted:
        if "near" in j.verdict.evidence.domain:  # 2 is negligible there, or dominates
            continue
        errors = np.array(j.plane.rows)
        assert errors.shape == (5, 4) and j.plane.place == (0, 0) and j.plane.whole
        assert math.isclose(errors[3, 1], 2.0, rel_tol=1e-3)
        errors[3, 1] = 0
        assert abs(errors).max() < 1e-3


def test_an_error_map_draws_each_cell():
    plane = ErrorPlane((0, 2), ((0.0, -2.0), (0.5, math.inf)), False)
    picture = error_map("output", plane)
    filled = [r.fill for r in shapes(picture, Rectangle)]
    assert [f is not None for f in filled] == [False, True, True, True]
    assert filled[1].cover > filled[2].cover and filled[3].cover == filled[1].cover
    assert [w.text for w in shapes(picture, Words)] == ["-2", "0.5", "nan"]
    assert "y[0, 2, :, :]" in picture.alt and "3 of 4 cells differ, the largest is 2" in picture.alt


def test_a_histogram_has_bars_as_high_as_its_counts():
    counts = [0] * BINS
    counts[0], counts[5], counts[-1] = 10, 30, 1
    picture = histogram("grad_weight", counts)
    bars = shapes(picture, Rectangle)
    assert [round(b.height / bars[1].height, 3) for b in bars] == [0.333, 1.0, 0.033]
    assert {b.y + b.height for b in bars} == {bars[0].y + bars[0].height}
    assert "41 cells 10 are exact, 1 are beyond" in picture.alt and "grad_w" in picture.alt


def test_pages_have_pictures_where_they_can_be_seen():
    found = report(scaled(0.5))
    drawn = [b for b in document(found).blocks if isinstance(b, Picture)]
    assert any("Error map" in p.alt for p in drawn) and any("Histogram" in p.alt for p in drawn)
    assert not any(isinstance(b, Picture) for b in document(found, pictures=False).blocks)
