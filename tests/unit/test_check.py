"""`symconv check` and the assertion of symconv.testing, as a user runs them."""

import json
import math
import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from symconv.cli.app import app
from symconv.exact.cells import element, exact_parts
from symconv.judging import truths as judge
from symconv.judging.cases import LAYERS, SMALL, SPREADS, real, replica
from symconv.testing import assert_conv_transpose
from tests.support.cpu import NATIVE_BFLOAT16
from tests.wrong_kernels import kernels

torch = pytest.importorskip("torch")
ROOT = Path(__file__).parents[2]
ONE = [
    "--input-size",
    "3x3",
    "--kernel-size",
    "3x3",
    "--stride",
    "2",
    "--in-channels",
    "2",
    "--out-channels",
    "2",
]


def run(*arguments, folder=ROOT, monkeypatch=None):
    if monkeypatch is not None:
        monkeypatch.chdir(folder)
    return CliRunner().invoke(app, ["check", *map(str, arguments)])


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "complex64"])
def test_torch_holds(dtype):
    done = run("torch", "--dtype", dtype)
    if dtype == "bfloat16" and NATIVE_BFLOAT16 and done.exit_code == 3:
        assert done.stdout.count("[UNDECIDED]") == 1 + done.stdout.count("inserted zeros")
        return
    assert done.exit_code == 0, done.output
    assert "[HOLDS, WITHIN BOUND] torch is consistent with the exact results" in done.stdout
    assert "bit for bit" in done.stdout and "Environment: python" in done.stdout


def test_torch_holds_without_mkldnn_and_in_json():
    done = run("torch", "--backend", "mkldnn=off", "--json", *ONE)
    found = json.loads(done.stdout)
    assert (done.exit_code, found["verdict"], found["findings"]) == (0, "holds", [])
    assert found["environment"]["mkldnn"] == "off"
    assert found["evidence"]["trusted"] and found["cases"] > 5


def test_the_broken_example_is_refuted(monkeypatch):
    done = run("docs.examples.broken:first", monkeypatch=monkeypatch)
    assert done.exit_code == 1
    for part in ("REFUTED", "exact", "actual", "allowed", "symconv check docs.examples.broken"):
        assert part in done.stdout
    found = json.loads(run("docs.examples.broken:first", "--json").stdout)["findings"]
    exact = Fraction(found[0]["worst"]["exact"])
    assert exact and found[0]["worst"]["rounded"] == pytest.approx(float(exact), rel=1e-6)


def test_the_broken_example_passes_assert_close():
    from docs.examples.broken import first

    x, w = torch.full((1, 2, 4, 4), 1e-3), torch.full((2, 2, 3, 3), 1e-4)
    expected = torch.nn.functional.conv_transpose2d(x, w, stride=2)
    torch.testing.assert_close(first(x, w, stride=2), expected)


def test_the_honest_example_is_undecided(monkeypatch):
    done = run("docs.examples.honest:winograd_f4", monkeypatch=monkeypatch)
    assert done.exit_code == 3
    words = " ".join(done.stdout.split())
    assert "consistent with a fast algorithm such as Winograd or FFT" in words
    assert "REFUTED" not in words


def test_the_honest_example_is_the_operator():
    from docs.examples.honest import winograd_f4

    x, w = torch.randn(2, 3, 5, 4).double(), torch.randn(3, 2, 3, 3).double()
    steps = {"stride": (2, 1), "padding": (1, 0), "output_padding": (1, 0)}
    expected = torch.nn.functional.conv_transpose2d(x, w, **steps)
    torch.testing.assert_close(winograd_f4(x, w, **steps), expected)


NOTEBOOK = """
import torch

def transpose_conv(x, k):
    y = torch.zeros(x.shape[0] + k.shape[0] - 1, x.shape[1] + k.shape[1] - 1, dtype=x.dtype)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            y[i:i + k.shape[0], j:j + k.shape[1]] += x[i, j] * k
    return y

def flipped(x, k):
    return transpose_conv(x, k.flip(0, 1))
"""


def test_a_function_of_a_matrix_and_a_kernel(tmp_path, monkeypatch):
    (tmp_path / "paper_kernels.py").write_text(NOTEBOOK)
    arguments = ["--call", "paper"]
    right = run(
        "paper_kernels:transpose_conv", *arguments, folder=tmp_path, monkeypatch=monkeypatch
    )
    assert right.exit_code == 0, right.output
    assert run("paper_kernels:flipped", *arguments).exit_code == 1
    assert "leave --layers" in run("torch", *arguments, *ONE).stderr


