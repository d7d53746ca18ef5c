"""Verbs as a user runs them: output, JSON, exit codes, and messages that suggest a way out."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from symconv.cli.app import app
from symconv.targets import torchlib

X = "[[0,1],[2,3]]"
FIGURE = [["0", "0", "0", "1"], ["0", "0", "2", "3"], ["0", "2", "0", "3"], ["4", "6", "6", "9"]]


def run(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def record(*arguments):
    done = run(*arguments)
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["schema"] == "symconv/1" and found["verb"] == arguments[0]
    return found


def test_derive_json():
    found = record("derive", "--x", X, "--k", X, "--stride", "2", "--json")
    assert found["output"] == FIGURE
    assert found["output_size"] == [4, 4]
    assert found["verdict"] is None
    assert found["evidence"]["method"] == "COMPUTED"
    assert found["latex"].startswith("\\section*")
    assert {c["with"] for c in found["checks"]} >= {"polynomial product", "zero insertion"}
    assert all(c["verdict"] == "holds" for c in found["checks"])


def test_derive_latex_has_blank_cells():
    done = run("derive", "--x", X, "--k", X, "--format", "latex")
    assert "\\begin{bmatrix}\n0 & 0 &  \\\\\n0 & 0 &  \\\\\n &  & \n\\end{bmatrix}" in done.stdout
    assert "\\documentclass" not in done.stdout
    whole = run("derive", "--x", X, "--k", X, "--format", "latex", "--standalone")
    assert whole.stdout.startswith("\\documentclass{article}\n\\usepackage{amsmath}")


def test_derive_symbolic_of_the_issue():
    options = [
        "--stride",
        "2,1",
        "--padding",
        "1,0",
        "--output-padding",
        "1,0",
        "--dilation",
        "1,2",
    ]
    sizes = ["--input-size", "2x2", "--kernel-size", "3x2"]
    page = run("derive", *sizes, *options, "--format", "markdown")
    assert page.exit_code == 0 and "output 4x4" in page.stdout and "$$" in page.stdout
    found = record("derive", *sizes, *options, "--json")
    assert found["output_size"] == [4, 4]
    assert found["output"][1][0] == "k_0_0*x_1_0 + k_2_0*x_0_0"
    assert found["evidence"]["method"] == "IDENTICAL at this shape"


def test_derive_with_values_on_one_side_and_letters():
    found = record("derive", "--input-size", "2", "--k", "[1/2,a]", "--bias", "--json")
    assert found["output"] == ["b_0 + 1/2*x_0", "a*x_0 + b_0 + 1/2*x_1", "a*x_1 + b_0"]


def test_derive_three_axes_channels_batch_and_groups():
    found = record(
        "derive",
        "--input-size",
        "1x2x1",
        "--kernel-size",
        "1x1x2",
        "--in-channels",
        "2",
        "--out-channels",
        "2",
        "--groups",
        "2",
        "--batch",
        "2",
        "--bias-values",
        "[1,0.5]",
        "--json",
    )
    assert found["output"][1][1][0][1] == [
        "k_1_0_0_0_0*x_1_1_0_1_0 + 1/2",
        "k_1_0_0_0_1*x_1_1_0_1_0 + 1/2",
    ]


def test_matrix_json():
    found = record("matrix", "--conv-input-size", "3x3", "--k", "[[1,2],[3,4]]", "--json")
    assert found["shape"] == [4, 9] and found["rank"] == 4
    assert found["W"][0] == list("120340000")
    assert [row.index("1") for row in found["W"]] == [0, 1, 3, 4]


def test_matrix_transpose_and_letters():
    found = record("matrix", "--input-size", "2", "--kernel-size", "2", "--transpose", "--json")
    assert found["W"] == [["k_0", "k_1", "0"], ["0", "k_0", "k_1"]]
    assert found["W_transposed"] == [["k_0", "0"], ["k_1", "k_0"], ["0", "k_1"]]
    assert (found["rank"], found["rank_is_generic"]) == (2, True)
    page = run("matrix", "--input-size", "2", "--kernel-size", "2", "--format", "markdown")
    assert "generic rank 2" in page.stdout


def test_matrix_check_with_torch():
    pytest.importorskip("torch")
    done = run("matrix", "--input-size", "2x3", "--kernel-size", "2x2", "--stride", "2", "--check")
    assert done.exit_code == 0 and "[CROSS-CHECK] conv2d agrees" in done.stdout
    found = record("matrix", "--input-size", 2, "--kernel-size", 2, "--check", "--json")
    assert found["checks"][0]["verdict"] == "holds"


def test_size():
    found = record(
        "size",
        "--input-size",
        "4",
        "--kernel-size",
        "3",
        "--stride",
        "2",
        "--padding",
        "1",
        "--json",
    )
    assert (found["output_size"], found["reachable"], found["conv_size"]) == ([7], [[7, 8]], [4])
    assert found["solutions"] == [
        [
            {"output_padding": 0, "output_size": 7, "conv_size": 4, "inverts": True},
            {"output_padding": 1, "output_size": 8, "conv_size": 4, "inverts": True},
        ]
    ]
    huge = run("size", "--input-size", 10**9, "--kernel-size", 3)
    assert huge.stdout.startswith("output 1000000002\n")
    slip = run(
        "size", "--input-size", 4, "--kernel-size", 5, "--dilation", 2, "--output-padding", 1
    )
    assert "conv maps 13 back to 5, not 4: output_padding >= stride" in slip.stdout


def test_size_check_with_torch():
    pytest.importorskip("torch")
    done = run("size", "--input-size", "4x5", "--kernel-size", 3, "--stride", "2,1", "--check")
    assert done.exit_code == 0 and "agrees: 9x7" in done.stdout
    assert record("size", "--input-size", 4, "--kernel-size", 3, "--check", "--json")["checks"]


def test_doctor():
    found = record("doctor", "--json")
    assert {"symconv", "python", "sympy", "numpy"} <= set(found["found"])
    assert "found    sympy" in run("doctor").stdout


def test_tour_json_and_files(tmp_path):
    pytest.importorskip("torch")
    done = run("tour", "-o", tmp_path / "out", "--device", "cpu", "--json")
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    assert found["verdict"] == "holds"
    keys = {"id", "claim", "verdict", "expected", "evidence", "cross_check"}
    assert all(keys <= set(claim) for claim in found["claims"])
    assert len({c["id"] for c in found["claims"]}) == len(found["claims"])
    by_id = {c["id"]: c for c in found["claims"]}
    for refuted in ("restores-values", "correct-version", "row-stride", "weight-order"):
        assert by_id[refuted]["verdict"] == "refuted" and by_id[refuted]["truth"]
    assert by_id["restores-shape"]["verdict"] == "holds"
    crops = by_id["crops"]["cross_check"]["mark"]
    assert crops == "not cross-checked: no single torch call has these crops"
    written = {p.name for p in (tmp_path / "out").iterdir()}
    assert {"tour.txt", "tour.md", "tour.tex"} <= written


def test_tour_table_lists_every_claim(tmp_path):
    pytest.importorskip("torch")
    done = run("tour", "-o", tmp_path, "--device", "cpu")
    words = " ".join(done.stdout.split())
    assert "claim verdict how it is known cross-check" in words
    assert words.count("agree") >= 20


def test_without_torch_everything_else_works(tmp_path, monkeypatch):
    monkeypatch.setattr(torchlib, "installed", lambda: False)
    done = run("tour", "-o", tmp_path)
    assert done.exit_code == 0
    assert "no cross-check: torch is not installed; install it with" in done.stdout
    assert "not cross-checked: torch is not installed" in (tmp_path / "tour.txt").read_text()
    page = run("derive", "--x", X, "--k", X)
    assert page.exit_code == 0 and "not cross-checked: torch is not installed" in page.stdout
    assert run("derive", "--x", X, "--k", X, "--json").exit_code == 0
    cuda = run("tour", "-o", tmp_path, "--device", "cuda")
    assert cuda.exit_code == 3 and "torch is not installed" in cuda.stderr
    check = run("size", "--input-size", 4, "--kernel-size", 3, "--check")
    assert check.exit_code == 3 and "pip install torch" in check.stderr


def test_cuda_without_cuda_is_undecided(tmp_path):
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        assert run("tour", "-o", tmp_path, "--device", "cuda").exit_code == 0
        return
    done = run("tour", "-o", tmp_path / "new", "--device", "cuda")
    assert done.exit_code == 3
    assert "--device cuda: torch sees no CUDA device on this machine" in done.stderr
    assert not (tmp_path / "new").exists()


MEMORY = r"too many|GiB|PiB|EiB"
BAD = {
    "ragged": (["derive", "--x", "[[1,2],[3]]", "--k", X], "ragged: row 1 has 1 entries"),
    "ranks": (["derive", "--x", "[1]", "--k", X], "x has rank 1 and w has rank 2"),
    "scalar": (["derive", "--x", "5", "--k", X], "at least one entry and one axis"),
    "empty": (["derive", "--x", "[]", "--k", X], "at least one entry"),
    "conv layout": (
        ["derive", "--x", "[[[1]],[[2]],[[3]]]", "--k", "[[[[1]],[[1]],[[1]]]]"],
        "looks like Conv's layout",
    ),
    "groups": (
        ["derive", "--input-size", "2", "--kernel-size", "2", "--in-channels", "3", "--groups", 2],
        "is not a multiple of groups=2",
    ),
    "groups zero": (
        ["derive", "--input-size", "2", "--kernel-size", "2", "--groups", "0"],
        "groups must be at least 1",
    ),
    "no output": (
        ["derive", "--x", X, "--k", X, "--padding", "2"],
        "the output must have at least one element. Try ",
    ),
    "huge": (
        ["derive", "--input-size", "1000000000x1000000000", "--kernel-size", "3x3"],
        "GiB",
    ),
    "huge stride": (
        ["derive", "--input-size", "2", "--kernel-size", "2", "--stride", "1000000"],
        "too many outputs for a page: 1,000,002",
    ),
    "huge dilation": (
        ["derive", "--x", "[1,2]", "--k", "[1,2]", "--dilation", "100000000"],
        "too many outputs for a page: 100,000,002",
    ),
    "empty folder": (["tour", "-o", ""], "-o is empty"),
    "kernel 0": (
        ["size", "--input-size", "3", "--kernel-size", "0"],
        "kernel_size must be at least 1",
    ),
    "huge matrix": (
        ["matrix", "--input-size", "1000000000", "--kernel-size", "3"],
        "too many cells",
    ),
    "huge kernel": (["matrix", "--input-size", "3", "--kernel-size", 10**9], "too many symbols"),
    "code": (["derive", "--x", "__import__('os').system('x')", "--k", X], "'_' is not allowed"),
    "exponent": (["derive", "--x", "[1e999999999]", "--k", "[1]"], "exponent"),
    "tower": (["derive", "--x", "[9**9**9]", "--k", "[1]"], "power"),
    "tex": (["derive", "--x", r"[\input{/etc/passwd}]", "--k", "[1]"], "not allowed"),
    "reserved": (["derive", "--x", "[x_0]", "--k", "[1]"], "is reserved for the entries"),
    "missing file": (["derive", "--x", "@none.json", "--k", X], "does not exist"),
    "no k": (["derive", "--x", X], "k is missing: give k (values) or kernel_size"),
    "no sizes": (["size"], "--input-size is missing"),
    "sizes clash": (
        ["derive", "--x", X, "--input-size", "3x3", "--k", X],
        "input_size=3x3 contradicts the values of x, which have shape 2x2",
    ),
    "axes clash": (
        ["derive", "--input-size", "3", "--kernel-size", "2x2"],
        "axes",
    ),
    "bad size": (["size", "--input-size", "3y3", "--kernel-size", "2"], "write 4, 3x3 or 3x3x2"),
    "bad step": (["size", "--input-size", "3", "--kernel-size", "2", "--stride", "a"], "write 2"),
    "bad chapter": (["derive", "--x", X, "--k", X, "--chapters", "none"], "chapter 'none'"),
    "bad limit": (["derive", "--x", X, "--k", X, "--max-cols", "1"], "at least 3"),
    "two biases": (
        ["derive", "--x", X, "--k", X, "--bias", "--bias-values", "[1]"],
        "choose one",
    ),
    "bias length": (
        ["derive", "--x", X, "--k", X, "--bias-values", "[1,2]"],
        "bias has shape (2,)",
    ),
    "pdf to stdout": (["derive", "--x", X, "--k", X, "--format", "pdf"], "needs a file"),
    "matrix both sizes": (
        ["matrix", "--input-size", "2", "--conv-input-size", "3", "--k", "[1,2]"],
        "give exactly one of input_size",
    ),
    "matrix contradiction": (
        ["matrix", "--conv-input-size", "3", "--k", "[1,2]", "--output-padding", "1"],
        "contradicts conv_input_size",
    ),
    "matrix M below 1": (
        ["matrix", "--conv-input-size", "2", "--k", "[1,2,3]"],
        "the convolution has no output",
    ),
    "unknown option": (["derive", "--strid", "2"], "No such option"),
    "unknown verb": (["derivee"], "No such command"),
    "batch zero": (
        ["derive", "--input-size", "2", "--kernel-size", "2", "--batch", "0"],
        "batch",
    ),
    "negative channels": (
        ["derive", "--input-size", "2", "--kernel-size", "2", "--in-channels", "-1"],
        "in_channels",
    ),
    "dims": (["derive", "--x", X, "--k", X, "--dims", "7"], "dims"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_clear_message_and_exit_2(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments, message = BAD[name]
    done = run(*arguments)
    assert done.exit_code == 2, done.output
    assert message in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.output and not isinstance(done.exception, AssertionError)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["code", "huge"])
def test_the_real_program_ends_the_same_way(name):
    arguments, message = BAD[name]
    done = subprocess.run(
        [sys.executable, "-m", "symconv", *arguments], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2 and message in done.stderr and "Traceback" not in done.stderr


def test_unwritable_places(tmp_path):
    file = tmp_path / "file"
    file.write_text("mine")
    done = run("tour", "-o", file / "below")
    assert done.exit_code == 2 and "cannot be written" in done.stderr
    assert file.read_text() == "mine"
    done = run("derive", "--x", X, "--k", X, "-o", tmp_path / "no" / "a.txt")
    assert done.exit_code == 2 and "is not a folder" in done.stderr
    done = run("derive", "--x", X, "--k", X, "-o", tmp_path)
    assert done.exit_code == 2 and "cannot be written" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_failing_disk_leaves_the_old_page(tmp_path, monkeypatch):
    from symconv.cli import writing

    (tmp_path / "a.txt").write_text("old")

    def full(self, target):
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(writing.OutputError, match="No space left"):
        writing.write_files(tmp_path, {"a.txt": b"new"})
    assert (tmp_path / "a.txt").read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_pages_to_files(tmp_path):
    target = tmp_path / "a.md"
    done = run("derive", "--x", X, "--k", X, "--format", "markdown", "-o", target)
    assert done.exit_code == 0 and done.stdout == ""
    assert target.read_text().startswith("# Transposed convolution")


def test_a_link_stays_a_link_and_a_pipe_is_written_to(tmp_path):
    real, link, pipe = (tmp_path / n for n in ("real.md", "link.md", "pipe"))
    real.write_text("old")
    link.symlink_to(real)
    assert run("derive", "--x", X, "--k", X, "--format", "markdown", "-o", link).exit_code == 0
    assert link.is_symlink() and real.read_text().startswith("# Transposed")
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    done = run("derive", "--x", X, "--k", X, "--chapters", "output", "-o", pipe)
    assert done.exit_code == 0 and os.read(reader, 9) == b"Transpose"
    os.close(reader)
    assert pipe.is_fifo()


def test_values_beyond_any_float():
    big = "9" * 400
    done = run("derive", "--x", f"[[{big}]]", "--k", "[[3]]", "--chapters", "check")
    assert done.exit_code == 0 and "sums reach 2^" in done.stdout


def test_no_engine_for_pdf(tmp_path, monkeypatch):
    from symconv.render import pdf

    monkeypatch.setattr(pdf.shutil, "which", lambda name: None)
    done = run("derive", "--x", X, "--k", X, "--format", "pdf", "-o", tmp_path / "a.pdf")
    assert done.exit_code == 3 and "apt-get install texlive-latex-base" in done.stderr
    tour = run("tour", "-o", tmp_path)
    assert tour.exit_code == 0 and "no PDF: pdflatex is not installed" in tour.stdout


def test_elision_by_option():
    done = run(
        "derive",
        "--input-size",
        "8",
        "--kernel-size",
        "3",
        "--chapters",
        "matrix",
        "--max-cols",
        "4",
        "--max-rows",
        "3",
    )
    assert done.exit_code == 0 and "..." in done.stdout


def test_a_disagreement_is_exit_1(monkeypatch):
    from tests.support.faults import FORM_FAULTS

    FORM_FAULTS["hit flips the kernel"](monkeypatch)
    done = run("derive", "--x", X, "--k", X)
    assert done.exit_code == 1 and "DIFFERS" in done.stdout


@pytest.mark.parametrize(
    "given",
    [
        {"input_size": 2, "kernel_size": 2, "batch": 2, "bias": True},
        {"x": [[[1, 2]], [[3, 4]]], "w": [[[1, 2]]], "dims": 1},
    ],
)
def test_every_sample_of_a_batch_is_compared(given, monkeypatch):
    """The first sample overwrites the second: the oracles must notice, even without torch."""
    from symconv.derivation.checks import check_subject
    from symconv.derivation.subject import Options, read_subject
    from symconv.exact.containers import Tensor
    from symconv.results.evidence import Outcome

    monkeypatch.setattr(torchlib, "installed", lambda: False)
    given = dict(given)
    operands = {name: given.pop(name) for name in ("x", "w", "bias") if name in given}
    subject = read_subject(**operands, options=Options(**given))
    assert check_subject(subject, ("cpu",)).outcome is Outcome.HOLDS
    right = subject.output
    half = right.flat[: len(right.flat) // 2]
    subject.__dict__["output"] = Tensor(right.shape, half * 2)
    assert check_subject(subject, ("cpu",)).outcome is Outcome.REFUTED


def test_a_generic_rank_claims_nothing_for_every_value():
    done = run("matrix", "--input-size", "3", "--k", "[a,b]", "--padding", "1")
    words = " ".join(done.stdout.split())
    assert "For almost all values of the symbols" in words and "recovers its input" not in words


def test_a_symbolic_page_says_what_torch_did_not_see():
    page = run("derive", "--input-size", "2", "--kernel-size", "2", "--bias", "--chapters", "check")
    assert "without bias" in " ".join(page.stdout.split())
