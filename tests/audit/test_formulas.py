"""Verdicts on single formulas, and the rules that prevent false alarms."""

import pytest

from symconv.documents.document import read_document
from symconv.documents.tex.lexer import tokens
from tests.audit.judged import claims, formula, matrix, verdicts

A, B = [[1, 2], [3, 4]], [[5, 6], [7, 8]]
RIGHT = [
    r"1 + 1 = 2",
    r"2 \cdot 3 = 6",
    r"1 - -1 = 2",
    r"\frac{1}{3} + \frac16 = \frac12",
    r"0.1 \times 3 = 0.3",
    r"2^{10} = 1024",
    r"1{,}728 = 12^3",
    r"1,728 = 12 \cdot 144",
    r"1\,000 + 1 = 1\,001",
    r"\left(1 + 2\right) \cdot 3 = 9",
    r"7 / 2 = 3.5",
    r"7/2 = 3",
    r"\left\lfloor \frac{7}{2} \right\rfloor = 3",
    r"\lceil 7/2 \rceil = 4",
    r"1/3 = 0.33",
    r"\frac{2}{3} \approx 0.7",
    r"17 \bmod 5 = 2",
    r"-2 + 1 = -1",
    r"3 = 1 + 2 = \frac{6}{2}",
    rf"{matrix(A)} + {matrix(B)} = {matrix([[6, 8], [10, 12]])}",
    rf"2 {matrix(A)} = {matrix([[2, 4], [6, 8]])}",
    rf"{matrix(A)}^T = {matrix([[1, 3], [2, 4]])}",
    rf"{matrix(A)}^{{\mathsf{{T}}}} = {matrix([[1, 3], [2, 4]])}",
    rf"{matrix(A)} {matrix(B)} = {matrix([[19, 22], [43, 50]])}",
    rf"{matrix(A)} \odot {matrix(B)} = {matrix([[5, 12], [21, 32]])}",
    rf"{matrix(A)} * {matrix([[1, 1], [1, 1]])} = 10",
    rf"{matrix(A)} * {matrix([[1]])} = {matrix(A)}",
    rf"{matrix([[1]])} * {matrix(A)} = {matrix(A, 'pmatrix')}",
    rf"{matrix(A)} \otimes {matrix([[1, 0]])} = {matrix([[1, 0, 2, 0], [3, 0, 4, 0]])}",
    rf"{matrix([[1, None], [None, 2]])} + {matrix([[0, 3], [4, 5]])} = {matrix([[1, 3], [4, 7]])}",
    rf"{matrix([['a', 'b']])} + {matrix([['b', 'a']])} = {matrix([['a + b', 'b + a']])}",
    rf"{matrix(A)} {matrix([[1], [1]])} = (3, 7)",
    r"2 \frac{1}{2} = 2.5",
    r"2 \frac{1}{2} = 1",
    r"[1, 2] + [3, 4] = [4, 6]",
    r"[[1, 2], [3, 4]] \cdot 2 = [[2, 4], [6, 8]]",
    rf"{matrix(A)}^{{-1}} = {matrix([[-2, 1], ['3/2', '-1/2']])}",
    r"\left\langle [1, 2], [3, 4] \right\rangle = 11",
    rf"\frac{{1}}{{3}} {matrix([[1, 2]])} = {matrix([['0.33', '0.67']])}",
    r"(a + b)(a - b) = a^2 - b^2",
    r"\text{size} = 2 \cdot 3 + 1 = 7",
]
WRONG = [
    (r"1 + 1 = 3", "printed 3, should be 2"),
    (r"\frac{1}{2} + \frac13 = \frac23", "should be 5/6"),
    (r"11 / 4 = 3", "should be 2.75"),
    (r"1/3 = 0.34", "should be 1/3"),
    (r"12^3 = 1{,}782", "should be 1728"),
    (r"0.5 \cdot 0.5 = 0.35", "should be 0.25"),
    (r"a = 2 \cdot 3 = 5", "printed 5, should be 6"),
    (
        rf"{matrix(A)} + {matrix(B)} = {matrix([[6, 8], [10, 13]])}",
        "row 2, column 2: printed 13, should be 12",
    ),
    (rf"2 {matrix(A)} = {matrix([[2, 4], [6, 4]])}", "row 2, column 2: printed 4, should be 8"),
    (rf"{matrix(A)}^T = {matrix(A)}", "the matrix itself, not its transpose"),
    (
        rf"{matrix(A)} {matrix([[1], [1]])} = {matrix([[3], [6]])}",
        "row 2, column 1: printed 6, should be 7",
    ),
    (rf"{matrix(A)} {matrix([[1], [1]])} = {matrix([[4], [6]])}", "first factor transposed"),
    (
        rf"{matrix([['a', 'b']])} + {matrix([['b', 'a']])} = {matrix([['a + b', 'b - a']])}",
        "column 2: printed -a + b, should be a + b",
    ),
]
NEVER_WRONG = [
    rf"{matrix(A)} {matrix(B)} = {matrix([[1, 2], [3, 5]])}",  # another operation may be meant
    r"1 + 1 \neq 2",
    r"1 \to 2",
    r"3 \le 2",
    r"x \in [0, 1]",
    r"1 + 1 \approx 4",
    r"1 = 2 \text{ if } 3 = 4",
    r"1 = 2 \Rightarrow 2 = 4",
    r"2x + 1 = x + 3",
    r"f(2) = 2f(1) + 1",
    rf"{matrix(A)} = {matrix([['a', 'b'], ['c', 'd']])}",
    rf"{matrix(A)} = {matrix(B)} + X",
    r"\sum_{i=1}^{3} i = 7",
    r"5! = 120",
    r"101_2 = 5",
    r"50\% = 1",
    r"1 \cdots 3 = 4",
    r"a/bc = 1",
    r"1 2 = 3",
    r"\det A = 3",
    r"|{-2}| = 3",
    r"\sqrt{4} = 3",
    r"x = 1, 2, 3",
    r"\begin{cases} 1 & 2 \\ 3 & 4 \end{cases} = 5",
    r"17 \equiv 2 \pmod 5",
    rf"{matrix([['a', 1]])} = {matrix([[2, 'b']])}",
    r"\underset{x}{\max} = 3",
    rf"{matrix([[1, 2]])} = {matrix([[1], [2]])}",
]