def test_bad_targets(tmp_path, monkeypatch):
    (tmp_path / "raising.py").write_text("raise RuntimeError('no good')")
    (tmp_path / "number.py").write_text("value = 5")
    cases = {
        "nosuchmodule:f": "cannot be imported: ModuleNotFoundError",
        "raising:f": "RuntimeError: no good",
        "number:nothing": "number has no nothing",
        "number:value": "is a int, not a callable",
        "justaword": "write torch, or module:callable",
        ":": "write torch, or module:callable",
    }
    for target, message in cases.items():
        done = run(target, folder=tmp_path, monkeypatch=monkeypatch)
        assert done.exit_code == 2 and message in done.stderr, target


def test_bad_options():
    assert run("torch", "--backend", "magic=on").exit_code == 2
    assert "mkldnn=off|on" in run("torch", "--backend", "magic=on").stderr
    assert "give both" in run("torch", "--input-size", "3").stderr
    assert "give one" in run("torch", *ONE, "--layers", "unet").stderr
    assert "at least one element" in run("torch", *ONE, "--padding", "9").stderr
    if not torch.cuda.is_available():
        assert run("torch", "--device", "cuda").exit_code == 3


def test_layers_are_the_published_ones():
    shapes = {layer.name: layer.geometry for layers in LAYERS.values() for layer in layers}
    assert shapes["unet 1024->512@28"].output_shape == (512, 56, 56)
    assert shapes["dcgan 64->3@64"].output_shape == (3, 128, 128)
    assert shapes["fcn 21->21@16"].output_shape == (21, 512, 512)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64", "complex64"])
@given(st.sampled_from(SMALL), st.integers(0, 1000))
def test_replica_data_stay_inside_the_budget(dtype, layer, seed):
    """No partial sum, in any order, exceeds the integers that the format represents exactly."""
    problem = replica(layer, dtype, seed)
    precision = {"float16": 11, "bfloat16": 8, "float32": 24, "float64": 53, "complex64": 24}
    for truth in judge.truths(problem).values():
        assert float(truth.magnitude.max()) <= 2.0 ** precision[dtype]
        assert (truth.centre == np.rint(truth.centre)).all()
    assert (problem.x == held_whole(problem.x)).all()


def held_whole(values):
    return (
        np.rint(values.real) + 1j * np.rint(values.imag)
        if np.iscomplexobj(values)
        else np.rint(values)
    )


@pytest.mark.parametrize("spread", SPREADS)
@given(st.sampled_from(SMALL), st.integers(0, 50))
def test_truths_hold_the_exact_value_inside_their_radius(spread, layer, seed):
    problem = real(layer, "float32", seed, spread)
    for truth in judge.truths(problem).values():
        exact = exact_parts(truth)
        index = tuple(n // 2 for n in exact[0].shape)
        value, _ = element(truth, 0, index)
        assert exact[0].fraction(index) == value
        distance = abs(Fraction(float(truth.centre[(0, *index)])) - value)
        assert distance <= Fraction(float(truth.radius[(0, *index)]))


def test_complex_truths_follow_torchs_gradients():
    problem = real(SMALL[7], "complex128", 3, "normal")
    for truth in judge.truths(problem).values():
        exact = exact_parts(truth)
        for part in (0, 1):
            index = tuple(0 for _ in exact[part].shape)
            assert exact[part].fraction(index) == element(truth, part, index)[0]


def _any_dims(x, w, bias=None, **steps):
    return kernels.right(x, w, bias, **steps)


def test_the_assertion_passes_and_fails():
    assert_conv_transpose(_any_dims)
    with pytest.raises(AssertionError) as failure:
        assert_conv_transpose(kernels.one_tap_dropped)
    story = str(failure.value)
    assert re.search(r"y\[\d.*\]: exact", story) and "actual" in story and "* w[" in story


def test_where_assert_close_is_the_sharper_one():
    """n = 4096 in float32: the rigorous bound of docs/verdicts.md is 2.4e-4 of A."""
    assert math.isclose(4096 * 2.0**-24, 2.4e-4, rel_tol=0.02)
    y = torch.full((4,), 1.0)
    with pytest.raises(AssertionError):
        torch.testing.assert_close(y + 1e-4, y)
