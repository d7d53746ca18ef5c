"""Every wrong kernel is refuted, even several that assert_close accepts."""

from fractions import Fraction

import pytest

from symconv.judging.run import check_implementation
from symconv.results.evidence import Outcome
from symconv.targets.engine import Implementation
from symconv.targets.tensors import Layouts
from tests.wrong_kernels import kernels

torch = pytest.importorskip("torch")


def report(kernel, **options):
    return check_implementation(Implementation(kernel.__name__, kernel), **options)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kernel", kernels.WRONG, ids=lambda k: k.__name__)
def test_wrong_kernels_are_refuted(kernel, dtype):
    found = report(kernel, dtype=dtype)
    assert found.outcome is Outcome.REFUTED
    for _, judgement in found.findings(Outcome.REFUTED):
        assert judgement.rung in ("structural", "non-finite") or judgement.worst is not None


@pytest.mark.parametrize("kernel", kernels.BY_LAYOUT, ids=lambda k: k.__name__)
def test_faults_of_a_layout_show_in_that_layout(kernel):
    assert report(kernel).outcome is Outcome.HOLDS
    assert report(kernel, layouts=Layouts(w=kernels.BY_LAYOUT[kernel])).outcome is Outcome.REFUTED


def test_there_are_at_least_twenty_each_with_its_own_fault():
    everything = [*kernels.WRONG, *kernels.BY_LAYOUT]
    assert len({k.__doc__ for k in everything}) == len(everything) >= 20
    assert sum("#" in k.__doc__ for k in everything) >= 8


@pytest.mark.parametrize("kernel", kernels.SEEM_RIGHT_WHEN_SMALL, ids=lambda k: k.__name__)
def test_assert_close_passes_what_symconv_refutes(kernel):
    """Small data: assert_close's absolute tolerance of 1e-5 hides every error."""
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(1, 8, 6, 6, generator=generator) * 1e-3
    w = torch.randn(8, 4, 3, 3, generator=generator) * 3e-4
    steps = {"stride": 2, "padding": 1, "output_padding": 1, "groups": 1, "dilation": 1}
    torch.testing.assert_close(kernel(x, w, None, **steps), kernels.right(x, w, None, **steps))
    assert report(kernel).outcome is Outcome.REFUTED


def low_precision(x, w, bias=None, **steps):
    """float32 computed in bfloat16."""
    low = [t if t is None else t.bfloat16().float() for t in (x, w, bias)]
    return kernels.right(*low, **steps)


def test_lost_precision_is_refuted_when_the_algorithm_is_declared():
    assert report(low_precision, algorithm="direct").outcome is Outcome.REFUTED
    assert report(low_precision).outcome is not Outcome.HOLDS


def test_the_worst_element_is_told_exactly():
    found = report(kernels.one_tap_dropped)
    problem, judgement = next(
        (p, j) for p, j in found.findings(Outcome.REFUTED) if j.result == "output"
    )
    worst = judgement.worst
    index = tuple(int(n) for n in worst.place[2:-1].split(", "))
    truth = sum(
        Fraction(float(problem.x[i])) * Fraction(float(problem.w[k])) for i, k in worst.products
    )
    if problem.bias is not None:
        truth += Fraction(float(problem.bias[index[1]]))
    assert truth == worst.exact
    assert worst.actual != worst.rounded and worst.error > worst.bound


FAULTY = {
    "raises": (lambda *a, **k: 1 / 0, "exception"),
    "none": (lambda *a, **k: None, "return type"),
    "list": (lambda *a, **k: [1], "return type"),
    "dtype": (lambda *a, **k: kernels.right(*a, **k).double(), "dtype"),
    "shape": (lambda *a, **k: kernels.right(*a, **k)[..., :-1], "shape"),
    "detached": (lambda *a, **k: kernels.right(*a, **k).detach(), "requires_grad"),
    "nan": (lambda *a, **k: kernels.right(*a, **k) * float("nan"), "value"),
    "mutates": (
        lambda x, *a, **k: (kernels.right(x, *a, **k), x.data.mul_(2))[0],
        "mutated input",
    ),
}


@pytest.mark.parametrize("name", FAULTY)
def test_structural_faults_have_a_kind_of_their_own(name):
    kernel, kind = FAULTY[name]
    kernel.__name__ = name
    found = report(kernel, gradients=True)
    assert found.outcome is Outcome.REFUTED
    assert kind in {j.kind for _, j in found.findings(Outcome.REFUTED)}
