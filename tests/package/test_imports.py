"""The cost of importing symconv and of asking for help."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from symconv import __version__
from symconv.cli.app import app
from symconv.cli.verbs import VERBS, help_text

HEAVY = {"sympy", "numpy", "torch", "click"}


def loaded_after(code: str) -> set[str]:
    script = f"{code}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split()) & HEAVY


def test_import_symconv_loads_nothing_heavy():
    assert loaded_after("import symconv") == set()


def test_what_needs_only_the_standard_library_loads_nothing_heavy():
    modules = ["core.dialects.building", "core.form", "core.sizes", "reading", "results.evidence"]
    code = "import " + ", ".join(f"symconv.{module}" for module in modules)
    assert loaded_after(code) == set()


def test_help_loads_nothing_heavy():
    code = "import sys; sys.argv = ['symconv', '--help']; from symconv.cli import main; main()"
    assert loaded_after(code) == {"click"}


def test_size_loads_neither_sympy_nor_numpy_nor_torch():
    code = (
        "from click.testing import CliRunner; from symconv.cli.app import app; "
        "r = CliRunner().invoke(app, 'size --input-size 4 --kernel-size 3'.split()); "
        "assert r.exit_code == 0"
    )
    assert loaded_after(code) == {"click"}


def test_public_names_resolve():
    import symconv

    for name in symconv.__all__:
        assert getattr(symconv, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = symconv.nonsense


def test_help_is_one_text_however_it_is_asked_for():
    through_click = CliRunner().invoke(app, ["--help"])
    assert (through_click.exit_code, through_click.stdout) == (0, help_text())
    for arguments in (["--help"], ["-h"]):
        done = subprocess.run(
            [sys.executable, "-m", "symconv", *arguments], capture_output=True, text=True
        )
        assert (done.returncode, done.stdout) == (0, help_text())
    assert all(len(line) <= 80 for line in help_text().splitlines())


def test_version():
    for command in ([sys.executable, "-m", "symconv", "--version"],):
        done = subprocess.run(command, capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (0, f"symconv {__version__}\n")
    assert CliRunner().invoke(app, ["--version"]).stdout == f"symconv {__version__}\n"


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb):
    done = CliRunner().invoke(app, [verb, "--help"])
    assert done.exit_code == 0
    assert VERBS[verb].split(".")[0] in " ".join(done.stdout.split())
