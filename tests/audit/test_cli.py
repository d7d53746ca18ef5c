"""`symconv audit` on the command line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from symconv.cli.app import app
from symconv.cli.auditing import answer

ROOT = Path(__file__).parents[2]
SLIPS = str(ROOT / "docs" / "examples" / "slips.md")


def run(*words, **options):
    return CliRunner().invoke(app, ["audit", *map(str, words)], **options)


def page(tmp_path, text, name="a.md"):
    path = tmp_path / name
    path.write_text(text)
    return path


def test_the_example_names_every_slip():
    done = run(SLIPS)
    assert done.exit_code == 1
    wrong = [line for line in done.output.splitlines() if "WRONG" in line]
    assert len(wrong) == 7 and all(line.startswith(SLIPS + ":") for line in wrong)
    assert done.output.count("printed") >= 6 and "should be" in done.output


def test_exit_codes(tmp_path):
    right, wrong = page(tmp_path, "$1+1=2$"), page(tmp_path, "$1+1=3$", "b.md")
    open_ = page(tmp_path, r"$\sqrt{4}=2$", "c.md")
    assert run(right).exit_code == run(right, "--strict").exit_code == 0
    assert run(wrong).exit_code == run(wrong, open_, "--strict").exit_code == 1
    assert run(open_).exit_code == 0 and run(open_, "--strict").exit_code == 3
    assert run(tmp_path / "nothing.md").exit_code == run().exit_code == 2
    assert run(right, "--run").exit_code == 0
    for seconds in ("nan", "inf", "0", "-1", "x"):
        assert run(right, "--run", "--seconds", seconds).exit_code == 2


def test_json():
    record = json.loads(run(SLIPS, "--json").output)
    assert record["schema"] == "symconv/1" and record["verb"] == "audit"
    assert record["verdict"] == "refuted" and record["evidence"]["trusted"]
    assert {"file", "line", "claim", "verdict", "correction"} <= record["claims"][0].keys()
    assert sum(record["counts"].values()) == len(record["claims"])


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("$1+1=2$", "holds"),
        ("$1+1=3$", "refuted"),
        (r"$\sqrt 4=2$", "undecided"),
        ("x", "undecided"),
    ],
)
def test_the_overall_verdict_is_no_stronger_than_the_claims(tmp_path, text, verdict):
    assert json.loads(run(page(tmp_path, text), "--json").output)["verdict"] == verdict


def test_github(tmp_path):
    wrong = page(tmp_path, "text\n\n$1+1=3$, 100\\%\n", "a,b.md")
    lines = run(wrong, "--format", "github").output.splitlines()
    assert lines[0].startswith("::error file=") and "a%2Cb.md,line=3," in lines[0]
    assert lines[0].endswith("::1+1=3 -> printed 3, should be 2")
    book = page(
        tmp_path, json.dumps({"cells": [{"cell_type": "markdown", "source": "$1+1=3$"}]}), "a.ipynb"
    )
    assert "(cell 1, line 1)" in run(book, "--format", "github").output


def test_macros_from_a_file(tmp_path):
    text = page(tmp_path, r"$\two + 1 = 4$")
    macros = page(tmp_path, r"\newcommand{\two}{2}", "macros.tex")
    assert run(text).exit_code == 0
    assert run(text, "--macros", macros).exit_code == 1


def test_standard_input_by_what_it_looks_like():
    for text in (
        "$1+1=3$",
        r"\documentclass{article} \[1+1=3\]",
        '{"cells": [{"cell_type": "markdown", "source": "$1+1=3$"}]}',
    ):
        done = subprocess.run(
            [sys.executable, "-m", "symconv", "audit", "-"],
            input=text.encode(),
            capture_output=True,
            check=False,
        )
        assert done.returncode == 1 and b"should be 2" in done.stdout
    done = subprocess.run(
        [sys.executable, "-m", "symconv", "audit", "-"],
        input=b"\0\1",
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2 and b"is not text" in done.stderr


def test_output_that_cannot_be_encoded(tmp_path):
    text = page(tmp_path, "$1 + 1 ≈ 7$")
    done = subprocess.run(
        [sys.executable, "-m", "symconv", "audit", "-v", str(text)],
        check=False,
        capture_output=True,
        env={"PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 0 and b"\\u2248" in done.stdout


def test_inputs_that_are_not_followed_are_listed(tmp_path):
    text = page(tmp_path, "\\input{chapter}\n\\[1+1=2\\]\n", "a.tex")
    assert "\\input{chapter}\n    -> another file, which is not followed" in run(text, "-v").output


def test_a_closed_pipe_is_no_error():
    command = f"{sys.executable} -m symconv audit -v {SLIPS} | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, check=False)
    assert done.stderr == b"" and done.stdout


def test_nothing_heavy_is_loaded():
    program = (
        "import sys\n"
        "from symconv.cli.auditing import answer\n"
        f"assert answer([{SLIPS!r}])[1] == 1\n"
        "for name in ('sympy', 'numpy', 'torch', 'rich'):\n"
        "    assert name not in sys.modules, name\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_self_check_of_a_derivation(tmp_path, monkeypatch):
    words = [
        "derive",
        "--x",
        "[[0,1],[2,3]]",
        "--k",
        "[[1,2],[3,4]]",
        "--stride",
        "2",
        "--self-check",
        "--device",
        "cpu",
        "-o",
        str(tmp_path / "page"),
    ]
    for kind in ("latex", "markdown", "ipynb", "html", "text"):
        done = CliRunner().invoke(app, [*words, "--format", kind])
        assert done.exit_code == 0 and " equations read back" in done.stderr
        assert ", 0 wrong" in done.stderr
    from symconv.render import formats

    plain = formats.render
    monkeypatch.setattr(formats, "render", lambda *a: plain(*a).replace("= 2", "= 5"))
    done = CliRunner().invoke(app, [*words, "--format", "latex"])
    assert done.exit_code == 1 and "2 = 5" in done.stderr


def test_the_tour_audits_its_pages(tmp_path):
    done = CliRunner().invoke(app, ["tour", "-o", str(tmp_path), "--device", "cpu", "--json"])
    count = json.loads(done.stdout)["pages_audited"]
    assert done.exit_code == 0 and count["right"] > 90
    assert count["wrong"] == count["doubtful"] == 0
    assert run(tmp_path).exit_code == 0
    assert " 0 wrong, 0 doubtful" in run(tmp_path).output


def test_strict_does_not_let_outputs_pass_that_were_not_run():
    page = str(Path(SLIPS).with_name("outputs.ipynb"))
    assert answer([page])[1] == 0 and answer([page], strict=True)[1] == 3
