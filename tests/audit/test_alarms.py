"""No false alarms: true or undecidable statements that look wrong at first reading.

Each comes with an error of the same kind that must still be found.
"""

import pytest

from tests.audit.judged import verdicts


def bracket(*rows):
    return (
        "\\begin{bmatrix}" + r" \\ ".join(" & ".join(map(str, r)) for r in rows) + "\\end{bmatrix}"
    )


def display(text):
    return f"$$\n{text}\n$$\n"


A, B = bracket((1, 2), (3, 4)), bracket((1,), (1,))
UNKNOWN = bracket(("u",), ("v",))

INNOCENT = {
    "commands outside dollars": r"Here (5-1) \cdot 3 + 2 = 14 without dollars.",
    "a fraction outside dollars": r"That is \frac{4}{2} + 1 + 2 = 5.",
    "a command behind": r"1 + 2 = \sqrt{9} as above",
    "doubled brackets": "\\\\( 7 \\cdot 2 + 1 = 15 \\\\)",
    "a root in words": "The square root of 16 + 9 = 5.",
    "a numbered thing": "Block 3 - 2*2*8 = 32 weights",
    "a range": "4-6 * 2 = 8-12 hours",
    "a power in words": "4 + 5 = 3 squared",
    "an address": "see https://a.b/?q=1+1=3 there",
    "a formula before": "$z$ + 2 + 2 = 9",
    "a table of millions": "| `14 * 14 * 512 * 9 * 256 = 231 Mil` |",
    "a day": "24 * 60 = 1 day",
    "an abbreviation": "$12 \\cdot 4 = 4$ doz. of them",
    "a unit that is a name": "$1000 \\cdot 3 = 3$ Kilo",
    "scaled on both sides": "It is $2 + 3 = 5$ million.",
    "a factorial": "$24 = 4 \\times 6 = 4!$",
    "a factorial first": display("3! + 1 = 7"),
    "an unknown vector": display(f"{A} {UNKNOWN} = {UNKNOWN}"),
    "a multiple of it": display(f"{A} {UNKNOWN} = 5 {UNKNOWN}"),
    "letters of a circle": "Let $p^2 + q^2 = 1$.\n\n"
    + display(
        bracket(("p", "q"))
        + "^T"
        + bracket(("p", "q"))
        + "="
        + bracket(("p^2", "p q"), ("p q", "1 - p^2"))
    ),
    "a modulus for the section": "We calculate modulo 7.\n\nSo $5 + 4 = 2$.",
    "a base in the heading": "# Counting in base 8\n\nHere $7 + 2 = 11$.",
    "rows that begin with a minus": display(
        r"\begin{aligned} &-3 = -1 - 2 \\ &-5 = -4 - 1 \end{aligned}"
    ),
    "two columns": display(r"\begin{align} 3 &= 1 + 2 & -4 &= -5 + 1 \end{align}"),
    "a comment in a column": display(
        r"\begin{align*} y &= 4 + 5 && \text{since } 2 = 1 + 1 \\ &= 9 && \text{done}\end{align*}"
    ),
    "a limit": display(r"\lim_{n \to \infty} \frac{n+2}{n} = 1 + 0 = 3"),
    "rounded inputs": display("0.577350 \\cdot 3 = 1.7320508"),
    "rounded matrices": display(
        bracket((0.71, 0.71), (-0.71, 0.71)) + bracket((0.71,), (0.71,)) + "=" + bracket((1,), (0,))
    ),
    "nested matrices": display(bracket((bracket((0.33,)),)) + "=" + bracket((bracket((0.3,)),))),
    "about equal": display(r"\frac{22}{7} \approx 3"),
    "about equal, loosely": display(r"100 \approx 128"),
    "doubled row ends": display(
        A.replace(r" \\ ", r"\\\\") + B.replace(r" \\ ", r"\\\\") + "=" + bracket((3,), (7,))
    ),
    "stale for a program": f"$M = {A}$\n\n```python\nM = load()\n```\n\n$M^T = {bracket((9, 9), (9, 9))}$",
    "stale for the text": f"$M = {A}$\n\nLet $M$ be the matrix below. $M^T = {bracket((9, 9), (8, 8))}$",
    "stale for a heading": f"$M = {A}$\n\n# Next\n\n$M^T = {bracket((9, 9), (8, 8))}$",
    "a formula over lines": f"With\n$\nM = {A}\n$\nwe have $M^T = {bracket((1, 3), (2, 4))}$.",
    "zero for a matrix": display(f"{A} - {A} = 0"),
    "a vector of ones": display(r"\mathbf{1} + \mathbf{1} = 3"),
    "binomials": display(
        r"\begin{pmatrix}4\\1\end{pmatrix} + \begin{pmatrix}4\\2\end{pmatrix} = 10"
    ),
    "whole part": display("[9/2] + [5/2] = 6"),
    "sizes": display(r"(2 \times 5) = (2 \times 3)(3 \times 5)"),
    "circular convolution": display(
        bracket((1,), (2,), (0,))
        + r"\circledast"
        + bracket((0,), (1,), (0,))
        + "="
        + bracket((0,), (1,), (2,))
    ),
    "not equal": display("2 + 2 != 5"),
    "equal in a program": display("2 + 2 == 5"),
    "an exponent without braces": display("2^10 = 1024"),
    "a question": display("2 + 2 = 5?"),
    "find the error": "Find the mistake: $2 + 2 = 5$",
    "a percentage": "$0.2 \\cdot 0.5 = 10%$",
    "front matter": "---\ntitle: 1+1=3\n---\n\nText.\n",
    "pad in backticks": "Convolving a 6x6 input with a 3x3 kernel, `stride=1`, `pad=1`, we get a 6x6 output.",
}


