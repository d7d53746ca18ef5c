"""Correct kernels are never refuted in the default mode, and conventional ones hold."""

from fractions import Fraction

import pytest

from symconv.exact import rounding
from symconv.judging.cases import SMALL
from symconv.judging.run import check_implementation
from symconv.results.evidence import Outcome
from symconv.targets.engine import Implementation
from symconv.targets.tensors import Layouts
from tests.honest_kernels import kernels
from tests.support.cpu import NATIVE_BFLOAT16

torch = pytest.importorskip("torch")


def report(kernel, dtype, **options):
    return check_implementation(Implementation(kernel.__name__, kernel), dtype=dtype, **options)


def story(found):
    return [
        (p.what, j.result, j.rung, j.verdict.cause, j.worst and (j.worst.error, j.worst.bound))
        for p, j in found.findings(Outcome.REFUTED)
    ]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kernel", kernels.REAL, ids=lambda k: k.__name__)
def test_conventional_kernels_hold(kernel, dtype):
    found = report(kernel, dtype)
    assert story(found) == []
    assert found.outcome is Outcome.HOLDS


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kernel", kernels.FAST, ids=lambda k: k.__name__)
@pytest.mark.parametrize("seed", [0, 100, 200])
def test_fast_kernels_are_never_refuted(kernel, dtype, seed):
    found = report(kernel, dtype, seed=seed)
    assert story(found) == []


def test_a_fast_kernel_is_called_what_it_is():
    found = report(kernels.winograd_f4, "float32", seed=3)
    assert found.outcome is Outcome.UNDECIDED
    causes = [j.verdict.cause for _, j in found.findings(Outcome.UNDECIDED)]
    assert any("consistent with a fast algorithm" in cause for cause in causes)


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
@pytest.mark.parametrize("kernel", [kernels.gauss, kernels.taps_forward], ids=lambda k: k.__name__)
def test_complex_products_from_three_or_four(kernel, dtype):
    assert story(report(kernel, dtype)) == []


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize(
    "kernel",
    [kernels.half_storage, kernels.taps_forward, kernels.channel_loop],
    ids=lambda k: k.__name__,
)
def test_half_precision_in_any_storage(kernel, dtype):
    assert story(report(kernel, dtype)) == []


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "bfloat16"])
@pytest.mark.parametrize("mkldnn", [True, False])
@pytest.mark.parametrize("layout", ["contiguous", "transposed", "strided", "channels_last"])
def test_torch_holds(dtype, mkldnn, layout):
    from symconv.targets.resolve import load_target

    with torch.backends.mkldnn.flags(enabled=mkldnn):
        found = check_implementation(
            load_target("torch"), dtype=dtype, layouts=Layouts(layout, layout, layout)
        )
    assert story(found) == []
    inserts_zeros = NATIVE_BFLOAT16 and mkldnn and dtype == "bfloat16"
    undecided = {j.rung for _, j in found.judgements if j.verdict.outcome is Outcome.UNDECIDED}
    assert undecided <= ({"non-finite"} if inserts_zeros else set())
    assert inserts_zeros or found.outcome is Outcome.HOLDS


def test_the_growth_of_winograd_is_computed_from_its_matrices():
    def growth(at, g, bt):
        filters = [sum(abs(Fraction(v).limit_denominator(24)) for v in row) for row in g]
        inputs = [sum(map(abs, row)) for row in bt]
        return max(
            sum(abs(a) * f * i for a, f, i in zip(row, filters, inputs, strict=True)) for row in at
        )

    largest = growth(kernels.AT4, kernels.G4, kernels.BT4)
    assert largest == 48 and largest**2 == rounding.WINOGRAD_GROWTH
    assert growth(kernels.AT2, kernels.G2, kernels.BT2) < largest


def test_small_cases_are_a_dozen_odd_ones():
    assert len(SMALL) >= 12
    assert {len(layer.geometry.axes) for layer in SMALL} == {1, 2, 3}
