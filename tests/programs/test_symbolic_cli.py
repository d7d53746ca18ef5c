"""`symconv check --by symbolic`: verdicts, sweeps, comparison of two programs, usage errors."""

import json

import pytest
from click.testing import CliRunner

from symconv.cli.app import app

PAPER = ("--call", "paper", "--input-size", "4x4", "--kernel-size", "3x3")


def run(target, *arguments):
    return CliRunner().invoke(app, ["check", target, "--by", "symbolic", *arguments])


@pytest.mark.parametrize("name", ("scatter", "by_matrix", "by_windows"))
def test_the_blackboard_s_programs_are_identical(name):
    done = run(f"docs.examples.loop:{name}", *PAPER)
    assert done.exit_code == 0 and "[IDENTICAL at this shape]" in done.stdout
    assert "Trusted: torch's dispatcher" in done.stdout and "Followed: aten." in done.stdout
    assert run(f"docs.examples.loop:{name}", *PAPER, "--gradients").exit_code == 0


def test_a_turned_kernel_is_told_by_its_products():
    done = run("docs.examples.loop:flipped", *PAPER)
    assert done.exit_code == 1
    assert "the product x[0,0] k[0,0] is missing; the product x[0,0] k[2,2] is too much" in (
        " ".join(done.stdout.split())
    )
    record = json.loads(run("docs.examples.loop:flipped", *PAPER, "--json").stdout)
    assert record["verdict"] == "refuted" and record["cells"] == 36
    assert len(record["findings"][0]["differences"]) == 36


def test_an_item_is_undecided_with_its_line():
    done = run("docs.examples.loop:skipping_zeros", *PAPER)
    assert done.exit_code == 3
    told = " ".join(done.stdout.split())
    assert "asks for a number" in told and "if x[i, j].item() != 0:" in told and "loop.py:" in told


def test_torch_itself_is_circular():
    done = run("torch")
    assert done.exit_code == 3 and "circular" in done.stdout


def test_sweeps_and_two_programs():
    for name in ("zero_insertion", "fold"):
        done = run(f"docs.examples.{name}:f", "--sweep", "60", "--gradients", "--seed", "3")
        assert done.exit_code == 0, done.stdout
    done = run(
        "docs.examples.zero_insertion:f", "--against", "docs.examples.fold:f", "--sweep", "50"
    )
    assert done.exit_code == 0 and "computes what docs.examples.fold:f computes" in (
        " ".join(done.stdout.split())
    )
    done = run("docs.examples.loop:scatter", "--against", "docs.examples.loop:flipped", *PAPER)
    assert done.exit_code == 1
    done = run("docs.examples.broken:second", "--sweep", "40")
    assert done.exit_code == 1 and " are missing" in done.stdout
    done = run("docs.examples.loop:scatter", "--call", "paper", "--sweep", "10")
    assert done.exit_code == 0


def test_mistakes():
    for arguments in (
        ("--x", "[[1]]", "--k", "[[1]]"),
        ("--device", "cuda"),
        ("--sweep", "3", "--input-size", "2x2", "--kernel-size", "2x2"),
    ):
        assert run("docs.examples.fold:f", *arguments).exit_code == 2
    bare = CliRunner().invoke(app, ["check", "torch", "--sweep", "3"])
    assert bare.exit_code == 2 and "--by symbolic" in bare.stderr


def test_pages_in_every_format():
    for kind in ("html", "markdown", "latex", "ipynb"):
        done = run("docs.examples.loop:flipped", *PAPER, "--format", kind)
        assert done.exit_code == 1 and "followed on symbols" in done.stdout


def test_check_starts_with_small_shapes_on_symbols():
    def check(target, *arguments):
        done = CliRunner().invoke(app, ["check", target, "--no-gradients", "--json", *arguments])
        return json.loads(done.stdout), done.exit_code

    record, code = check("docs.examples.fold:f")
    assert code == 0 and {c["verdict"] for c in record["symbolic"]} == {"holds"}
    assert len(record["symbolic"]) == 11
    record, code = check("docs.examples.fold:f", "--by", "numbers")
    assert code == 0 and record["symbolic"] == []
    record, code = check("docs.examples.loop:flipped", "--call", "paper")
    assert code == 1 and "is too much" in record["symbolic"][0]["cause"]
    # a program that needs values is traced at points
    record, code = check("docs.examples.broken:first", "--by", "numbers")
    other, same = check("docs.examples.broken:first")
    assert (
        code == same == 1
        and "it asks for values; on integers from -3 to 3 times 2^-"
        in (other["symbolic"][0]["cause"])
    )
    # a program that cannot be traced changes no verdict, and is tried only once
    other, code = check("docs.examples.loop:skipping_zeros", "--call", "paper")
    assert code == 0 and [c["verdict"] for c in other["symbolic"]] == ["undecided"]
    assert check("torch")[0]["symbolic"] == []


def test_a_wrong_cell_is_written_out_by_both_sides():
    words = ["docs.examples.loop:flipped", *PAPER]
    done = run(*words)
    assert done.exit_code == 1
    told = done.stdout
    assert "By the definition:\n\n    y_0_0 = x_0_0 k_0_0\n" in told
    assert "By docs.examples.loop:flipped:\n\n    y_0_0 = x_0_0 k_2_2\n" in told
    latex = run(*words, "--format", "latex").stdout
    assert "y_{0,0} = x_{0,0} k_{0,0}" in latex and "y_{0,0} = x_{0,0} k_{2,2}" in latex
    assert run(*words, "--format", "html").stdout.count("<math") >= 2


def test_factors_and_constants_are_written_out():
    from symconv.judging.following_page import _sum
    from symconv.render import text

    x, k, b = (("x", (0,)), ("k", (1,)), ("b", (0,)))
    terms = {(x, k): 1, (k,): -2, (b,): 1, (): 3}
    assert text.display(_sum(terms, False)).strip() == "x_0 k_1 + b_0 - 2 k_1 + 3"
    assert text.display(_sum({}, False)).strip() == "0"
