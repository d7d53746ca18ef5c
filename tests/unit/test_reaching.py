"""Parameters that reach a size, and paddings of other frameworks, by enumeration and in torch."""

import itertools
import json

import numpy as np
import pytest
from click.testing import CliRunner

from symconv.cli.app import app
from symconv.core.dialects.foreign import foreign
from symconv.core.dialects.torch import TorchAxis
from symconv.core.errors import GeometryError, ParseError
from symconv.core.sizes import accepts, axis_sizes, collapsing, ways, why_not


def found(size, kernel, wanted, **steps):
    return [
        (w.torch.stride, w.torch.padding, w.torch.output_padding, w.torch.dilation, w.inverts)
        for w in ways(TorchAxis(size, kernel, **steps), wanted)
    ]


def test_from_7_to_14_as_enumerated():
    """The six that invert the size and the two that do not, for stride and dilation up to 3."""
    small = [w for w in found(7, 5, 14) if w[0] <= 3 and w[3] <= 3]
    inverting = {(2, 2, 1, 1), (2, 4, 1, 2), (2, 6, 1, 3), (3, 5, 1, 1), (3, 7, 1, 2), (3, 9, 1, 3)}
    assert {w[:4] for w in small if w[4]} == inverting
    assert {(1, 1, 1, 2), (1, 3, 1, 3)} <= {w[:4] for w in small if not w[4]}
    assert found(7, 5, 14)[0] == (2, 2, 1, 1, True)


def test_doubling_256_with_the_usual_kernels():
    wanted = {2: (0, 0), 3: (1, 1), 4: (1, 0), 5: (2, 1), 6: (2, 0), 7: (3, 1)}
    for kernel, (padding, extra) in wanted.items():
        assert found(256, kernel, 512)[0] == (2, padding, extra, 1, True)


def test_every_way_reaches_and_none_is_left_out():
    for size, kernel, wanted in itertools.product((1, 2, 4), (1, 3), (1, 2, 5, 8)):
        listed = {w[:4] for w in found(size, kernel, wanted)}
        for s, p, e, d in itertools.product(range(1, 5), range(8), range(4), range(1, 4)):
            torch = TorchAxis(size, kernel, s, p, e, d)
            if accepts(torch):
                reached = axis_sizes(torch)
                assert ((s, p, e, d) in listed) == (reached.out_size == wanted)
                if reached.out_size == wanted:
                    assert (s, p, e, d, reached.conv_size == size) in found(size, kernel, wanted)


def test_the_least_change_comes_first():
    assert found(4, 3, 8, stride=2, padding=1)[0] == (2, 1, 1, 1, True)


def test_lengths_that_conv_makes_one():
    for torch in (TorchAxis(4, 3, 2, 1), TorchAxis(3, 2, 3, 0, 1), TorchAxis(2, 3, 1, 1)):
        first, last = collapsing(axis_sizes(torch))
        sizes = [
            n
            for n in range(1, 40)
            if (n + 2 * torch.padding - torch.dilation * (torch.kernel_size - 1) - 1)
            // torch.stride
            + 1
            == torch.size
        ]
        assert (first, last) == (sizes[0], sizes[-1])


def test_why_not():
    sizes = axis_sizes(TorchAxis(4, 3, 2, 1))
    assert "10 is above" in why_not(sizes, 10) and "7 to 8" in why_not(sizes, 10)
    assert "3 is below" in why_not(sizes, 3)
    assert "output_padding 1" in why_not(sizes, 8)


def stretched(x, w, s, d, begin, end):
    """By definition: zeros between the inputs, all hits, then the crops."""
    full = np.zeros(s * (len(x) - 1) + d * (len(w) - 1) + 1)
    for i, a in itertools.product(range(len(x)), range(len(w))):
        full[s * i + d * a] += x[i] * w[a]
    full = np.concatenate([np.zeros(max(-begin, 0)), full, np.zeros(max(-end, 0))])
    return full[max(begin, 0) : len(full) - max(end, 0)]


