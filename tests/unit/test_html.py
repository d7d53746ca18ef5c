"""HTML and notebooks: well formed, self-contained, with the same mathematics as other formats."""

import json
import re
import xml.etree.ElementTree as ElementTree
from fractions import Fraction

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from symconv.cli.app import app
from symconv.core.polynomial import Polynomial
from symconv.render import html, mathml
from symconv.render.tree import (
    BigSum,
    Chain,
    Document,
    Element,
    Equation,
    Inner,
    Letter,
    Listing,
    Matrix,
    Power,
    Product,
    Sum,
    Value,
    equals,
    matrix,
    paragraph,
)

V = Polynomial.variable


def parsed(markup):
    return ElementTree.fromstring(f"<r>{markup}</r>")


def words(markup):
    """The text that a reader sees, without spaces and invisible characters."""
    return re.sub(r"[\s\u2062]", "", "".join(parsed(markup).itertext()))


def test_formulas_by_hand():
    a, x = V("a"), V("x_0_1")
    for node, shown in (
        (Value(3), "3"),
        (Value(-3), "\u22123"),
        (Value(Fraction(-1, 2)), "\u221212"),
        (Value(Fraction(1, 4), decimal=True), "0.25"),
        (Value(2 * a * a - x), "2a2\u2212x0,1"),
        (Value(Polynomial()), "0"),
        (Letter("y", (0, 1)), "y0,1"),
        (Letter("alpha"), "\u03b1"),
        (Power(Letter("W"), "T"), "WT"),
        (Power(Product((Letter("W"), Letter("V"))), "-1"), "(WV)\u22121"),
        (Product((Value(2), Value(-3)), dot=True), "2\u22c5(\u22123)"),
        (Product((Sum((Value(a), Value(1))), Letter("x"))), "(a+1)x"),
        (Sum((Value(a), Value(-a), Value(2))), "a\u2212a+2"),
        (Sum(()), "0"),
        (Chain((Value(a), Value(1), Value(2)), (">=", "!=")), "a\u22651\u22602"),
        (Inner(Letter("x"), Letter("y")), "\u27e8x,y\u27e9"),
        (Element("w1", (Value(a), Value(0))), "wa,0(1)"),
        (BigSum((Chain((Value(0), Value(a)), ("<=",)),), Letter("x")), "\u22110\u2264ax"),
    ):
        assert words(mathml.inline(node)) == shown


def test_blank_cells_keep_their_place():
    node = Matrix(((Value(1), None), (None, None)), frozenset({(0, 0)}))
    found = parsed(mathml.display(node))
    cells = found.findall(".//mtd")
    assert len(cells) == 4 and cells[0].get("class") == "marked"
    assert [c.find(".//mphantom") is not None for c in cells] == [False, True, True, True]


entries = st.integers(-99, 99) | st.fractions(max_denominator=9) | st.just(None)


@given(st.lists(st.lists(entries, min_size=3, max_size=3), min_size=1, max_size=4))
def test_every_entry_of_a_matrix_is_read_back(rows):
    shown = parsed(mathml.display(matrix(rows)))

    def number(cell):
        if cell.find(".//mphantom") is not None:
            return None
        sign = -1 if "\u2212" in "".join(cell.itertext()) else 1
        parts = [int(n.text) for n in cell.iter("mn")]
        return sign * (Fraction(parts[0], parts[1]) if len(parts) == 2 else parts[0])

    found = [[number(c) for c in row.findall("mtd")] for row in shown.iter("mtr")]
    assert found == rows


def run(*arguments):
    return CliRunner().invoke(app, list(arguments))


PAGES = (
    ("derive", "--input-size", "3x2", "--kernel-size", "2x3", "--stride", "2,1", "--bias"),
    ("derive", "--input-size", "2x2x2", "--kernel-size", "2x2x2", "--stride", "2"),
    ("derive", "--x", "[1,1/2,a]", "--k", "[1,-1]", "--padding", "1"),
    ("matrix", "--conv-input-size", "3x3", "--kernel-size", "2x2"),
    ("prove", "compose"),
    ("prove", "exact_upsampling"),
    ("prove", "--list"),
    ("check", "torch", "--dtype", "float32", "--dims", "1"),
)


@pytest.mark.parametrize("arguments", PAGES, ids=lambda a: " ".join(a[:2]))
def test_pages_stand_alone(arguments):
    pytest.importorskip("torch")
    done = run(*arguments, "--format", "html")
    assert done.exit_code == 0, done.output
    text = done.stdout
    body = text.split("</head>")[1].replace("</html>", "")
    body = re.sub("<script>.*</script>", "", body, flags=re.S)  # scripts are not XML
    ElementTree.fromstring(body.strip())
    elsewhere = text.replace("http://www.w3.org/2000/svg", "")  # a namespace, not an address
    steps = f"<script>{html.STEPPER}</script>" if 'class="steps"' in text else ""
    assert "<script" not in text.replace(steps, "") and "http" not in elsewhere
    assert "viewport" in text and "fetch" not in text and "import" not in text
    assert "prefers-color-scheme: dark" in text


@pytest.mark.parametrize("arguments", PAGES[:6], ids=lambda a: " ".join(a[:2]))
def test_notebooks_are_of_the_format(arguments):
    data = json.loads(run(*arguments, "--format", "ipynb").stdout)
    assert (data["nbformat"], data["nbformat_minor"]) == (4, 5)
    assert {c["cell_type"] for c in data["cells"]} <= {"markdown", "code"}
    names = [c["id"] for c in data["cells"]]
    assert len(set(names)) == len(names) > 1
    assert "".join(data["cells"][0]["source"]).startswith("# ")


def test_what_users_write_is_escaped():
    hostile = "<script>alert(1)</script> & \"quoted\" 'too'"
    page = html.page(Document(hostile, (paragraph(hostile), Listing(hostile))))
    assert "<script" not in page and "&lt;script&gt;" in page and "&amp;" in page
    assert "<mi>&lt;b&gt;</mi>" in mathml.inline(Letter("<b>"))


def test_wide_chains_go_on_in_the_next_line():
    terms = tuple(Value(V(f"x_{n}")) for n in range(80))
    page = html.page(Document("wide", (Equation(equals(Letter("y"), Sum(terms))),)))
    assert page.count("<mtr>") > 1 and page.count("<mi>x</mi>") == 80


def test_derivations_show_themselves():
    import symconv

    page = symconv.derive(input_size=(2,), kernel_size=(2,), device="cpu")
    assert page._repr_html_().startswith("<div") and "<math" in page._repr_html_()
    assert page.to_html().startswith("<!doctype html>")
    assert json.loads(page.to_notebook())["nbformat"] == 4