@pytest.mark.parametrize("source", RIGHT)
def test_right(source):
    assert set(verdicts(f"$$\n{source}\n$$\n")) == {"right"}


@pytest.mark.parametrize(("source", "note"), WRONG)
def test_wrong_with_the_right_value(source, note):
    verdict, told = formula(source)
    assert verdict == "wrong" and note in told


@pytest.mark.parametrize("source", NEVER_WRONG)
def test_never_wrong(source):
    assert not {"wrong", "right"} & set(verdicts(f"$$\n{source}\n$$\n"))


def test_placed_blocks_short_rows_and_a_moved_block():
    blocks = [
        [[1, 0, None], [2, 1, None], [None] * 3],
        [[None, 2, 0], [None, 4, 2], [None] * 3],
        [[None] * 3, [3, 0, None], [6, 3, None]],
        [[None] * 3, [None, 4, 0], [None, 8, 4]],
    ]
    result = matrix([[1, 2, 0], [5, 9, 2], [6, 11, 4]])
    right = " + ".join(map(matrix, blocks))
    assert formula(f"{right} = {result}")[0] == "right"
    assert formula(f"{right.replace('1 & 0 & ', '1 & 0')} = {result}")[0] == "right"
    blocks[2] = [[3, 0, None], [6, 3, None], [None] * 3]
    verdict, note = formula(f"{' + '.join(map(matrix, blocks))} = {result}")
    assert verdict == "wrong"
    assert "block 3 starts in row 1, column 1; in row 2, column 1" in note
    assert "as the block of x[1,0]" in note


def test_a_slip_in_the_middle_of_a_chain_is_said_once():
    (found,) = claims("$$ 1 + 3 = 5 = 2 + 2 $$")
    assert (found.verdict, found.note) == ("wrong", "printed 5, should be 4")


def test_aligned_lines_go_on_and_lines_are_counted():
    lines = r"N &= 2 \cdot 3 \\", r"  &= 6 \\", "  &= 7"
    page = "text\n\n$$\n\\begin{aligned}\n" + "\n".join(lines) + "\n\\end{aligned}\n$$\n"
    assert [(c.line, c.verdict) for c in claims(page)] == [(6, "right"), (7, "wrong")]


def test_a_display_that_begins_with_a_sign_goes_on_from_the_one_before():
    page = "\\[\nA = 1 + 2\n\\]\n\\[\n+ 3 = 6\n\\]\n"
    assert verdicts(page, "a.tex") == ["right"]
    assert "wrong" not in verdicts(page.replace("\\]\n\\[", "\\]\nand so\n\\["), "a.tex")