def test_torch_parameters_of_other_dialects_give_the_same():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    exact = 0
    for m, k, s, d in itertools.product((1, 3), (1, 2, 3, 4), (1, 2, 3), (1, 2)):
        x, w = rng.integers(-4, 5, m).astype(float), rng.integers(-4, 5, k).astype(float)
        for dialect, pads in (
            ("onnx", "SAME_UPPER"),
            ("onnx", "SAME_LOWER"),
            ("onnx", "1,0"),
            ("jax", "SAME"),
            ("jax", "VALID"),
            ("jax", "1,2"),
            ("keras", "same"),
            ("keras", "valid"),
        ):
            try:
                one = foreign(dialect, pads, m, k, s, d)
            except GeometryError:
                continue
            axis = one.axis
            wanted = stretched(x, w, s, d, axis.crop_begin, axis.crop_end)
            assert axis.out_size == len(wanted)
            if one.torch is None:
                assert one.instead
                continue
            exact += 1
            y = torch.nn.functional.conv_transpose1d(
                torch.tensor(x)[None, None],
                torch.tensor(w)[None, None],
                stride=s,
                dilation=d,
                padding=one.torch.padding,
                output_padding=one.torch.output_padding,
            )
            assert y.ravel().tolist() == wanted.tolist()
    assert exact > 60


def test_same_gives_stride_times_the_input():
    for dialect, pads in (("onnx", "SAME_UPPER"), ("jax", "SAME"), ("keras", "same")):
        for k, s in itertools.product((2, 3, 4, 5), (1, 2)):
            assert foreign(dialect, pads, 6, k, s, 1).axis.out_size == 6 * s


def test_the_commonest_keras_layer_has_no_torch_parameters():
    one = foreign("keras", "same", 4, 3, 2, 1)
    assert one.torch is None and "crop 1 at the end" in one.instead


@pytest.mark.parametrize(
    ("dialect", "pads", "message"),
    [
        ("onnx", "same", "not valid for onnx"),
        ("keras", "1,2", "same or valid"),
        ("jax", "x", "SAME, VALID or a pair"),
        ("caffe", "1", "is not known"),
    ],
)
def test_unknown_paddings(dialect, pads, message):
    with pytest.raises(ParseError, match=message):
        foreign(dialect, pads, 4, 3, 2, 1)


def test_onnx_same_below_the_stride_is_left_open():
    with pytest.raises(GeometryError, match="does not say"):
        foreign("onnx", "SAME_UPPER", 4, 1, 2, 1)


def run(*arguments):
    return CliRunner().invoke(app, ["size", *arguments])


def test_the_verb():
    done = run("--input-size", "7", "--kernel-size", "5", "--want", "14")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    first = lines[lines.index("wanted 14") + 2]
    assert first.strip().startswith("stride 2, padding 2, output_padding 1, dilation 1: conv gives")
    record = json.loads(
        run("--input-size", "7x7", "--kernel-size", "5", "--want", "14", "--json").stdout
    )
    assert record["ways"][1][0]["inverts"] and len(record["ways"][0]) >= 8
    told = run(
        "--input-size",
        "4",
        "--kernel-size",
        "3",
        "--stride",
        "2",
        "--dialect",
        "keras",
        "--pads",
        "same",
    )
    assert told.exit_code == 0 and "no torch parameters" in told.stdout
    exact = run(
        "--input-size",
        "4",
        "--kernel-size",
        "4",
        "--stride",
        "2",
        "--dialect",
        "jax",
        "--pads",
        "SAME",
        "--json",
    )
    assert json.loads(exact.stdout)["output_size"] == [8]
    for wrong in (
        ("--pads", "1"),
        ("--dialect", "onnx"),
        ("--dialect", "onnx", "--pads", "1", "--padding", "2"),
    ):
        assert run("--input-size", "4", "--kernel-size", "3", *wrong).exit_code == 2
