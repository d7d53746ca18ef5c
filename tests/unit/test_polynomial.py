"""Polynomials against SymPy's own arithmetic."""

from fractions import Fraction

import sympy
from hypothesis import given
from hypothesis import strategies as st

from symconv.core.polynomial import Polynomial, natural_key
from symconv.exact.containers import to_sympy
from symconv.exact.symbolic import from_sympy

NAMES = ["a", "b", "x_0_2", "x_0_10"]
SCALARS = st.integers(-5, 5) | st.fractions(-3, 3, max_denominator=4)
ATOMS = SCALARS.map(Polynomial.constant) | st.sampled_from(NAMES).map(Polynomial.variable)
POLYNOMIALS = st.recursive(
    ATOMS,
    lambda inner: st.tuples(inner, inner, st.sampled_from("+-*")).map(
        lambda t: {"+": t[0] + t[1], "-": t[0] - t[1], "*": t[0] * t[1]}[t[2]]
    ),
    max_leaves=6,
)


@given(POLYNOMIALS, POLYNOMIALS)
def test_sum_and_product_are_sympys(p, q):
    assert sympy.expand(to_sympy(p + q) - (to_sympy(p) + to_sympy(q))) == 0
    assert sympy.expand(to_sympy(p * q) - to_sympy(p) * to_sympy(q)) == 0
    assert sympy.expand(to_sympy(p - q) - (to_sympy(p) - to_sympy(q))) == 0


@given(POLYNOMIALS, POLYNOMIALS)
def test_equality_is_equality_of_polynomials(p, q):
    assert (p == q) == (sympy.expand(to_sympy(p) - to_sympy(q)) == 0)


@given(POLYNOMIALS)
def test_text_is_read_back_by_sympy(p):
    assert sympy.expand(sympy.sympify(str(p)) - to_sympy(p)) == 0


@given(POLYNOMIALS)
def test_conversion_from_sympy_is_the_inverse(p):
    assert from_sympy(to_sympy(p)) == p


@given(POLYNOMIALS, st.lists(SCALARS, min_size=4, max_size=4))
def test_evaluation_is_substitution(p, values):
    expected = to_sympy(p).subs(
        {sympy.Symbol(n): sympy.Rational(v) for n, v in zip(NAMES, values, strict=True)}
    )
    assert sympy.Rational(Fraction(p.evaluate(dict(zip(NAMES, values, strict=True))))) == expected


def test_names_are_ordered_as_people_count():
    assert sorted(["x_0_10", "x_0_2", "a"], key=natural_key) == ["a", "x_0_2", "x_0_10"]


def test_printing():
    x = Polynomial.variable("x")
    assert str(-x * x + Fraction(1, 2) * x - 3) == "-x**2 + 1/2*x - 3"
    assert str(Polynomial()) == "0"
