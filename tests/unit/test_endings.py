"""How the command line ends: closed or full streams, errors of symconv, what is loaded."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_the_answer_loads_nothing_heavy():
    code = (
        "import sys; sys.argv = ['symconv', 'size', '--input-size', '7', '--kernel-size', '5', "
        "'--want', '14']; from symconv.cli import main; main(); "
        "heavy = {'numpy', 'sympy', 'torch', 'rich'}; "
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
        "cli._exit_code = lambda: 1 // 0; cli.entry()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 3 and "ZeroDivisionError" in done.stderr
    assert done.stderr.endswith("symconv: an error in symconv itself; nothing is decided\n")


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
