"""Text and files from users: read exactly, or rejected with the place and the reason."""

import json
import time
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from symconv.core.errors import LimitError, ParseError, SymconvError
from symconv.core.polynomial import as_polynomial
from symconv.exact.containers import to_sympy
from symconv.reading import read_operand, read_size, read_steps, read_values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[[0,1],[1/2,-3]]", [[0, 1], [Fraction(1, 2), -3]]),
        ("[0.1, -2e-3, .5, 3.]", [Fraction(1, 10), Fraction(-1, 500), Fraction(1, 2), 3]),
        ("[1, 2,]", [1, 2]),
        ("2**10", 1024),
        ("-(1+2)*3", -9),
        ("--1", 1),
        ("[]", []),
    ],
)
def test_numbers_are_exact(text, value):
    assert read_values(text).nested == value


def test_decimals_are_remembered():
    assert read_values("[0.5, 1]").decimal
    assert not read_values("[1/2, 1]").decimal
    assert not read_values("[0.5, 1/2]").decimal


EXPRESSIONS = st.recursive(
    st.sampled_from(["a", "beta", "t_1", "3", "0.25", "7"]),
    lambda e: (
        st.tuples(e, st.sampled_from("+-*"), e).map(lambda t: f"({t[0]}{t[1]}{t[2]})")
        | e.map(lambda t: f"-{t}")
        | e.map(lambda t: f"({t})**2")
        | e.map(lambda t: f"{t}/4")
    ),
    max_leaves=5,
)


@given(EXPRESSIONS)
def test_expressions_mean_what_sympy_thinks(text):
    ours = to_sympy(as_polynomial(read_values(text).nested))
    names = {n: sympy.Symbol(n) for n in ("beta", "t_1", "a")}
    theirs = sympy.sympify(text, locals=names, rational=True)
    assert sympy.expand(ours - theirs) == 0


HOSTILE = {
    "__import__('os').system('x')": "'_' is not allowed",
    "1e999999999": "exponent",
    "9**9**9": "power of a power",
    "(((((9**64)**64)**64)**64)**64)": "more than 1000 digits",
    r"\input{/etc/passwd}": "not allowed",
    "[" * 5000 + "]" * 5000: "nested more than 40 levels deep",
    "-" * 30000 + "1": "nested more than 40 levels deep",
    "(" * 100 + "1" + ")" * 100: "nested more than 40 levels deep",
    "1" * 5000: "5000 digits",
    "(a+b+c+d)**64": "more than 500 terms",
    "1/0": "division by zero",
    "1/a": "division by a symbol",
    "x_0_1": "is reserved for the entries",
    "y_3": "is reserved for the entries",
    "a" * 50: "not a symbol",
    "[1,2": "expected ',' or ']'",
    "[1 2]": "expected ',' or ']'",
    "1j": "after the end of the value",
    "lambda: 1": "not allowed",
    "[x for x in y]": "expected ',' or ']'",
    "a.b": "not allowed",
    "a[0]": "after the end of the value",
    "2**a": "an exponent must be an integer",
    "2**0.5": "an exponent must be an integer",
    "é": "not allowed",
    "\x00": "not allowed",
    "": "expected a number or symbol",
    "x" * 4_000_001: "characters long",
}


@pytest.mark.parametrize("text", HOSTILE, ids=lambda t: t[:20])
def test_hostile_text_is_refused_at_once(text):
    start = time.perf_counter()
    with pytest.raises(ParseError, match="(?s)" + HOSTILE[text].replace("(", r"\(")):
        read_values(text, "--x")
    assert time.perf_counter() - start < 5


@given(st.text(max_size=60))
def test_no_text_raises_anything_but_our_own_errors(text):
    try:
        read_values(text)
    except SymconvError:
        pass


