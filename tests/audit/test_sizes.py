"""Size formulas in general form, and sentences with sizes."""

import pytest

from symconv.documents.size_formulas import role, roles
from tests.audit.judged import claims, verdicts

LAWS = [
    (r"o = \left\lfloor \frac{i + 2p - k}{s} \right\rfloor + 1", "convolution"),
    (r"o = \lfloor (i + 2p - k - (k-1)(d-1)) / s \rfloor + 1", "convolution"),
    (r"n_{\text{out}} = \frac{n_{\text{in}} - k + 2p}{s} + 1", "convolution"),
    (r"o = \lfloor (n_h - k_h + p_h + s_h) / s_h \rfloor", "for both sides together"),
    (
        r"H_{out} = \left\lfloor\frac{H_{in} + 2 \times \text{padding}[0] - \text{dilation}[0] \times"
        r"(\text{kernel\_size}[0] - 1) - 1}{\text{stride}[0]} + 1\right\rfloor",
        "a convolution",
    ),
    (
        r"H_{out} = (H_{in} - 1) \times \text{stride}[0] - 2 \times \text{padding}[0]"
        r" + \text{dilation}[0] \times (\text{kernel\_size}[0] - 1) + \text{output\_padding}[0] + 1",
        "a transposed convolution",
    ),
    (r"o' = s(i' - 1) + k - 2p", "special case of dilation 1, output padding 0"),
    (r"o' = i' + (k - 1) - 2p", "special case of stride 1"),
    (r"N = s (M - 1) + a + k - 2p", "a transposed convolution"),
    (r"o = i - k + 1", "a convolution, the special case of stride 1"),
    (r"\hat{k} = k + (k - 1)(d - 1)", "the extent of a dilated kernel"),
    (r"p = \frac{k - 1}{2}", "the padding that keeps the size"),
    (r"p' = k - p - 1", "the padding of the convolution that does the same"),
    (r"o = \left\lceil \frac{i}{s} \right\rceil", "padded (same) convolution"),
    (r"i' = s(i - 1) + 1", "zeros inserted"),
    (r"q = c (b - 1) + e - 2 f", "with b for size, c for stride, e for kernel size, f for padding"),
]
NOT_LAWS = [
    (r"H_{out} = (H_{in} - 1) s + 2p + k", "which is (H_in - 1) s + k - 2p"),
    (r"H_{out} = H_{in} s + k - 2p", "which is (H_in - 1) s + k - 2p"),
    (r"o = \lfloor \frac{i - 2p - k}{s} \rfloor + 1", "which is floor((i + 2p - k) / s) + 1"),
    (r"o = \frac{i + 2p - k}{s}", "which is floor((i + 2p - k) / s) + 1"),
    (r"o = s(i - 1) + d(k - 1) - 2p", "which is (i - 1) s + d (k - 1) - 2p + 1"),
]
OTHERS = [
    r"P = k^2 C_{in} C_{out}",
    r"r_{l} = r_{l-1} + (k_l - 1) j",
    r"y = W x + b",
    r"o = s i",
    r"F = 2 H W k^2 C",
    r"o = \left\lceil \frac{i + 2p - k}{s} \right\rceil + 1",
    r"E = m c^2",
    r"a^2 + b^2 = c^2",
    r"y_i = \sum_k x_{i+k} w_k",
    r"N = 2 M",
    r"o = n + p",
    r"s = k",
]


@pytest.mark.parametrize(("source", "note"), LAWS)
def test_a_usual_law_is_recognised(source, note):
    said = "A convolution, p_h rows of padding in total."
    found = claims(f"{said}\n\n$$\n{source}\n$$\n")
    assert [c.verdict for c in found] == ["right"] and note in found[0].note, found[0].note


@pytest.mark.parametrize(("source", "note"), NOT_LAWS)
def test_a_slip_in_a_law(source, note):
    (found,) = claims(f"A convolution.\n\n$$\n{source}\n$$\n")
    # a single letter may stand for another quantity than the size
    assert found.verdict == ("wrong" if "out" in source else "doubtful")
    assert note in found.note


@pytest.mark.parametrize("source", OTHERS)
def test_other_formulas_are_not_judged(source):
    assert not {"wrong", "right"} & set(verdicts(f"A convolution.\n\n$$\n{source}\n$$\n"))


def test_roles():
    assert role("H_in") == role("n_h") == role("i'") == "size"
    assert role("H_out") == role("o'") == "output" and role("p_out") == "output_padding"
    assert role("C_in") is None and role("bold W") == "size" and role("lambda") is None
    assert roles({"n", "k", "s"}) == {"n": "size", "k": "kernel_size", "s": "stride"}
    assert roles({"n", "m"}) is None and roles({"n", "i"}) is None


