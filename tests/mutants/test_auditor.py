"""Mutants of the auditor: the corpus must detect each of them."""

import pytest

from symconv.documents import statements as comparing
from symconv.documents import statements as pairs
from symconv.documents.tex import lexer
from symconv.documents.tex import parser as grids
from symconv.documents.values import evaluating, matrix
from symconv.documents.values import signs as products
from tests.audit import test_corpus, test_sizes


def blank_is_one(patch):
    plain = evaluating.Evaluator._cell
    patch.setattr(evaluating.Evaluator, "_cell", lambda s, c: 1 if c is None else plain(s, c))


def everything_agrees(patch):
    patch.setattr(pairs, "agree", lambda left, right: "")


def nothing_agrees(patch):
    patch.setattr(comparing, "agreement", lambda left, right: None)


def every_rounding_is_fine(patch):
    patch.setattr(pairs, "rounded", lambda *_, **__: "rounded")


def a_product_of_transposes(patch):
    plain = matrix.multiply

    def wrong(a, b):
        return plain(a.transpose if a.shape[0] == a.shape[1] else a, b)

    patch.setattr(evaluating, "multiply", wrong)
    patch.setitem(products.READINGS, products.MATRIX_PRODUCT, wrong)


def short_rows_are_cut(patch):
    patch.setattr(grids, "_padded", lambda rows: [row[: min(map(len, rows))] for row in rows])


def a_minus_is_a_plus(patch):
    plain = evaluating.scale
    patch.setattr(evaluating, "scale", lambda v, by: plain(v, 1 if by == -1 else by))


def no_thousands(patch):
    plain = lexer.tokens

    def wrong(source):
        return plain(source.replace("{,}", ""))

    patch.setattr("symconv.documents.tex.chains.tokens", lambda s: wrong(s.replace(",", "")))


FAULTS = [
    blank_is_one,
    everything_agrees,
    nothing_agrees,
    every_rounding_is_fine,
    a_product_of_transposes,
    short_rows_are_cut,
    a_minus_is_a_plus,
    no_thousands,
]


DOCUMENTS = [(name,) for name in test_corpus.SLIPS]


def notices(check, cases):
    for case in cases:
        try:
            check(*case)
        except AssertionError:
            return True
    return False


def test_without_a_fault_nothing_is_noticed():
    assert not notices(test_corpus.test_every_slip_and_nothing_else, DOCUMENTS)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.__name__)
def test_the_corpus_notices(fault, monkeypatch):
    fault(monkeypatch)
    assert notices(test_corpus.test_every_slip_and_nothing_else, DOCUMENTS)


def test_a_law_that_is_off_by_one_is_noticed(monkeypatch):
    from symconv.core import laws

    right = laws.out_size
    monkeypatch.setattr(laws, "out_size", lambda **values: right(**values) + 1)
    assert notices(test_sizes.test_a_usual_law_is_recognised, test_sizes.LAWS)