@pytest.mark.parametrize("text", INNOCENT.values(), ids=INNOCENT)
def test_nothing_is_called_wrong(text):
    assert not {"wrong", "doubtful"} & set(verdicts(text))


SLIPS = {
    "in dollars": r"$(5-1) \cdot 3 + 2 = 15$",
    "in words": "That makes (5-1)*3 + 2 = 15 cells.",
    "in a table": "| 3 + 4 = 8 |",
    "counted": "$3 \\cdot 4 = 13$ weights",
    "behind a word": "then 4*4*3 = 49, and so on",
    "one cell of a product": display(
        f"{A} {bracket(('u',), ('v',))} = {bracket(('u+2v',), ('3u+5v',))}"
    ),
    "a conditional clause": "If the stride is 3, then $1 + 1 = 3$.",
    "a section behind a modulus": "# Modulo 5\n\n$3 + 4 = 2$\n\n# Others\n\n$3 + 4 = 8$",
    "rows": display(r"\begin{aligned} &-3 = -1 - 2 \\ &-5 = -4 - 2 \end{aligned}"),
    "the main column": display(
        r"\begin{align*} y &= 4 + 5 && \text{since } 2 = 1 + 1 \\ &= 8 && \text{done}\end{align*}"
    ),
    "a decimal": display("0.577350 \\cdot 3 = 1.7420508"),
    "a rounded quotient": display(r"\frac{22}{7} = 3.15"),
    "nested": display(bracket((bracket((0.33,)),)) + "=" + bracket((bracket((0.5,)),))),
    "before an about": display(r"2 + 3 = 6 \approx 6.1"),
    "doubled row ends": display(
        A.replace(r" \\ ", r"\\\\") + B.replace(r" \\ ", r"\\\\") + "=" + bracket((3,), (8,))
    ),
    "a power by entries": display(f"{A}^2 = {bracket((1, 4), (9, 16))}"),
    "a formula over lines": "With\n$\n2 + 2 = 5\n$\nthere.",
    "pad": "A convolution of a 6x6 input with a 3x3 kernel, `stride=1`, `pad=1` gives a 4x4 output.",
}


@pytest.mark.parametrize("text", SLIPS.values(), ids=SLIPS)
def test_slips_of_the_same_kinds_are_found(text):
    assert "wrong" in verdicts(text)


def test_an_order_of_magnitude_is_doubted_even_where_the_page_says_about():
    assert verdicts(display(r"0.64 \approx 0.253^2")) == ["doubtful"]


LAW = display(r"o = \lfloor (i + p - k)/s \rfloor + 1")
CONVENTIONS = {
    "A convolution. A total of $p$ zeros of padding is added.\n\n": "right",
    "A convolution with padding $p$ on each side.\n\n": "doubtful",
    "A convolution.\n\n": "general",
}