def test_sizes_and_steps():
    assert read_size("3x3x2", "--input-size") == (3, 3, 2)
    assert read_size(" 4 ", "--input-size") == (4,)
    assert read_steps("2,1", "--stride") == (2, 1)
    assert read_steps("-1", "--padding") == (-1,)
    for text in ("", "3x", "a", "3.5", "1,2,3,4", "1" * 40, "3 3"):
        with pytest.raises(ParseError, match="--input-size"):
            read_size(text, "--input-size")


def test_files(tmp_path):
    (tmp_path / "k.json").write_text('[[1, "1/2"], ["a", 0.25]]')
    a = read_values("a").nested
    expected = [[1, Fraction(1, 2)], [a, Fraction(1, 4)]]
    assert read_operand(f"@{tmp_path}/k.json", "--k").nested == expected
    (tmp_path / "k.txt").write_text("# a kernel\n1, 2\n0.5 -3\n")
    assert read_operand(f"@{tmp_path}/k.txt", "--k").nested == [[1, 2], [Fraction(1, 2), -3]]
    np.save(tmp_path / "k.npy", np.array([[1.5, 2.0], [0.0, -1.0]]))
    assert read_operand(f"@{tmp_path}/k.npy", "--k").nested == [[Fraction(3, 2), 2], [0, -1]]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", b"[1, 2", "not valid JSON"),
        ("a.json", b"[NaN]", "finite numbers"),
        ("a.json", b"[1e999999999]", "exponent"),
        ("a.json", b"[" * 100000, "JSON|deep"),
        ("a.json", b'{"a": 1}', "nested lists"),
        ("a.json", b"[true]", "nested lists"),
        ("a.json", b"\xff\xfe", "UTF-8"),
        ("a.json", b"[" + b"9" * 5000 + b"]", "5000 digits"),
        ("a.txt", b"# nothing\n", "no numbers"),
        ("a.txt", b"1 2\nfoo.bar 3\n", "line 2"),
        ("a.npy", b"not numpy", "not a valid .npy"),
        ("a.npy", b"", "not a valid .npy"),
        ("a.pkl", b"x", "must end in"),
    ],
)
def test_damaged_files(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ParseError, match=message):
        read_operand(f"@{tmp_path / name}", "--x")


def test_missing_files_and_folders(tmp_path):
    with pytest.raises(ParseError, match="does not exist"):
        read_operand(f"@{tmp_path}/none.json", "--x")
    (tmp_path / "d.json").mkdir()
    with pytest.raises(ParseError, match="is a folder"):
        read_operand(f"@{tmp_path}/d.json", "--x")


def _npy(path, shape, descr="<f8", data=b""):
    header = repr({"descr": descr, "fortran_order": False, "shape": shape}).encode()
    header += b" " * (118 - len(header)) + b"\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + data)


def test_npy_is_refused_from_its_header(tmp_path):
    path = tmp_path / "big.npy"
    _npy(path, (10**9, 10**9))
    with pytest.raises(LimitError, match="has shape.*(PiB|EiB) of data"):
        read_operand(f"@{path}", "--x")
    _npy(path, (100,), data=b"\0" * 80)
    with pytest.raises(ParseError, match="truncated: it must have 800 bytes.*has 80"):
        read_operand(f"@{path}", "--x")
    _npy(path, (1,), descr="|O", data=b"\0" * 8)
    with pytest.raises(ParseError, match="pickle"):
        read_operand(f"@{path}", "--x")
    np.save(path, np.array([np.nan]))
    with pytest.raises(ParseError, match="nan or inf"):
        read_operand(f"@{path}", "--x")


def test_json_numbers_are_the_decimals_that_were_written(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps([0.1]))
    assert read_operand(f"@{tmp_path}/a.json", "--x").nested == [Fraction(1, 10)]


@pytest.mark.parametrize("token", ["nan", "inf", "-Infinity", "NaN", "True", "None"])
def test_what_programs_print_for_no_number_is_no_letter(token):
    with pytest.raises(ParseError, match="is not allowed"):
        read_operand(f"[1,{token}]", "--x")
