"""Notebooks in Jupyter's own tools: run by a kernel, converted to HTML by nbconvert."""

import html
import re

import pytest
from click.testing import CliRunner

from symconv.cli.app import app

nbformat = pytest.importorskip("nbformat")
nbconvert = pytest.importorskip("nbconvert")
preprocessors = pytest.importorskip("nbconvert.preprocessors")
pytest.importorskip("ipykernel")


def exported(notebook):
    return nbconvert.HTMLExporter(template_name="basic").from_notebook_node(notebook)[0]


def run(*sources):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    preprocessors.ExecutePreprocessor(timeout=120).preprocess(notebook)
    return notebook


def test_a_derivation_shows_itself_in_a_cell():
    notebook = run(
        "import symconv",
        "symconv.derive([[0, 1], [2, 3]], [[0, 1], [2, 3]], chapters=('given', 'blocks'))",
        "symconv.derive(input_size=2, kernel_size=2, chapters=('pictures',))",
    )
    shown = exported(notebook)
    assert shown.count("<math") > 1 and "<mn>3</mn>" in shown
    assert '<figure class="steps">' in shown and "<script" not in shown
    formula = notebook.cells[1].outputs[0]["data"]["text/latex"]
    assert formula.startswith("$") and r"\begin{bmatrix}" in formula


@pytest.mark.parametrize(
    "arguments",
    (
        ("derive", "--input-size", "2x3", "--kernel-size", "2x2", "--padding", "1"),
        ("matrix", "--conv-input-size", "3x3", "--kernel-size", "2x2"),
        ("prove", "exact_upsampling"),
    ),
    ids=lambda a: a[0],
)
def test_written_notebooks_are_valid_and_become_html(arguments):
    done = CliRunner().invoke(app, [*arguments, "--format", "ipynb"])
    assert done.exit_code == 0, done.output
    notebook = nbformat.reads(done.stdout, as_version=4)
    nbformat.validate(notebook)
    shown = html.unescape(exported(notebook))
    displays = re.findall(r"\$\$.*?\$\$", "".join(c.source + "\n" for c in notebook.cells), re.S)
    assert displays and re.findall(r"\$\$.*?\$\$", shown, re.S) == displays
