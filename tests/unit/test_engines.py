"""Engines other than torch: a NumPy loop is judged as it is."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import symconv
from docs.examples import numpy_loop
from symconv.core.errors import EngineMissing, ParseError
from symconv.targets.engine import engines

RIGHT = numpy_loop.f
ROOT = Path(__file__).parents[2]


def off_by_one(x, w, bias=None, **steps):
    y = RIGHT(x, w, bias, **steps)
    y[..., -1, -1] += 1
    return y


def in_place(x, w, bias=None, **steps):
    y = RIGHT(x, w, bias, **steps)
    x += 1
    return y


def wider(x, w, bias=None, **steps):
    return RIGHT(x, w, bias, **steps).astype(np.float64)


def shorter(x, w, bias=None, **steps):
    return RIGHT(x, w, bias, **steps)[..., :-1]


def nothing(x, w, bias=None, **steps):
    return None


def declines(x, w, bias=None, **steps):
    raise NotImplementedError("no groups") if steps["groups"] > 1 else ValueError("always")


def own_input(x, w, bias=None, **steps):
    y = RIGHT(x, w, bias, **steps)
    return x if x.shape == y.shape else y


KINDS = {
    off_by_one: "output",
    in_place: "mutated input",
    wider: "dtype",
    shorter: "shape",
    nothing: "return type",
}


def check(target, **options):
    return symconv.check(target, engine="numpy", layers="small", dims=2, **options)


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "complex64"])
def test_a_right_loop_holds(dtype):
    found = check(RIGHT, dtype=dtype)
    assert found.verdict.outcome is symconv.Outcome.HOLDS, found
    assert found.report.passes.startswith("forward only") and "numpy" in found.report.environment


@pytest.mark.parametrize("layout", ["transposed", "strided"])
def test_layouts(layout):
    assert check(RIGHT, layout=layout).verdict.outcome is symconv.Outcome.HOLDS


@pytest.mark.parametrize("target", KINDS, ids=lambda f: f.__name__)
def test_wrong_loops_are_refuted_by_their_kind(target):
    record = check(target).to_json()
    assert record["verdict"] == "refuted"
    assert {f["kind"] for f in record["findings"]} >= {KINDS[target]}


def test_exceptions_are_findings_and_a_case_may_be_declined():
    record = check(declines).to_json()
    assert record["verdict"] == "refuted" and record["counts"]["unsupported"]
    assert any("ValueError: always" in f["cause"] for f in record["findings"])


def test_on_paper():
    def full(matrix, kernel):
        y = np.zeros(np.add(matrix.shape, kernel.shape) - 1, matrix.dtype)
        for i, j in np.ndindex(*matrix.shape):
            y[i : i + kernel.shape[0], j : j + kernel.shape[1]] += matrix[i, j] * kernel
        return y

    assert (
        symconv.check(full, engine="numpy", call="paper").verdict.outcome is symconv.Outcome.HOLDS
    )
    wrong = symconv.check(lambda m, k: full(m, k[::-1]), engine="numpy", call="paper")
    assert wrong.verdict.outcome is symconv.Outcome.REFUTED


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dtype": "bfloat16"}, "numpy has float32"),
        ({"layout": "channels_last"}, "numpy has contiguous"),
        ({"surface": "compile-static"}, "need torch"),
        ({"by": "symbolic"}, "leave out --engine or --by"),
        ({"call": "module"}, "need torch"),
    ],
)
def test_what_an_engine_lacks_is_refused(options, message):
    with pytest.raises(ParseError, match=message):
        check(RIGHT, **options)
    with pytest.raises(EngineMissing, match="NumPy runs on the CPU"):
        check(RIGHT, device="cuda")


def test_a_campaign_over_numpy(tmp_path):
    options = {"engine": "numpy", "cases": 192, "workers": 1, "store": tmp_path}
    found = symconv.fuzz("docs.examples.numpy_loop:f", **options)
    assert found.verdict.outcome is symconv.Outcome.HOLDS, found
    wrong = symconv.fuzz("tests.unit.test_engines:shorter", **options | {"store": tmp_path / "b"})
    assert {f.kind for f in wrong.results[0].findings} == {"shape"}


def test_every_engine_is_complete():
    for engine in engines().values():
        assert engine.description and engine.dtypes and "cpu" in engine.devices
        assert engine.environment("cpu", {})["python"]


WITHOUT_TORCH = """
import sys
sys.modules["torch"] = None  # as if torch were not installed
import symconv
from docs.examples import numpy_loop
from symconv.core.errors import EngineMissing
options = {"input_size": (2, 2), "kernel_size": (3, 3), "stride": (2, 2)}
print(symconv.check(numpy_loop.f, engine="numpy", **options).verdict.outcome.value)
for call in (
    lambda: symconv.check("torch", **options),
    lambda: symconv.check("torch", by="symbolic", **options),
    lambda: symconv.check("torch", by="decode", **options),
    lambda: symconv.fuzz("torch", cases=1, workers=1, store=sys.argv[1]),
):
    try:
        call()
    except EngineMissing as error:
        print(type(error).__name__, "torch" in str(error))
"""


def test_without_torch_numpy_is_judged_and_torch_is_reported_missing(tmp_path):
    arguments = [sys.executable, "-c", WITHOUT_TORCH, str(tmp_path)]
    ended = subprocess.run(arguments, capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert ended.stdout.splitlines() == ["holds"] + ["EngineMissing True"] * 4, ended.stderr