def test_names_live_on_and_are_only_doubtful():
    head = f"$X = {matrix(A)}$ and $K = {matrix(B)}$.\n\n"
    assert verdicts(head + f"$$ X + K = {matrix([[6, 8], [10, 12]])} $$")[-1] == "right"
    assert verdicts(head + f"$$ X + K = {matrix([[6, 8], [10, 13]])} $$")[-1] == "doubtful"
    twice = head + f"Now $X = {matrix(B)}$.\n\n$$ X + X = {matrix([[10, 12], [14, 16]])} $$"
    assert verdicts(twice)[-1] == "right"


def test_numbers_are_forgotten_at_a_heading():
    page = "With $n = 7$, $k = 3$, $s = 2$: $(n - k)/s + 1 = 3$.\n\n# Next\n\n"
    page += "Now $(n - k)/s + 1 = 6$.\n"
    assert verdicts(page) == ["defines"] * 3 + ["right", "general"]
    assert verdicts(page.replace("# Next\n\n", "")) == ["defines"] * 3 + ["right", "doubtful"]
    assert verdicts("With $k = 3$ and later $k + 1 = 6$.") == ["defines", "general"]


def test_what_the_page_marks_as_refuted_claims_nothing():
    page = "## It is so\n\n$$ 1 + 1 = 3 $$\n\n> **REFUTED**: Expected 2.\n\n## Next\n\n$$1+1=3$$\n"
    assert verdicts(page) == ["general", "wrong"]
    tex = r"\section{It is so} \[1 + 1 = 3\] \textbf{REFUTED} --- no. \section{Next} \[1+1=3\]"
    assert verdicts(tex, "a.tex") == ["general", "wrong"]


def test_block_matrices_and_names_for_parts():
    nested = matrix([[matrix(A), matrix(B)]])
    page = f"$$ X = [X_1, X_2] = {nested} $$\n\n$$ X_1 + X_2 = {matrix([[6, 8], [10, 12]])} $$"
    assert verdicts(page) == ["defines", "right"]


def test_macros_of_the_page_and_others():
    page = r"""
    \newcommand{\mat}[1]{\begin{bmatrix}#1\end{bmatrix}} \def\two{2}
    $\two\mat{1 & 2} = \mat{2 & 5}$"""
    (found,) = claims(page, "a.tex")
    assert (found.verdict, found.note) == ("wrong", "row 1, column 2: printed 5, should be 4")
    assert verdicts("$\\three + 1 = 4$", macros={"three": (0, "3", None)}) == ["right"]
    assert verdicts("$\\three + 1 = 4$") == ["not understood"]


def test_spelling_does_not_matter():
    plain = rf"$$ 2 \cdot {matrix([[1, 2]])} = {matrix([[2, 4]])} $$"
    dressed = r"""
    $$ \displaystyle 2\,\times\left[\begin{array}{c|c} \color{red} 1 & \textcolor{blue}{2} \\[2pt]
    \hline     \end{array}\right] \; = \;
    \boxed{\begin{pmatrix} \mathbf{2} & 4 \\ \end{pmatrix}} \quad \tag{3} . $$"""
    assert verdicts(plain) == verdicts(dressed, "a.tex") == ["right"]


def test_a_claim_is_quoted_to_its_last_index():
    text = r"$$ y_{0,0} = x_{0,0} k_{1,0} $$"
    (claim,) = read_document(text, "a.md").claims
    assert claim.text == r"y_{0,0} = x_{0,0} k_{1,0}"


@pytest.mark.parametrize(
    "text",
    [r"X^T_{1} = X", r"X^{T}_{1} = X", r"\frac x_{1} 2 = 3", r"x^n_{0} = x", r"x_i_{1} = x"],
)
def test_an_index_is_not_read_into_an_exponent_or_argument(text):
    assert {c.verdict for c in read_document(f"$$ {text} $$", "a.md").claims} <= {
        "not understood",
        "general",
    }


@pytest.mark.parametrize("text", [r"X^T_{1}", r"x_i_{1}", r"\frac x_{1} 2", r"\mathbf x_{1}"])
def test_a_letter_that_something_before_takes_is_no_name(text):
    assert "name" not in [kind for kind, _, _ in tokens(text)]
    assert [kind for kind, _, _ in tokens("2 x_{1}")] == ["num", "name"]
