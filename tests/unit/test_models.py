"""Rounding models: which are available, which apply, and the hint of the random-order model."""

import numpy as np
import pytest

from symconv.core.errors import ParseError
from symconv.exact.prepared import PreparedOperand
from symconv.exact.rounding import MODEL_NAMES, chosen, models
from symconv.judging.cases import LAYERS, SMALL, real
from symconv.judging.judgement import Standard
from symconv.judging.run import check_implementation
from symconv.judging.rungs import judge
from symconv.judging.truths import truths
from symconv.results.evidence import Outcome
from symconv.targets.engine import Implementation
from symconv.targets.tensors import held
from tests.wrong_kernels import kernels

torch = pytest.importorskip("torch")


def test_every_dtype_ends_with_the_norm_wise_model():
    for dtype in ("float16", "bfloat16", "float32", "float64", "complex64", "complex128"):
        found = models(dtype)
        assert [m.conventional for m in found] == [True] * (len(found) - 1) + [False]
        assert all(m.source and m.says for m in found)
    assert {"tf32", "tensor-cores", "overlap-add", "three-products"} <= set(MODEL_NAMES)


def test_hardware_models_say_that_they_are_not_validated():
    told = [m for m in models("float16", "cuda") if m.name == "tensor-cores"]
    told += [m for m in models("float32", "cuda", tf32=True) if m.name == "tf32"]
    assert len(told) == 2
    assert all("not validated on hardware" in m.says for m in told)
    assert not [m for m in models("float32") if m.name in ("tf32", "tensor-cores")]


def test_an_unknown_model_is_refused():
    with pytest.raises(ParseError, match="--model overlap-add is not available for float32 here"):
        chosen(models("float32"), "overlap-add", "float32")


def cut_to_tf32(values):
    return values.view(torch.int32).bitwise_and(-(1 << 13)).view(torch.float32)


def tf32_kernel(x, w, bias=None, **steps):
    """Inputs truncated to 11 bits, as tensor cores do in TF32."""
    return kernels.right(cut_to_tf32(x.detach()), cut_to_tf32(w.detach()), bias, **steps)


def test_tf32_is_within_its_own_model_and_beyond_the_sharp_one():
    target = Implementation("tf32", tf32_kernel)
    layers = [layer for layer in SMALL if not layer.bias]

    def run(**options):
        report = check_implementation(
            target, layers=layers, gradients=False, algorithm="direct", **options
        )
        bounds = [j for _, j in report.judgements if j.rung == "bound"]
        return {j.verdict.outcome for j in bounds}, {j.model for j in bounds}

    assert Outcome.REFUTED in run()[0]
    outcomes, names = run(switches={"tf32": True})
    assert outcomes == {Outcome.HOLDS} and "tf32" in names
    assert run(model="tf32") == ({Outcome.HOLDS}, {"tf32"})


def test_a_declared_model_is_the_only_one():
    """bfloat16 sums stored tap by tap: overlap-add satisfies the model, float32 sums do not."""

    def stored(x, w, bias=None, **steps):
        y = kernels.right(x.float(), w.float(), None, **steps).bfloat16()
        y = y + y * 2**-7  # one unit in the last place off, as after a second rounding
        return y if bias is None else y + bias.reshape((1, -1) + (1,) * (w.dim() - 2))

    def outcome(**options):
        return check_implementation(
            Implementation("stored", stored), dtype="bfloat16", gradients=False, **options
        ).outcome

    assert outcome(model="float32-accumulation", algorithm="direct") is Outcome.REFUTED


def problem_and_truth():
    layer = LAYERS["dcgan"][0]  # n = 4096 products per cell
    problem = real(layer, "float32", 5, "normal")
    return problem, truths(problem, PreparedOperand(problem.w, kept=True))["output"]


def test_errors_beyond_sixteen_sigma_are_a_hint_and_no_verdict():
    problem, truth = problem_and_truth()
    exact = held(truth.centre[0], "float32")
    again = truths(problem)["output"]
    np.testing.assert_allclose(truth.centre, again.centre, atol=2 * truth.radius.max())
    clean = judge("exact", truth, problem, exact, Standard())
    assert (clean.verdict.outcome, clean.suspect) == (Outcome.HOLDS, 0)
    off = held(exact + 200 * 2.0**-24 * truth.magnitude[0], "float32")
    odd = judge("off", truth, problem, off, Standard())
    assert odd.verdict.outcome is Outcome.HOLDS
    assert odd.suspect > 0.9 * odd.cells and 0.01 < odd.ratio < 1


def test_no_false_alarm_on_ten_thousand_elements_of_network_layers():
    for layer in (*LAYERS["dcgan"][2:], *LAYERS["dcgan"][:1]):
        problem = real(layer, "float32", 9, "normal")
        truth = truths(problem)["output"]
        rng = np.random.default_rng(1)
        # a plausible result: the exact one plus errors that float32 sums may have
        noise = rng.standard_normal(truth.centre.shape) * 0.5 * 2.0**-24 * truth.magnitude
        found = judge(
            "honest", truth, problem, held(truth.centre + noise, "float32")[0], Standard()
        )
        assert found.cells >= 8192
        assert (found.verdict.outcome, found.suspect) == (Outcome.HOLDS, 0)
