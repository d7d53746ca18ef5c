"""Other views of the same sums, and pictures, rebuilt from what they show."""

import itertools
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from symconv import torch_geometry
from symconv.cli.app import app
from symconv.core.dialects.torch import TorchAxis
from symconv.core.errors import LimitError, ParseError
from symconv.core.sizes import accepts
from symconv.derivation.other_views import flipped, phase_kernels, stretched
from symconv.derivation.pictures import PICTURES
from symconv.derivation.subject import Options, read_subject
from symconv.render import latex, latexpicture, svg
from symconv.render.drawing import Drawing, Words
from symconv.render.tree import Document, Picture

SVG = "{http://www.w3.org/2000/svg}"


@st.composite
def axes(draw, dims, dilated=True):
    found = []
    for _ in range(dims):
        size, kernel, stride = (draw(st.integers(1, 3)) for _ in range(3))
        dilation = draw(st.integers(1, 2)) if dilated else 1
        padding, extra = draw(st.integers(0, 2)), draw(st.integers(0, 1))
        found.append(TorchAxis(size, kernel, stride, padding, extra, dilation))
    return found


def subject_of(chosen, channels, seed):
    rng = np.random.default_rng(seed)
    c_in, c_out, groups = channels
    size, kernel = (tuple(getattr(a, n) for a in chosen) for n in ("size", "kernel_size"))
    x = rng.integers(-5, 6, (1, c_in * groups, *size))
    w = rng.integers(-5, 6, (c_in * groups, c_out, *kernel))
    steps = {
        n: tuple(getattr(a, n) for a in chosen)
        for n in ("stride", "padding", "output_padding", "dilation")
    }
    return read_subject(x, w, None, Options(groups=groups, dims=len(chosen), **steps)), x, w, groups


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 2).flatmap(axes), st.tuples(*[st.integers(1, 2)] * 3), st.integers(0, 99))
def test_the_stretched_input_and_the_turned_kernel_give_the_output(chosen, channels, seed):
    if not all(map(accepts, chosen)):
        return
    subject, _, w, groups = subject_of(chosen, channels, seed)
    size, flat = stretched(subject)
    c_in, c_out = w.shape[0], w.shape[1] * groups
    z = np.array(flat, dtype=int).reshape(c_in, *size)
    turned = np.array(flipped(subject), dtype=int).reshape(w.shape)
    out = subject.geometry.out_size
    found = np.zeros((c_out, *out), dtype=int)
    for c, m in itertools.product(range(c_in), range(w.shape[1])):
        o = c // (c_in // groups) * w.shape[1] + m
        for place in np.ndindex(*out):
            for tap in np.ndindex(*w.shape[2:]):
                at = tuple(j + a.dilation * t for j, a, t in zip(place, chosen, tap, strict=True))
                found[(o, *place)] += z[(c, *at)] * turned[(c, m, *tap)]
    assert found.ravel().tolist() == list(subject.output.flat)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 2).flatmap(lambda n: axes(n, dilated=False)), st.integers(0, 99))
def test_the_phases_give_the_output(chosen, seed):
    if not all(map(accepts, chosen)):
        return
    subject, x, _, _ = subject_of(chosen, (1, 1, 1), seed)
    kernels = phase_kernels(subject)
    plane, out = x[0, 0], subject.geometry.out_size
    found = []
    for place in np.ndindex(*out):
        split = [divmod(j + a.padding, a.stride) for j, a in zip(place, chosen, strict=True)]
        taps, entries = kernels[tuple(r for _, r in split)]
        total = 0
        for n, t in enumerate(np.ndindex(*taps)):
            at = tuple(q - u for (q, _), u in zip(split, t, strict=True))
            if all(0 <= i < length for i, length in zip(at, plane.shape, strict=True)):
                total += entries[n] * plane[at]
        found.append(total)
    assert found == list(subject.output.flat)


def test_phases_are_for_dilation_1():
    with pytest.raises(ParseError, match="subpixel_dilated"):
        phase_kernels(read_subject([1, 2], [1, 2], None, Options(dilation=2)))


def drawn(name, *arguments, **steps):
    geometry = torch_geometry(*arguments, **steps)
    picture = PICTURES[name](geometry)
    root = ElementTree.fromstring(svg.picture(picture))
    assert root.get("aria-label") == picture.alt == root.find(f"{SVG}title").text
    return [t.text for t in root.iter(f"{SVG}text")], picture


def test_the_overlap_map_counts_products():
    words, picture = drawn("overlap", (3, 3), (3, 3), stride=2, padding=1)
    counts = [[1, 2, 1, 2, 1], [2, 4, 2, 4, 2]]
    expected = [*counts[0], *counts[1], *counts[0], *counts[1], *counts[0]]
    assert [int(t) for t in words[:25]] == expected
    assert "does not divide" in picture.alt
    even, told = drawn("overlap", (4,), (4,), stride=2)
    assert [int(t) for t in even[:10]] == [1, 1, 2, 2, 2, 2, 2, 2, 1, 1]
    assert "divides the kernel size" in told.alt


def test_the_pattern_of_w_is_w():
    words, picture = drawn("pattern", (2,), (3,))
    assert words == ["0", "1", "2", "0", "1", "2"]
    assert picture.alt.startswith("W, 2 by 4, 6 entries")


def test_the_ruler_says_what_is_cropped():
    words, picture = drawn("ruler", (3,), (3,), stride=2, padding=1, output_padding=1)
    assert [t for t in words if re.fullmatch(r"y\d+", t)] == [f"y{n}" for n in range(6)]
    assert "minus 1 at the beginning and 0 at the end: 6 outputs" in picture.alt


