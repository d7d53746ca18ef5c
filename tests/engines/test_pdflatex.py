"""pdflatex compiles every golden page in a minimal article without an overfull line."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from symconv.cli.app import app
from symconv.render.pdf import PdfError, compile_latex

GOLDEN = sorted((Path(__file__).parents[1] / "golden" / "files").glob("*.tex"))
ARTICLE = (
    "\\documentclass{article}\n\\usepackage{amsmath}\n\\begin{document}\n%s\n\\end{document}\n"
)


def test_there_are_golden_files():
    assert len(GOLDEN) >= 8


@pytest.mark.engine
@pytest.mark.parametrize("path", GOLDEN, ids=lambda p: p.stem)
def test_golden_pages_compile_without_overfull_lines(path, pdflatex):
    pdf, log = compile_latex(ARTICLE % path.read_text())
    assert pdf.startswith(b"%PDF")
    assert re.findall(r"Overfull.*", log) == []


@pytest.mark.engine
def test_the_matrix_of_the_issue_compiles(pdflatex):
    arguments = "matrix --conv-input-size 3x3 --kernel-size 2x2 --transpose --format latex"
    done = CliRunner().invoke(app, arguments.split())
    assert done.exit_code == 0
    _, log = compile_latex(ARTICLE % done.stdout)
    assert "Overfull" not in log


@pytest.mark.engine
def test_pdflatex_may_not_read_other_files(pdflatex):
    with pytest.raises(PdfError):
        compile_latex(ARTICLE % "\\input{/etc/passwd}")


@pytest.mark.engine
def test_derive_writes_a_pdf(pdflatex, tmp_path):
    arguments = ["derive", "--x", "[[0,1],[2,3]]", "--k", "[[0,1],[2,3]]", "--format", "pdf"]
    done = CliRunner().invoke(app, [*arguments, "-o", str(tmp_path / "a.pdf")])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
