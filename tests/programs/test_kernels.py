"""The suite's wrong kernels, publicly reported faults and correct kernels, traced on symbols."""

import pytest

from symconv.campaign.space import Generator, Space, draw
from symconv.judging.cases import SMALL, Layer
from symconv.judging.following import followed_layer
from symconv.results.evidence import Outcome
from symconv.targets.engine import Implementation
from tests.gallery.kernels import NAMED
from tests.honest_kernels import kernels as honest
from tests.wrong_kernels import kernels as wrong

SHAPES = tuple(a for a in SMALL if len(a.geometry.axes) == 2)


def outcomes(kernel, layers, **options):
    target = Implementation(kernel.__name__, kernel)
    return [followed_layer(target, layer, **options) for layer in layers]


def drawn(count, dims=(2,)):
    chosen, space = Generator("honest"), Space(dims=dims, switches=(), layouts=False)
    cases = [draw(chosen, space) for _ in range(count)]
    return [Layer(str(c), c.geometry(), c.batch, c.bias) for c in cases]


@pytest.mark.parametrize("kernel", wrong.WRONG, ids=lambda k: k.__name__)
def test_wrong_kernels_are_refuted_and_never_called_identical(kernel):
    found = outcomes(kernel, SHAPES, gradients=True)
    assert not any(c.verdict.outcome is Outcome.HOLDS for c in found)
    refuted = [c for c in found if c.verdict.outcome is Outcome.REFUTED]
    told = [c for c in refuted if c.followed.differences or c.followed.fault]
    assert told, {c.verdict.cause for c in found}


SILENT = [k for k, name in NAMED.items() if name != "SIGSEGV"]


@pytest.mark.parametrize("kernel", SILENT, ids=lambda k: k.__name__)
def test_public_faults_are_refuted_or_said_not_to_be_followed(kernel):
    found = outcomes(kernel, [*SHAPES, *drawn(12)], gradients=True)
    assert not any(c.verdict.outcome is Outcome.HOLDS for c in found)
    assert any(c.verdict.outcome is Outcome.REFUTED for c in found) or all(
        "circular" in c.verdict.cause or c.followed.refusal for c in found
    )


FOLLOWED = (
    "taps_forward",
    "taps_backward",
    "channel_loop",
    "pairwise_sums",
    "bias_first",
    "winograd_f2",
    "gauss",
)


@pytest.mark.parametrize("name", FOLLOWED)
def test_honest_kernels_are_identical(name):
    for case in outcomes(getattr(honest, name), [*SHAPES, *drawn(15)]):
        assert case.verdict.outcome is Outcome.HOLDS, (case.layer.name, case.verdict.cause)


def test_a_fast_algorithm_with_inexact_constants_is_equal_up_to_them():
    causes = [c.verdict.cause for c in outcomes(honest.winograd_f4, drawn(12))]
    assert any("equal up to constants" in c for c in causes)
    assert all(not c or "equal up to constants" in c or "circular" in c for c in causes)
