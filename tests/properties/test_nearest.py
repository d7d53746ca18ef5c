"""Correct rounding of entire results against Fractions; inf and nan against IEEE sums."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symconv.core.form import terms
from symconv.exact import nearest
from symconv.exact.cells import element
from symconv.exact.contract import Contraction
from symconv.exact.dtypes import real_format
from symconv.exact.dyadic import nearest as nearest_number
from symconv.exact.nonfinite import expected
from symconv.exact.prepared import PreparedOperand
from symconv.exact.truth import Truth
from symconv.targets.tensors import held
from tests.properties.test_exact import KIND, SEEDS, operands, pair_of
from tests.support.floats import KINDS, floats, rounded

pytest.importorskip("torch")


def by_definition(value, dtype):
    form = real_format(dtype)
    return rounded(value, form.precision, form.quantum_exponent, form.largest)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@given(SEEDS, st.sampled_from(list(Contraction)), st.booleans())
def test_every_output_is_correctly_rounded(dtype, seed, kind, one_by_one):
    g, x, w, v = operands(seed)
    x, w, v = (np.nan_to_num(held(t, dtype), posinf=1.0, neginf=-1.0) for t in (x, w, v))
    a, b = pair_of(kind, x, w, v)
    bias = None
    if kind is Contraction.OUTPUT and seed % 2:
        rng = np.random.default_rng(seed)
        bias = PreparedOperand(held(rng.standard_normal(g.out_channels), dtype))
    truth = Truth(kind.value, g, kind, PreparedOperand(a), PreparedOperand(b), bias)
    before = nearest.MOST_BY_SUMS
    nearest.MOST_BY_SUMS = before if one_by_one else -1
    try:
        (found,) = nearest.correctly_rounded(truth, dtype)
    finally:
        nearest.MOST_BY_SUMS = before
    for index in np.ndindex(found.shape):
        value, _ = element(truth, 0, index)
        assert float(found[index]) == by_definition(value, dtype)


@pytest.mark.parametrize("target", ["float16", "bfloat16", "float32"])
@given(SEEDS, KIND, st.integers(-160, 130))
def test_conversion_rounds_to_even(target, seed, kind, scale):
    array = np.ldexp(floats(np.random.default_rng(seed), (20,), kind), scale)
    form = real_format(target)
    half = np.ldexp(1.0 + 2.0**-form.precision * np.arange(5), scale)  # with and without ties
    for values in (array, half, -half):
        found = nearest.to_format(values, form).astype(np.float64).tolist()
        assert found == [by_definition(Fraction(v), target) for v in values.tolist()]


@given(st.lists(st.integers(-(2**24), 2**24), min_size=1, max_size=6), st.integers(0, 40))
def test_sums_that_land_beside_a_tie(numbers, gap):
    """A float32 tie plus or minus a far smaller number: the remainder decides."""
    form = real_format("float32")
    tie = [1.0, 2.0**-24]
    for sign in (-1, 0, 1):
        terms_ = np.array([*tie, sign * 2.0 ** (-60 - gap), *numbers, *(-n for n in numbers)])
        truth = sum(map(Fraction, terms_.tolist()))
        assert nearest._rounded_sum(terms_, form) == by_definition(truth, "float32")
        assert nearest_number(truth, form) == by_definition(truth, "float32")


SPECIAL = [math.inf, -math.inf, math.nan, 0.0, 1.0, -2.0]


def ieee_sum(products):
    total = 0.0
    for product in products:
        total += product
    return total


@given(SEEDS, st.sampled_from(list(Contraction)))
def test_inf_and_nan_show_where_a_loop_shows_them(seed, kind):
    """The definition of the form, run in IEEE arithmetic, term by term."""
    g, x, w, v = operands(seed)
    rng = np.random.default_rng(seed)
    x, w, v = (
        np.where(
            rng.random(t.shape) < 0.2, rng.choice(SPECIAL, t.shape), rng.integers(1, 4, t.shape)
        )
        for t in (x, w, v)
    )
    a, b = pair_of(kind, x, w, v)
    found = expected(g, kind, a, b, None)
    products = {}
    for term, n in itertools.product(terms(g), range(x.shape[0])):
        i, o = (n, *term.i), (n, *term.o)
        cell, pair = {
            Contraction.OUTPUT: (o, (x[i], w[term.k])),
            Contraction.GRAD_INPUT: (i, (v[o], w[term.k])),
            Contraction.GRAD_WEIGHT: (term.k, (x[i], v[o])),
        }[kind]
        products.setdefault(cell, []).append(float(pair[0]) * float(pair[1]))
    shape = {
        Contraction.OUTPUT: v.shape,
        Contraction.GRAD_INPUT: x.shape,
        Contraction.GRAD_WEIGHT: w.shape,
    }[kind]
    finite, special = (np.broadcast_to(t, shape) for t in (found.finite, found.special))
    for cell in np.ndindex(*shape):
        value = ieee_sum(products.get(cell, []))
        assert bool(finite[cell]) == math.isfinite(value)
        if not math.isfinite(value):
            assert special[cell] == value or (math.isnan(special[cell]) and math.isnan(value))


def test_the_generators_are_all_used():
    assert set(KINDS) >= {"edge", "subnormal", "wide"}