def test_the_placement_shows_each_block():
    words, _ = drawn("placement", (2, 1), (1, 2), stride=2)
    assert words == ["x0,0", "0,0", "0,1", "x1,0", "0,0", "0,1"]


@pytest.mark.parametrize("name", list(PICTURES))
def test_pictures_of_every_rank_are_well_formed(name):
    for dims in (1, 2, 3):
        words, _ = drawn(
            name, (2,) * dims, (2,) * dims, stride=2, in_channels=2, out_channels=2, groups=2
        )
        assert words
    with pytest.raises(LimitError, match="a picture shows"):
        PICTURES[name](torch_geometry((2000, 2), (3, 3), stride=2))


def test_the_steps_of_a_placement_make_up_its_strip():
    picture = PICTURES["placement"](torch_geometry((2, 2), (2, 2), stride=2, padding=1))
    assert len(picture.frames) == 4
    words = [s.text for frame in picture.frames for s in frame.drawing.shapes if hasattr(s, "text")]
    assert words == [s.text for s in picture.drawing.shapes if hasattr(s, "text")]
    assert [frame.alt for frame in picture.frames[:2]] == [
        "Input 0, 0 places its taps at (0, 0).",
        "Input 0, 1 places its taps at (0, 1).",
    ]


def test_pictures_in_latex_draw_every_shape_and_need_colour_only_in_articles():
    picture = PICTURES["pattern"](torch_geometry((2,), (2,)))
    shapes = picture.drawing.shapes
    plain, coloured = (latexpicture.picture(picture, colour) for colour in (False, True))
    assert plain.count(r"\put") == len(shapes) and "color" not in plain
    assert (
        coloured.count(r"\rule") == sum(getattr(s, "fill", None) is not None for s in shapes) == 4
    )
    document = Document("t", (picture,))
    assert r"\usepackage{color}" in latex.standalone(document)
    assert "color" not in latex.fragment(document)
    hostile = Picture(Drawing(9, 9, (Words(0, 0, r"<a_b> \input{x}"),)), "100 % & more")
    shown = latexpicture.picture(hostile, False)
    assert r"\input" not in shown and r"100 \% \& more" in shown


def run(*arguments):
    return CliRunner().invoke(app, ["derive", *arguments])


def test_chapters_and_pictures_on_request():
    done = run(
        "--input-size",
        "3",
        "--kernel-size",
        "3",
        "--stride",
        "2",
        "--chapters",
        "stretched,phases,pictures",
    )
    assert done.exit_code == 0
    assert "Zero insertion" in done.stdout and "Sub-pixel phases" in done.stdout
    assert "(Size ruler." in done.stdout
    done = run("--input-size", "3", "--kernel-size", "3", "--format", "svg", "--picture", "overlap")
    assert done.exit_code == 0 and done.stdout.startswith("<svg")
    page = run("--input-size", "3", "--kernel-size", "3", "--format", "html").stdout
    assert page.count("<figure>") == len(PICTURES) - 1 and page.count('<figure class="steps">') == 1
    for kind in ("latex", "markdown", "ipynb"):
        done = run(
            "--input-size", "2", "--kernel-size", "2", "--chapters", "pictures", "--format", kind
        )
        assert done.exit_code == 0 and "Size ruler" in done.stdout


def test_a_matrix_as_a_file_for_scipy(tmp_path):
    sparse = pytest.importorskip("scipy.sparse")
    import symconv

    place = tmp_path / "w.npz"
    arguments = [
        "matrix",
        "--conv-input-size",
        "5x4",
        "--k",
        "[[1,2],[3,1/4]]",
        "--stride",
        "2",
        "--padding",
        "1",
        "--format",
        "npz",
    ]
    done = CliRunner().invoke(app, [*arguments, "-o", str(place)])
    assert done.exit_code == 0 and done.stderr == ""
    dense = symconv.matrix(
        [[1, 2], [3, sympy_quarter()]], conv_input_size=(5, 4), stride=2, padding=1
    )
    wanted = np.array(dense.tolist(), dtype=float)
    assert (sparse.load_npz(place).toarray() == wanted).all()
    for library in ("scipy", "torch"):
        if library == "torch":
            pytest.importorskip("torch")
        found = symconv.matrix([[1, 2], [3, 4]], conv_input_size=(3, 3), library=library)
        whole = found.toarray() if library == "scipy" else found.to_dense().numpy()
        assert (
            whole.tolist()
            == np.array(
                symconv.matrix([[1, 2], [3, 4]], conv_input_size=(3, 3)).tolist(), dtype=int
            ).tolist()
        )
    assert CliRunner().invoke(app, arguments).exit_code == 2
    letters = CliRunner().invoke(
        app,
        [
            "matrix",
            "--conv-input-size",
            "3",
            "--kernel-size",
            "2",
            "--format",
            "npz",
            "-o",
            str(place),
        ],
    )
    assert letters.exit_code == 2 and "--k" in letters.stderr
    third = CliRunner().invoke(
        app,
        ["matrix", "--conv-input-size", "3", "--k", "[1/3,1]", "--format", "npz", "-o", str(place)],
    )
    assert third.exit_code == 0 and "rounded to the nearest float64: 1" in third.stderr
    with pytest.raises(ParseError, match="library"):
        symconv.matrix([1], input_size=1, library="pandas")


def sympy_quarter():
    from fractions import Fraction

    return Fraction(1, 4)
