"""The writers on single nodes, with expected text written by hand."""

from dataclasses import replace
from fractions import Fraction

import pytest

from symconv.core.polynomial import Polynomial, as_polynomial
from symconv.render import boxes, html, latex, latexmath, latexwidth, markdown, text
from symconv.render.lines import Limits, elided, fitted
from symconv.render.tree import (
    Badge,
    Chain,
    Code,
    Dots,
    Equation,
    Heading,
    Inner,
    Letter,
    Listing,
    Matrix,
    Power,
    Product,
    Sum,
    Table,
    Value,
    equals,
    matrix,
    paragraph,
)

X = Polynomial.variable("x_0_1")
HALF = Fraction(1, 2)
NODES = [
    (Value(3), "3", "3"),
    (Value(-HALF), r"-\frac{1}{2}", "-1/2"),
    (Value(HALF, decimal=True), "0.5", "0.5"),
    (Value(Fraction(-5, 4), decimal=True), "-1.25", "-1.25"),
    (Value(Fraction(1, 3), decimal=True), r"\frac{1}{3}", "1/3"),
    (Value(X), "x_{0,1}", "x_0_1"),
    (Value(X * X * 2 - HALF), r"2 x_{0,1}^{2} - \frac{1}{2}", "2*x_0_1**2 - 1/2"),
    (Letter("alpha"), r"\alpha", "alpha"),
    (Letter("ab"), r"\mathit{ab}", "ab"),
    (Letter("y", (1, 12)), "y_{1,12}", "y_1_12"),
    (Power(Letter("W"), "T"), "W^{T}", "W^T"),
    (Power(Product((Letter("W"), Letter("V"))), "-1"), r"\left(W V\right)^{-1}", "(W V)^-1"),
    (Product((Value(2), Value(-3)), dot=True), r"2 \cdot \left(-3\right)", "2*(-3)"),
    (Product((Value(-2), Value(3)), dot=True), r"-2 \cdot 3", "-2*3"),
    (
        Sum((Value(1), Value(-2), Product((Value(-1), Value(4)), True))),
        r"1 - 2 - 1 \cdot 4",
        "1 - 2 - 1*4",
    ),
    (Sum(()), "0", "0"),
    (Product((Sum((Letter("M"), Value(-1))), Letter("s"))), r"\left(M - 1\right) s", "(M - 1) s"),
    (Inner(Letter("x"), Letter("y")), r"\left\langle x, y \right\rangle", "<x, y>"),
    (Chain((Letter("a"), Letter("b"), Letter("c")), ("=", "!=")), r"a = b \neq c", "a = b != c"),
    (Dots(), r"\cdots", "..."),
]


@pytest.mark.parametrize(("node", "tex", "plain"), NODES, ids=lambda v: str(v)[:20])
def test_nodes(node, tex, plain):
    assert latexmath.math(node) == tex
    assert text.box(node).lines == (plain,)


def test_blank_cells_stay_blank():
    m = matrix([[1, None], [None, 2]])
    assert latexmath.math(m) == "\\begin{bmatrix}\n1 &  \\\\\n & 2\n\\end{bmatrix}"
    assert text.box(m).lines == ("[1   ]", "[   2]")


def test_more_than_ten_columns_are_a_spelled_out_array():
    assert "bmatrix" in latexmath.math(matrix([list(range(10))]))
    wide = latexmath.math(matrix([list(range(11))]))
    assert wide.startswith("\\left[\\begin{array}{ccccccccccc}\n")
    assert wide.endswith("\n\\end{array}\\right]")


def test_highlights():
    m = Matrix(matrix([[1, 2]]).rows, frozenset({(0, 1)}))
    assert r"\boxed{2}" in latexmath.math(m)
    assert text.box(m).lines == ("[1  <2>]",)


def test_elision_keeps_first_and_last():
    m = elided(matrix([[10 * r + c for c in range(9)] for r in range(9)]), 4, 5)
    assert text.box(m).lines == (
        "[ 0   1  ...   7   8]",
        "[10  11  ...  17  18]",
        "[ :   :  ...   :   :]",
        "[80  81  ...  87  88]",
    )
    assert elided(matrix([[1, 2, 3]]), 3, 3) == matrix([[1, 2, 3]])


WIDE = matrix([[Letter("k", (0, 0, r, c)) for c in range(10)] for r in range(3)])
"""Ten columns, wider than the line of an article and than a screen."""


