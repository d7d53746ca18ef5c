"""Decoding of black boxes, right and wrong, and of torch's own convolutions."""

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from symconv.cli.app import app
from symconv.core.dialects.building import torch_geometry
from symconv.core.errors import LimitError
from symconv.core.form import index_arrays
from symconv.exact.dtypes import DTYPES
from symconv.targets.bilinear import BITS, NotBilinear, _digits, decode
from symconv.tracing.handlers.convolutions import Asked
from symconv.tracing.probing import probe

GEOMETRY = torch_geometry(
    (2, 2),
    (2, 3),
    in_channels=2,
    out_channels=4,
    groups=2,
    stride=(2, 1),
    padding=(0, 1),
    output_padding=(1, 0),
    dilation=(1, 2),
)
STEPS = {"stride": (2, 1), "padding": (0, 1), "output_padding": (1, 0), "dilation": (1, 2)}
SHAPES = ((1, *GEOMETRY.input_shape), GEOMETRY.weight_shape)


def right(x, w):
    return torch.nn.functional.conv_transpose2d(x, w, groups=2, **STEPS)


def terms(found):
    return set(zip(*(v.tolist() for v in (found.i, found.k, found.o, found.factor)), strict=True))


@pytest.mark.parametrize("dtype", BITS)
def test_torch_s_operation_is_the_form_in_every_dtype(dtype):
    at = index_arrays(GEOMETRY)
    ones = [1] * len(at.input)
    expected = set(
        zip(at.input.tolist(), at.weight.tolist(), at.output.tolist(), ones, strict=True)
    )
    found = decode(right, *SHAPES, dtype)
    assert terms(found) == expected
    chunks = -(-np.prod(SHAPES[1]) // _digits(DTYPES[dtype].probe_base, BITS[dtype]))
    assert found.calls == np.prod(SHAPES[0]) * chunks + found.probes + 1


@pytest.mark.parametrize(
    ("base", "bits", "count"), ((5, 53, 23), (5, 24, 10), (3, 8, 5), (3, 11, 7))
)
def test_no_sum_of_digits_leaves_the_dtype(base, bits, count):
    assert _digits(base, bits) == count
    assert (base - 1) // 2 * sum(base**n for n in range(count)) <= 2**bits


def test_wrong_coefficients_are_read_as_they_are():
    def doubled(x, w):
        y = right(x, w).clone()
        y[0, 0, 0, 0] += x[0, 0, 0, 0] * w[0, 0, 0, 0] - 2 * x[0, 1, 1, 1] * w[1, 1, 1, 2]
        return y

    extra = terms(decode(doubled, *SHAPES, "float64")) - terms(decode(right, *SHAPES, "float64"))
    last = np.prod(SHAPES[0]) - 1, np.prod(SHAPES[1]) - 1
    assert (last[0], last[1], 0, -2) in extra


@pytest.mark.parametrize(
    ("change", "words"),
    (
        (lambda y, x, w: y + 1, "zeros give a result"),
        (lambda y, x, w: 3 * y, "not an integer from -2 to 2"),
        (lambda y, x, w: y / 2, "results that are not integers"),
        (lambda y, x, w: y * float("nan"), "results that are not integers"),
        (lambda y, x, w: y * x.sum(), "integers give a different result"),
        (
            lambda y, x, w: torch.nn.functional.conv_transpose2d(x.relu(), w, groups=2, **STEPS),
            "integers give a different result",
        ),
        (
            lambda y, x, w: y + 1000 * x[0, 0, 0, 0] * x[0, 0, 0, 1],
            "integers give a different result",
        ),
    ),
)
def test_what_is_not_bilinear_is_noticed(change, words):
    with pytest.raises(NotBilinear, match=words):
        decode(lambda x, w: change(right(x, w), x, w), *SHAPES, "float64")


def test_too_many_calls_are_refused_before_any_is_made():
    with pytest.raises(LimitError, match="smaller sizes"):
        decode(lambda x, w: 1 / 0, (64, 64, 64), (64, 64, 3, 3), "float32")


def test_convolutions_asked_for_are_decoded_or_told(monkeypatch):
    y = (1, GEOMETRY.out_channels, *GEOMETRY.out_size)
    steps = tuple(STEPS[n] for n in ("stride", "padding", "dilation", "output_padding"))
    forward = Asked("aten.convolution", *SHAPES, y, steps, True, 2, ("forward",))
    backward = Asked("aten.convolution_backward", *SHAPES, y, steps, True, 2, ("input", "weight"))
    plain = Asked(
        "aten.convolution",
        (1, 2, 4, 4),
        (2, 1, 2, 2),
        (1, 2, 3, 3),
        ((1, 1), (0, 0), (1, 1), (0, 0)),
        False,
        2,
        ("forward",),
    )
    for dtype in ("float32", "bfloat16"):
        found = probe([forward, backward, plain, forward], dtype)
        assert found.difference == "" and found.asked == 3
    wrong = Asked("aten.convolution", *SHAPES, y, ((1, 2), *steps[1:]), True, 2, ("forward",))
    monkeypatch.setattr(torch.ops.aten, "convolution", lambda x, w, *rest: right(x, w))
    assert "its formula says" in probe([wrong], "float64").difference


def test_torch_decoded_on_the_command_line():
    arguments = [
        "check",
        "torch",
        "--by",
        "symbolic",
        "--probe-kernels",
        "--input-size",
        "3x2",
        "--kernel-size",
        "2x2",
        "--stride",
        "2",
        "--gradients",
    ]
    done = CliRunner().invoke(app, arguments)
    told = " ".join(done.stdout.split())
    assert done.exit_code == 0 and "[DECODED]" in told and "Decoded: 2 convolutions" in told
    assert "linear beyond the probes" in told
    done = CliRunner().invoke(
        app,
        [
            "check",
            "docs.examples.zero_insertion:f",
            "--by",
            "symbolic",
            "--probe-kernels",
            *arguments[5:9],
        ],
    )
    assert done.exit_code == 0 and "[IDENTICAL at this shape]" in done.stdout
    assert "computes its documented formula" not in done.stdout


@pytest.mark.parametrize("layout", ("contiguous", "channels_last"))
@pytest.mark.parametrize("dtype", ("float32", "float64", "float16", "bfloat16"))
def test_the_rung_decodes_torch_forward_and_backward(dtype, layout):
    arguments = [
        "check",
        "torch",
        "--by",
        "decode",
        "--gradients",
        "--dtype",
        dtype,
        "--layout",
        layout,
        "--input-size",
        "2x2",
        "--kernel-size",
        "2x2",
        "--stride",
        "2,1",
        "--padding",
        "0,1",
        "--output-padding",
        "1,0",
        "--dilation",
        "1,2",
        "--groups",
        "2",
        "--in-channels",
        "2",
        "--out-channels",
        "2",
    ]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0 and "[DECODED]" in done.stdout, done.output


def test_the_rung_tells_products_and_what_is_no_form():
    def run(target, *more):
        return CliRunner().invoke(app, ["check", target, "--by", "decode", *more])

    shape = (
        "--input-size",
        "2x2",
        "--kernel-size",
        "3x3",
        "--stride",
        "2",
        "--padding",
        "1",
        "--output-padding",
        "1",
    )
    done = run("docs.examples.broken:second", *shape)
    assert done.exit_code == 1 and "is missing" in done.stdout
    assert run("docs.examples.broken:second", *shape[:-2], "--gradients").exit_code == 0
    done = run(
        "tests.wrong_kernels.kernels:weight_gradient_averaged",
        "--gradients",
        "--batch",
        "2",
        *shape[:4],
    )
    assert done.exit_code == 3 and "is not decoded" in done.stdout
    assert run("torch", "--dtype", "complex64").exit_code == 2
    assert run("torch", "--sweep", "3").exit_code == 2
    assert run("torch", "--device", "cuda").exit_code == 3
