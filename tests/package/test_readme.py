"""Everything that the README and the guide to pages show is run and compared."""

import doctest
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from symconv.cli.app import app

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
GUIDES = ("derivations.md", "symbolic.md", "audit.md")
SHOWN = README + "".join((ROOT / "docs" / name).read_text() for name in GUIDES)
COMMANDS = (
    'python3 -m venv .venv && . .venv/bin/activate && pip install -c constraints.txt ".[torch]" '
    "&& symconv tour",
    'python3 -m venv .venv && . .venv/bin/activate && pip install -c constraints.txt -e ".[test]" '
    "&& pytest",
)


def console() -> list[tuple[str, str]]:
    """`(command, output)` of every `$ symconv` in a console block."""
    shown = []
    for block in re.findall(r"```console\n(.*?)```", SHOWN, re.S):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, output = part.partition("\n")
            shown.append((command, output))
    return shown


def versionless(text: str) -> str:
    """Mask torch's version, which depends on the reader; line breaks may move with its length."""
    return " ".join(re.sub(r"torch \d+\.\d+\.\d+", "torch VERSION", text).split())


@pytest.mark.parametrize(("command", "output"), console(), ids=lambda v: v[:50])
def test_shown_output_is_what_comes_out(command, output):
    pytest.importorskip("torch")
    program, *arguments = shlex.split(command)
    assert program == "symconv"
    done = CliRunner().invoke(app, [*arguments, *_on_the_cpu(arguments)])
    if "torch " in output:
        assert versionless(done.output) == versionless(output)
    elif "...\n" in output:
        # dots stand for omitted lines: what is shown must appear in this order
        place = 0
        for shown in filter(None, re.split(r"^\.\.\.\n", output, flags=re.M)):
            place = done.output.index(shown, place) + len(shown)
    else:
        assert done.output == output


def _on_the_cpu(arguments: list[str]) -> list[str]:
    return ["--device", "cpu"] if arguments[0] == "derive" else []


def test_there_is_something_to_show():
    assert len(console()) >= 6


def test_the_python_example():
    failures, tried = doctest.testfile(
        str(ROOT / "README.md"), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert tried >= 8 and failures == 0


def test_the_python_example_of_the_auditor(monkeypatch):
    monkeypatch.chdir(ROOT)
    failures, tried = doctest.testfile(str(ROOT / "docs" / "audit.md"), module_relative=False)
    assert tried >= 3 and failures == 0


def test_the_two_commands_stand_there_as_ci_runs_them():
    for command in COMMANDS:
        assert f"\n{command}\n" in README


def test_every_verb_is_in_the_readme():
    from symconv.cli.verbs import VERBS

    assert all(f"`symconv {verb}" in README for verb in VERBS)


def test_no_document_names_a_badge_that_does_not_exist():
    from symconv.results.evidence import Method

    badges = {m.value for m in Method} | {"REFUTED", "UNDECIDED"}
    table = README.split("| badge |")[1].split("\n\n")[0]
    assert set(re.findall(r"^\| `([^`]+)` \|", table, re.M)) <= badges
