"""`symconv size` without click says what it says with click."""

import subprocess
import sys
from itertools import chain
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from symconv.cli import quick, size
from symconv.cli.app import app

ROOT = Path(__file__).parents[2]


def by_click(words):
    done = CliRunner().invoke(app, ["size", *words])
    return done.stdout, done.exit_code


def test_both_know_the_same_options_and_defaults():
    options = [p for p in size.command.params if isinstance(p, click.Option)]
    names = {o.opts[0]: o.name for o in options}
    flags = {o.opts[0]: o.name for o in options if o.is_flag}
    assert names == {n: field for n, (field, _) in quick.VALUES.items()} | quick.FLAGS
    assert flags == quick.FLAGS
    defaults = {o.name: o.default for o in options if o.name in quick.DEFAULTS}
    assert (
        defaults == quick.DEFAULTS
        or {n: None if str(v) == "Sentinel.UNSET" else v for n, v in defaults.items()}
        == quick.DEFAULTS
    )
    dialects = next(o for o in options if o.name == "dialect")
    assert all(quick._dialect(name, "") == name for name in dialects.type.choices)


numbers = st.integers(0, 6).map(str)
sizes = numbers | st.tuples(numbers, numbers).map("x".join)
steps = numbers | st.tuples(numbers, numbers).map(",".join)
OPTIONS = st.one_of(
    st.tuples(st.sampled_from(["--want", "--input-size"]), sizes),
    st.tuples(st.sampled_from(["--stride", "--padding", "--output-padding", "--dilation"]), steps),
    st.tuples(st.just("--dialect"), st.sampled_from(["onnx", "jax", "keras", "torch", "tf"])),
    st.tuples(st.just("--pads"), st.sampled_from(["same", "SAME", "1", "1,0", "valid"])),
    st.just(("--json",)),
    st.just(("--stride=2",)),
    st.just(("--stridex", "2")),
)


@settings(max_examples=300, deadline=None)
@given(sizes, sizes, st.lists(OPTIONS, max_size=4))
def test_what_it_answers_is_what_click_answers(input_size, kernel_size, rest):
    words = ["--input-size", input_size, "--kernel-size", kernel_size, *chain.from_iterable(rest)]
    found = quick.size(words)
    text, code = by_click(words)
    if found is None:
        assert code == 2
    else:
        assert (found[0] + "\n", found[1]) == (text, code)


MISTAKES = (
    ["-h"], ["--help"], [], ["--want"], ["--stride", "--json"], ["--input-size", "4"], ["extra"],
    ["--input-size", "a"],
)  # fmt: skip


@pytest.mark.parametrize("words", MISTAKES)
def test_help_and_mistakes_are_for_click(words):
    assert quick.size(words) is None


def test_the_answer_loads_nothing_heavy():
    code = (
        "import sys; sys.argv = ['symconv', 'size', '--input-size', '7', '--kernel-size', '5', "
        "'--want', '14']; from symconv.cli import main; main(); "
        "heavy = {'click', 'numpy', 'sympy', 'torch', 'json', 'dataclasses', 'typing'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[0] == "output 11" and done.stdout.splitlines()[-1] == "[]"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is full, on Linux")
@pytest.mark.parametrize(
    "words", ["size --input-size 4 --kernel-size 3", "doctor", "audit README.md"]
)
def test_a_full_disk_is_not_told_as_refuted(words):
    command = f"{sys.executable} -m symconv {words} > /dev/full"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 3
    said = "symconv: stopped by the system: No space left on device; nothing is decided\n"
    assert done.stderr.endswith(said)


def test_a_fault_of_our_own_is_not_told_as_refuted():
    code = (
        "import sys; sys.argv = ['symconv', 'size']; import symconv.cli as cli; "
        "cli._quickly = lambda words: 1 // 0; cli.entry()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 3 and "ZeroDivisionError" in done.stderr
    assert done.stderr.endswith("symconv: a fault of symconv's own; nothing is decided\n")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("size --input-size 4 --kernel-size 3 >&-", 0),
        ("size --input-size 4 --kernel-size 3 2>&- >/dev/null", 0),
        ("audit README.md >&- 2>&-", 0),
        ("--version >&-", 0),
        ("size --input-size 4 --kernel-size 3 >/dev/full 2>&-", 3),
        ("size --input-size 4 --kernel-size 3 >/dev/full 2>/dev/full", 3),
    ],
)
def test_closed_streams_do_not_change_the_exit_code(words, code):
    command = f"{sys.executable} -m symconv {words}"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True)
    assert done.returncode == code
