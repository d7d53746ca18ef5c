"""Printed outputs are judged by running the code, which is denied a few things."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from symconv.documents import audit
from symconv.documents.outputs.printed import difference, same
from symconv.documents.outputs.running import run_twice

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "outputs.ipynb"

SAME = [
    ("tensor([1., 2.])", "tensor([1., 2.], grad_fn=<ViewBackward0>)", "the same text"),
    ("[[1, 2],\n [3, 4]]", "[[1, 2], [3, 4]]", "the same text"),
    ("array([0.33, 1.67])", "array([0.3333333, 1.6666667])", "the same numbers in the same places"),
    ("tensor([1.0000e-05])", "tensor([1.00004e-05])", "the same numbers in the same places"),
    ("1 2 3", "[1, 2, 3]", "the same numbers, formatted differently"),
    ("torch.Size([2, 1])", "torch.Size([2, 1])", "the same text"),
]
DIFFERENT = [
    (
        "tensor([[1., 2.], [3., 5.]])",
        "tensor([[1., 2.], [3., 4.]])",
        "printed 5. at [1,1], running gives 4.",
    ),
    ("[1, 2]", "[1, 2, 3]", "2 numbers are printed, but running gives 3"),
    ("array([0.34])", "array([0.3333])", "printed 0.34 at [0]"),
    ("7", "8", "printed 7, running"),
    ("9" * 5_000, "8" * 5_000, "printed"),
    ("1.5e-000000009999999", "2.5", "printed"),
]


@pytest.mark.parametrize(("printed", "found", "how"), SAME)
def test_outputs_that_agree(printed, found, how):
    assert same(printed, found) == how


@pytest.mark.parametrize(("printed", "found", "told"), DIFFERENT)
def test_outputs_that_differ(printed, found, told):
    assert same(printed, found) is None
    assert told in difference(printed, found)


@pytest.mark.parametrize("text", [" " * 20_000 + "1", "grad_fn=<" * 10_000, "," * 100_000])
def test_comparing_takes_bounded_time(text):
    start = time.process_time()
    same(text, "2")
    assert time.process_time() - start < 2


def notebook(*cells):
    """A notebook as JSON, from pairs `(code, printed)`."""
    made = [
        {"cell_type": "code", "source": code, "outputs": [{"text": text}] if text else []}
        for code, text in cells
    ]
    return json.dumps({"cells": made, "nbformat": 4})


def verdicts(tmp_path, *cells, seconds=20.0):
    path = tmp_path / "a.ipynb"
    path.write_text(notebook(*cells))
    done = audit([str(path)], run=True, seconds=seconds)
    return [(c.verdict, c.note) for c in done.claims]


def test_the_example():
    done = audit([str(EXAMPLE)], run=True)
    outputs = [(c.cell, c.verdict) for c in done.claims if c.cell != 3]
    assert outputs == [
        (2, "right"),
        (4, "wrong"),
        (5, "right"),
        (6, "right"),
        (7, "random"),
        (8, "not run"),
    ]
    assert "not a sandbox" in done.isolation
    assert audit([str(EXAMPLE)]).count("wrong") == 0


def test_an_earlier_failure_and_outputs_that_are_no_numbers(tmp_path):
    found = verdicts(
        tmp_path,
        ("x = 1 / 0", ""),
        ("2 + 2", "4"),
        ("2 + 3", "6"),
        ("x", "1"),
        ("'word'", "'other'"),
        ("import random; random.random()", "0.5"),
    )
    assert [v for v, _ in found] == ["right", "not run", "not run", "not run", "random"]
    assert "an earlier program failed: ZeroDivisionError" in found[1][1]
    assert "NameError" in found[2][1]
    only = verdicts(tmp_path, ("'word'", "'other'"), ("%matplotlib inline\n!ls\n1", "1"))
    assert [v for v, _ in only] == ["not understood", "right"]


def test_markdown_and_exported_notebooks(tmp_path):
    page = tmp_path / "a.md"
    page.write_text("```python\n2 + 2\n```\n\n```\n5\n```\n\n```\n6\n```\n")
    assert [c.verdict for c in audit([str(page)], run=True).claims] == ["wrong", "not understood"]
    text = tmp_path / "a.txt"
    text.write_text("In [1]:\nx = 2\n\nIn [2]:\ny = 3\n\nx + y\n\n5\n\nNow $2 + 2 = 5$.\n")
    claims = audit([str(text)], run=True).claims
    assert [(c.line, c.verdict) for c in claims] == [(9, "right"), (11, "wrong")]


HANGS = {
    "a sleep": "import time; time.sleep(100)",
    "a loop": "while True: pass",
    "a fork": "import os, time\nos.fork()\ntime.sleep(100)",
    "ignored signals": "import signal, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(100)",
}


@pytest.mark.parametrize("name", HANGS)
def test_what_does_not_end_is_ended(name):
    start = time.monotonic()
    runs = run_twice([HANGS[name]], 1.0)
    assert time.monotonic() - start < 10
    assert "took more than 1 seconds" in runs.ended or not any(runs.results)


def test_nothing_lives_on(tmp_path):
    mark = tmp_path / "mark"
    code = (
        f"import subprocess\nsubprocess.Popen(['setsid', 'sh', '-c', 'sleep 3; touch {mark}'])\n1"
    )
    runs = run_twice([code], 10.0)
    time.sleep(4)
    # without a process namespace, which some systems refuse, the report does not claim one
    assert not mark.exists() or "process space" not in runs.isolation


RESULTS = "import os, sys\nresults = sys.argv[3]\n"
TAMPERED = [
    RESULTS + "os.remove(results); os.mkfifo(results); os._exit(0)",
    RESULTS + "os.remove(results); os.symlink('/dev/zero', results); os._exit(0)",
    RESULTS + "os.remove(results); os.mkdir(results); os._exit(0)",
    RESULTS + "open(results, 'w').write('{}\\n5\\n[1]\\n'); os._exit(0)",
    "import os; os._exit(0)",
    "import os; os.kill(os.getppid(), 9)",
    "x = 'a' * 10**11",
    "raise SystemExit",
    "print('9' * 10**7)",
]


@pytest.mark.parametrize("code", TAMPERED)
def test_code_that_tampers(tmp_path, code):
    found = verdicts(tmp_path, (code, "1 2 3"))
    assert [v for v, _ in found] in (["not run"], ["wrong"], ["not understood"])


def test_a_polite_end_takes_everything_along(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_text(notebook(("import time; time.sleep(100)", "1")))
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "-m", "symconv", "audit", "--run", str(path)],
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 20
    while not list(tmp_path.glob("symconv-audit-*/*/work")) and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 3
    assert list(tmp_path.glob("symconv-audit-*")) == []


OUTPUTS = {
    "a scalar as NumPy 1 prints it": ("import numpy as np\nnp.float64(3.0)", "3.0", "right"),
    "several": ("import numpy as np\n(np.float64(2.0), np.int64(3))", "(2.0, 3)", "right"),
    "a wrong scalar": ("import numpy as np\nnp.float64(3.0)", "3.5", "wrong"),
    "shortened": (
        "import numpy as np\nprint(np.arange(1001))",
        "[0 1 2 ... 998 999 1001]",
        "not understood",
    ),
    "a residue": ("print(0.1 + 0.2 - 0.3)", "1.1e-16", "not understood"),
    "no residue": ("print(1 + 0.25)", "1.26", "wrong"),
    "a version": ("import sys\nprint(sys.version_info[:2])", "(2, 7)", "not understood"),
    "time": ("import time\nt = time.time()\nx = t - t + 3\nprint(x)", "2.0", "not understood"),
    "folder": ("import os\nprint(len(os.listdir('.')))", "12", "not understood"),
    "version of a package": ("import numpy\nprint(numpy.__version__)", "0.1.2", "not understood"),
    "eigenvectors": (
        "import numpy as np\nprint(np.linalg.eigh(np.eye(2) + 1)[1][0, 0])",
        "0.9",
        "not understood",
    ),
    "a name like a module's": ("timer = 3\nprint(timer)", "4", "wrong"),
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_output_is_wrong_only_where_the_code_alone_decides_it(tmp_path, name):
    code, printed, wanted = OUTPUTS[name]
    assert [verdict for verdict, _ in verdicts(tmp_path, (code, printed))] == [wanted]