SENTENCES = [
    (
        "A transposed convolution of a 4x4 input with a 3x3 kernel, stride 2 and padding 1 gives a "
        "7x7 output.",
        "right",
        "gives it",
    ),
    (
        "With an input of 4, a kernel of 3, stride 2 and padding 1 the transposed convolution's "
        "output is $(4-1) \\cdot 2 - 2 + 3 = 7$.",
        "right",
        "",
    ),
    (
        "A convolution with kernel size 3, stride 2, padding 1 on an input of size 7x7 has an output "
        "of size 4x4.",
        "right",
        "",
    ),
    ("The deconvolution upsamples from 2x2 to 3x3 with a 2x2 kernel.", "right", "stride 1"),
    (
        "`ConvTranspose2d` with input_size=4, kernel_size=4, stride=2, padding=1 gives output 8.",
        "right",
        "",
    ),
    (
        "The input is $2 \\times 2$, the kernel $2 \\times 2$ and the stride 1, so the output of the "
        "transposed convolution without padding is $3 \\times 3$.",
        "right",
        "",
    ),
    (
        "A transposed convolution of a 4x4 input with a 3x3 kernel, stride 2 and padding 1 gives an "
        "9x9 output.",
        "wrong",
        "printed 9x9; a transposed convolution gives 7x7 (reachable 7..8)",
    ),
    (
        "A transposed convolution of a 4x4 input with a 3x3 kernel, stride 2 and padding 1 gives an "
        "8x8 output.",
        "doubtful",
        "8 needs output_padding=1",
    ),
    (
        "A transposed convolution of a 4x4 input with a 3x3 kernel, stride 2, padding 1, output "
        "padding 1 gives an 8x8 output.",
        "right",
        "",
    ),
    (
        "A transposed convolution of a 4x4 input with a 3x3 kernel gives a 9x9 output.",
        "doubtful",
        "stride 1 and padding 0 assumed",
    ),
    (
        "A convolution of a 7x7 input with a 3x3 kernel, stride 2 and padding 0 gives a 4x4 output.",
        "wrong",
        "gives 3x3",
    ),
    (
        "A 4x4 input and a 3x3 kernel with stride 2 and padding 1 do not give a 9x9 output.",
        "not understood",
        "negated",
    ),
    ("Does a 4x4 input with a 3x3 kernel give a 9x9 output?", "not understood", "question"),
    ("The kernel has 3 rows.", "not understood", "fewer than three numbers"),
    (
        "An input of 4x4, then an input of 5x5, a kernel of 3x3 and an output of 6x6.",
        "not understood",
        "more than",
    ),
]


@pytest.mark.parametrize(("sentence", "verdict", "note"), SENTENCES)
def test_sentences(sentence, verdict, note):
    found = [c for c in claims(f"Before.\n{sentence} After.\n") if not c.claim.startswith("(")]
    assert [c.verdict for c in found] == [verdict], [(c.verdict, c.note) for c in found]
    assert note in found[0].note and found[0].line == 2


ARITHMETIC = [
    ("In all 3*3*64 = 576 weights.", ["right"]),
    ("That is (4-1)*2 + 3 = 10 cells.", ["wrong"]),
    ("We get 2 + 2 = 5.", ["wrong"]),
    ("[[1, 2]] + [[3, 4]] = [[4, 6]]", ["right"]),
    ("2*[[1, 1], [1, 1]] = [[2, 2], [2, 3]]", ["wrong"]),
]
NO_ARITHMETIC = [
    "k-1 = 3",
    "n * 3 = 7",
    "x = 3",
    "pages 10-12 = 3 pages",
    "since 2020-01-02 = 5",
    "f(2) = 3 + 4",
    "50 + 50 = 100%",
    "2 x = 5",
    "3 + 4 = 7x",
    "a3 + 4 = 9",
    "version 3.11 = 3.12",
    "see `k - 1 = 8` here",
    "x == 3 + 4 == 8 and so",
    "2 km + 3 m = 2003 m",
    "size=3+1",
]


@pytest.mark.parametrize(("text", "expected"), ARITHMETIC)
def test_arithmetic_in_text(text, expected):
    assert [v for v in verdicts(text, "a.txt") if v != "not understood"] == expected


@pytest.mark.parametrize("text", NO_ARITHMETIC)
def test_what_is_no_arithmetic(text):
    assert not {"wrong", "doubtful"} & set(verdicts(text, "a.md"))
