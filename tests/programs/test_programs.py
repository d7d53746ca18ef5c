"""The result of tracing each program: identical, refuted by the right products, or undecided."""

import pytest
import torch

from symconv.core.dialects.building import torch_geometry
from symconv.judging.cases import Layer
from symconv.judging.following import followed_layer
from symconv.results.evidence import Outcome
from symconv.targets.engine import Implementation
from tests.programs.followed import PROGRAMS, fold
from tests.programs.others import REFUSED, WRONG

SHAPE = torch_geometry((2, 3), (3, 3), in_channels=2, out_channels=2, stride=2, padding=1)
FLAT = torch_geometry((3, 2), (2, 3), in_channels=1, out_channels=2, stride=1)


def shown(function, geometry=SHAPE, **options):
    def call(x, w, bias=None, stride=1, padding=0, **rest):
        return function(x, w, stride, padding)

    return followed_layer(
        Implementation(function.__name__, call), Layer("it", geometry, 2), **options
    )


def test_there_are_enough_programs_and_each_says_what_it_is():
    every = [*PROGRAMS.values(), *(v[0] for t in (WRONG, REFUSED) for v in t.values())]
    assert len(every) >= 45 and len({f.__doc__ for f in every}) == len(every)
    assert all(f.__doc__ for f in every)


@pytest.mark.parametrize("name", PROGRAMS)
def test_right_programs_are_identical(name):
    for geometry in (SHAPE, FLAT):
        case = shown(PROGRAMS[name], geometry)
        assert case.verdict.outcome is Outcome.HOLDS, case.verdict.cause
        assert case.followed.cells and not case.followed.circular


CUT_OFF = {"gradient_of_unfold", "written_through_data", "module_with_weight_data"}
NO_OUT = {"out_arguments"}


@pytest.mark.parametrize("name", PROGRAMS)
def test_their_gradients_are_too(name):
    case = shown(PROGRAMS[name], gradients=True)
    if name in CUT_OFF:
        assert case.verdict.outcome is Outcome.REFUTED and "gradient" in case.verdict.cause
    elif name in NO_OUT:
        assert "don't support automatic differentiation" in case.verdict.cause
    else:
        assert case.verdict.outcome is Outcome.HOLDS, case.verdict.cause


@pytest.mark.parametrize("name", WRONG)
def test_wrong_programs_are_refuted_by_what_is_wrong(name):
    function, words, gradients = WRONG[name]
    case = shown(function, gradients=gradients)
    told = case.verdict.cause + "".join(d.told() for d in case.followed.differences)
    assert case.verdict.outcome is Outcome.REFUTED, told
    assert words in told


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_followed_is_undecided_with_the_reason(name):
    function, words = REFUSED[name]
    case = shown(function)
    assert case.verdict.outcome is Outcome.UNDECIDED and words in case.verdict.cause
    if case.followed.refusal and name != "address":
        assert ".py:" in case.verdict.cause  # the line of the program


def answering(name, asks):
    """A program that is right if `asks(x)` is true, as in exact arithmetic, and else returns 0."""

    def program(x, w, s, p):
        return fold(x, w, s, p) * (1.0 if asks(x) else 0.0)

    program.__name__ = name
    return program


CANCELLED = {
    "cancelled": lambda x: bool(((((x + 1024) - 1024) - x) == 0).all()),
    "cancelled item": lambda x: (x * 3 - x * 2 - x).sum().item() == 0,
    "cancelled, cast": lambda x: int((((x + 1024) - 1024) - x).abs().sum()) == 0,
    "cancelled, cast alone": lambda x: bool(
        (((((x + 1024) - 1024) - x) * 1e9).to(torch.int64) == 0).all()
    ),
    "uninitialised": lambda x: bool(((e := torch.empty(4)) - e == 0).all()),
    "equal": lambda x: torch.equal(x + 1024 - 1024, x),
}
ROUNDING = {
    "a number beside float32": lambda x: not bool((torch.full((1,), 0.1) == 0.1).all()),
    "full_like": lambda x: not bool((torch.full_like(x, 0.1) == torch.full(x.shape, 0.1)).all()),
    "whole numbers": lambda x: (
        not bool((torch.full((1,), 2.0**24) == torch.tensor([2**24 + 1])).all())
    ),
    "a sum": lambda x: (
        not bool((torch.full((1,), 0.1) + torch.full((1,), 0.2) == torch.full((1,), 0.3)).all())
    ),
    "a small term": lambda x: (torch.ones(1) + 2**-40).item() != 1,
    "underflow": lambda x: bool((torch.full((1,), 1e-30) * torch.full((1,), 1e-30) > 0).all()),
}


@pytest.mark.parametrize("name", CANCELLED)
def test_what_the_inputs_took_part_in_is_no_constant(name):
    case = shown(answering(name, CANCELLED[name]), dtypes=("float32",))
    assert case.verdict.outcome is not Outcome.HOLDS


@pytest.mark.parametrize("name", ROUNDING)
def test_constants_are_asked_for_as_torch_rounds_them(name):
    asks = ROUNDING[name]
    case = shown(answering(name, asks), dtypes=("float32",))
    assert case.verdict.outcome is Outcome.UNDECIDED
    assert "torch in float32 answers differently from exact" in case.verdict.cause


def floored(x, w, s, p):
    """0.7 in float32 times 10 is less than 7 exactly, but equals 7 as torch rounds it."""
    return fold(x, w, s, p) * (torch.floor(torch.full((1,), 0.7) * 10) - 5)


def test_what_is_rounded_to_whole_numbers_is_a_question_too():
    case = shown(floored, dtypes=("float32",))
    assert case.verdict.outcome is Outcome.UNDECIDED
    assert "torch in float32 answers differently from exact" in case.verdict.cause
