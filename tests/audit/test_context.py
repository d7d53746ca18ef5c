"""The context of a formula, and the readings that keep correct pages from being called wrong."""

import json

import pytest

from symconv.documents import audit
from symconv.documents.context import claims_nothing
from symconv.documents.units import has_unit
from tests.audit.judged import formula, matrix, verdicts

A, B = [[1, 2], [3, 4]], [[5, 6], [7, 8]]
DENIED = [
    "It is not true that $1 + 1 = 3$.",
    "A common mistake is $1 + 1 = 3$, of course.",
    "Here $1 + 1 = 3$ is incorrect.",
    "This would give $1 + 1 = 3$.",
    "Suppose that $1 + 1 = 3$.",
    "If $1 + 1 = 3$, all is lost.",
    "Does $1 + 1 = 3$?",
    "We get $1 + 1 = 3$. Contradiction.",
    "Modulo 2 we have $1 + 1 = 0$.",
    r"In $\mathbb{F}_2$: $1 + 1 = 0$.",
    "In uint8, $200 + 100 = 44$.",
    "Nobody thinks, as many students think, $1 + 1 = 3$.",
]
SAID = [
    "It is true that $1 + 1 = 3$.",
    "That was wrong. Now $1 + 1 = 3$.",
    "We find $1 + 1 = 3$.",
    "If the stride is 2, then $1 + 1 = 3$.",
    "$1 + 1 = 3$. This is false.",
]


@pytest.mark.parametrize("text", DENIED)
def test_what_the_sentence_denies_or_supposes_claims_nothing(text):
    assert verdicts(text)[-1] == "general"


@pytest.mark.parametrize("text", SAID)
def test_another_sentence_does_not_take_a_claim_away(text):
    assert "wrong" in verdicts(text)


def test_the_word_is_named():
    assert claims_nothing("a common mistake is ", "") == "mistake"
    assert claims_nothing("", " is incorrect") == "incorrect"
    assert claims_nothing("so ", ", and so on") == ""


@pytest.mark.parametrize("after", ["%", r"\%", "K", " million", " MB", " percent of it", " hours."])
def test_a_unit_after_a_formula(after):
    assert has_unit(after)
    assert "wrong" not in verdicts(f"$2 \\cdot 3 = 5${after}")


@pytest.mark.parametrize("after", ["", " pixels", ", so", ". K", " and", ")"])
def test_no_unit(after):
    assert not has_unit(after)
    assert verdicts(f"$2 \\cdot 3 = 5${after}") == ["wrong"]


def test_units_inside_a_formula():
    assert "wrong" not in verdicts(r"$3 \cdot 4 = 13 \text{ million}$")
    assert verdicts(r"$3 \cdot 4 = 13 \text{ parameters}$") == ["wrong"]


def test_signs_at_the_start_of_a_line():
    lines = r"$$\begin{align} 1 \cdot 2 + 3 &= 5 \\ -1 \cdot 2 + 3 &= 1 \end{align}$$"
    assert verdicts(lines) == ["right", "right"]
    assert verdicts(lines.replace("&= 1 ", "&= 2 ")) == ["right", "wrong"]
    assert verdicts(r"$$ y = 2 + 3 \\ & + 4 = 9 $$") == ["right"]
    assert verdicts("$$ 1 + 1 = 2 \\quad -1 + 2 = 1 $$") == ["right", "right"]


READINGS = [
    (rf"{matrix(A)} + {matrix([[10, 20]])} = {matrix([[11, 22], [13, 24]])}", "added to each"),
    (rf"{matrix([[1, 2, 3]])}^2 = {matrix([[1, 4, 9]])}", "each entry raised"),
    (r"(1, 0, 0) \times (0, 1, 0) = (0, 0, 1)", "cross product"),
    (r"(1, 2, 3) \times (4, 5, 6) = (-3, 6, -3)", "cross product"),
    (r"25.6 \cdot 4 = 102", "rounded"),
    (r"100/7 = 14.28", "cut off"),
    (r"0.1 + 0.2 = 0.30000000000000004", "binary floating point"),
    (r"3 \cdot 512^2 = 7.9 \times 10^5", "rounded"),
]


@pytest.mark.parametrize(("source", "note"), READINGS)
def test_a_reading_is_named(source, note):
    verdict, told = formula(source)
    assert verdict == "right" and note in told, (verdict, told)


def test_one_cell_off_a_product_names_its_reading():
    near = rf"{matrix(A)} {matrix(B)} = {matrix([[19, 22], [43, 51]])}"
    assert formula(near) == (
        "wrong",
        "as matrix product: row 2, column 2: printed 51, should be 50",
    )
    half = rf"{matrix(A)} {matrix(B)} = {matrix([[19, 22], [44, 51]])}"
    assert formula(half)[0] == "doubtful"


def test_strict_does_not_pass_what_was_not_run(tmp_path):
    path = tmp_path / "a.ipynb"
    cell = {"cell_type": "code", "source": "1 / 0", "outputs": [{"text": "5"}]}
    path.write_text(json.dumps({"cells": [cell]}))
    done = audit([str(path)], run=True)
    assert done.count("not run") == 1
    assert (done.exit_code(), done.exit_code(strict=True)) == (0, 3)