@pytest.mark.parametrize("text", CONVENTIONS)
def test_a_law_with_one_padding_is_right_only_where_the_page_says_so(text):
    assert verdicts(text + LAW)[-1] == CONVENTIONS[text]


RST = """Title
=====

.. math::
   :label: one

   2 \\cdot 4 + 1 = 9

   3 + 3 = 7

Inline :math:`1+1=3`, a literal ``2 + 2 = 5``.

Example::

   2 + 2 = 5

.. code-block:: python

   x = 1 + 1 == 3

.. a comment 2 + 2 = 5

.. note:: Here :math:`2 \\cdot 2
   = 4`.
"""


@pytest.mark.parametrize("name", ["a.rst", "a.txt"])
def test_restructured_text(name):
    assert verdicts(RST, name) == ["right", "wrong", "wrong", "right"]


def test_a_doubt_names_the_cell_with_both_values(tmp_path):
    from symconv.documents import audit

    page = tmp_path / "a.md"
    page.write_text(f"$M = {A}$ and $M {B} = {bracket((3,), (8,))}$.\n")
    (doubt,) = (c for c in audit([str(page)]).claims if c.verdict == "doubtful")
    assert (
        "M as in line 1" in doubt.note and "row 2, column 1: printed 8, should be 7" in doubt.note
    )


def test_a_scaled_result_is_doubted_only_beyond_a_tenth():
    exact = "14 * 14 * 512 * 9 * 256"  # 231,211,008
    assert verdicts(f"`{exact} = 231 Mil`") == ["right"]
    assert verdicts(f"`{exact} = 240 Mil`") == ["general"]
    assert verdicts(f"`{exact} = 331 Mil`") == ["doubtful"]


WITHOUT_EXTRA = "A transposed convolution of a 4x4 input with a 3x3 kernel, stride 2 and padding 1 "


@pytest.mark.parametrize(
    "sentence",
    [
        WITHOUT_EXTRA + "gives a 7x7 output, or 8x8 with output padding 1.",
        WITHOUT_EXTRA + "gives a 7x7 output (with output_padding=1 it would be 8x8).",
        WITHOUT_EXTRA + "gives a 7x7 output, so we set output_padding=1.",
        "Without output_padding=1, a transposed convolution of a 4x4 input with a 3x3 kernel, "
        "stride 2 and padding 1 gives a 7x7 output.",
        "The generator's transposed convolution blocks (kernel 4x4, stride 2, padding 1) bring the "
        "4x4 input to a 64x64 output.",
        "The decoder mirrors it with transposed convolutions (kernel 4x4, stride 2, padding 1), "
        "from the 4x4 input to the 64x64 output.",
        "A transposed convolution with a 4x4 kernel, stride 2 and padding 1 is used to go from a "
        "4x4 input all the way to a 64x64 output.",
        "The transposed convolution (kernel 4x4, stride 2, padding 1) is applied until the 4x4 "
        "input has become a 64x64 output.",
        "Every convolution here has a 3x3 kernel, stride 2 and padding 1, so the 32x32 input ends "
        "as a 2x2 output.",
        "A dilated transposed convolution of a 4x4 input with a 3x3 kernel, stride 1 and padding 0 "
        "gives an 8x8 output.",
        "A transposed convolution of a 4x4 input with a 3x3 kernel dilated to 5x5, stride 1 and "
        "padding 0 gives an 8x8 output.",
        "A transposed convolution of a 4x4 input with a 3x3 kernel, stride 1, no padding and one "
        "zero between the taps gives an 8x8 output.",
        "A transposed convolution of a 4x4 input, zero-padded to 6x6, with a 3x3 kernel, stride 1 "
        "and padding 0 gives an 8x8 output.",
        "A convolutional stack tapers the 32x32 input: kernel 3x3, stride 2, padding 1, output "
        "4x4.",
    ],
)
def test_a_sentence_that_says_more_than_its_sizes_is_no_slip(sentence):
    assert "wrong" not in verdicts(sentence, ".md")


def test_a_sentence_of_which_every_word_is_understood_is_a_slip():
    assert verdicts(WITHOUT_EXTRA + "gives a 9x9 output.", ".md") == ["wrong"]
    assert verdicts(WITHOUT_EXTRA + "gives a marvellous 9x9 output.", ".md") != ["right"]