def test_ten_columns_are_shown_whole_in_small_type():
    shown = fitted(WIDE, latexwidth.width, latex.PAGE)
    assert shown.small and shown.rows == WIDE.rows
    assert latexwidth.width(WIDE) > latex.PAGE.width >= latexwidth.width(shown)
    assert latexmath.math(shown).startswith(
        "\\left[\\begin{smallmatrix}\nk_{0,0,0,0} & k_{0,0,0,1}"
    )
    words = matrix([[Letter("k", (0, 0, c)) for c in range(10, 20)]])
    assert len(text.box(words).lines[0]) > text.SCREEN.width
    shown = fitted(words, boxes.width, text.SCREEN)
    assert shown.rows == words.rows and len(text.box(shown).lines[0]) <= text.SCREEN.width
    assert fitted(WIDE, latexwidth.width, html.SCREEN) == WIDE  # a browser scrolls it


def test_what_does_not_fit_in_small_type_is_cut():
    long = matrix([[Letter("k", (10**9, 10**9, c)) for c in range(10)]])
    for measure, limits in ((latexwidth.width, latex.PAGE), (boxes.width, text.SCREEN)):
        shown = fitted(long, measure, limits)
        assert len(shown.rows[0]) < 10 and not shown.small and measure(shown) <= limits.width


def test_entries_with_blanks_stay_apart():
    row = matrix([[as_polynomial(1) + Polynomial.variable("x"), Value(2)]])
    assert text.box(replace(row, small=True)) == text.box(row)


def test_highlights_survive_elision():
    m = Matrix(matrix([list(range(9))]).rows, frozenset({(0, 8), (0, 4)}))
    assert elided(m, None, 5).highlights == frozenset({(0, 4)})


def test_long_chains_break_before_signs_and_nothing_is_lost():
    terms = tuple(Value(n) for n in range(100, 140))
    chain = equals(Letter("y"), Sum(terms), Value(4780))
    lines = text.display(chain, Limits(40)).splitlines()
    assert len(lines) > 5 and max(map(len, lines)) <= 50
    joined = " ".join(line.strip() for line in lines)
    assert joined == "y = " + " + ".join(map(str, range(100, 140))) + " = 4780"
    assert latex.displays((chain,))[0].startswith("\\begin{aligned}\ny &= 100 + 101")


def test_no_markdown_line_starts_with_an_operator():
    terms = tuple(matrix([[n, n], [n, n]]) for n in range(30))
    page = markdown.block(Equation(equals(Letter("Y"), Sum(terms))))
    assert not any(line.startswith(("+", "-", "=", "#", ">")) for line in page.splitlines())


HOSTILE = '\\input{x} $1 & #2 % _ ^ ~ < > | " {}'


def test_words_are_made_harmless():
    tex = latex.text(HOSTILE)
    assert "\\input" not in tex and "\\textbackslash{}input\\{x\\}" in tex
    assert markdown.text("a_b*c|d<e>") == r"a\_b\*c\|d\<e\>"
    assert latex.text("\u00e9") == r"\textbackslash{}xe9"
    long = "call(" + ", ".join(f"argument_{n}" for n in range(20)) + ")"
    lines = latex.block(Listing(f"{long}\n\u00e9")).splitlines()[2:-2]
    assert max(map(len, lines)) <= 80 and lines[-1] == "\\xe9"
    assert "".join(line.strip() for line in lines[:-1]).replace(",a", ", a") == long


def test_blocks():
    assert latex.block(Heading(2, "a_b")) == "\\subsection*{\\raggedright a\\_b}"
    assert markdown.block(Heading(2, "a_b")) == "## a\\_b"
    assert text.block(Heading(2, "ab")) == "ab\n--"
    words = paragraph("with ", Code("op=1"), " and ", Letter("M"))
    sentence = "with \\texttt{op=1} and $M$"
    assert latex.block(words) == f"\\begin{{sloppypar}}\n{sentence}\n\\end{{sloppypar}}"
    assert markdown.block(words) == "with `op=1` and $M$"
    assert text.block(words) == "with op=1 and M"
    assert markdown.block(Badge("COMPUTED", "here")) == "> **COMPUTED**: here"
    assert text.block(Badge("COMPUTED", "here")) == "[COMPUTED] here"
    assert markdown.block(Listing("a\nb", "python")) == "```python\na\nb\n```"


def test_tables():
    table = Table(("what", "how"), ((("a|b",), (Code("x"),)),), (1, 1))
    assert markdown.block(table) == "| what | how |\n| --- | --- |\n| a\\|b | `x` |"
    assert text.block(table, Limits(20)).splitlines()[1] == "---------  ---------"
