"""SymPy views equal what plain SymPy arithmetic builds, entry by entry."""

import pytest
import sympy
from hypothesis import given, settings

from symconv.core.errors import ParseError
from symconv.core.form import index_arrays
from symconv.exact import sympy_sums as products
from symconv.exact.symbolic import SymbolicOperator, polynomial_of
from tests.support.battery import geometry_of
from tests.support.cases import Config, configs


def plain(operator):
    """Scatter with `+=` on SymPy's own symbols, as torch documents it."""
    geometry = operator.geometry
    at = index_arrays(geometry)
    size = 1
    for n in geometry.output_shape:
        size *= n
    y, x, w = [sympy.Integer(0)] * size, operator.x, operator.w
    for i, k, o in zip(at.input.tolist(), at.weight.tolist(), at.output.tolist(), strict=True):
        y[o] += x[i] * w[k]
    return y


@settings(max_examples=25)
@given(configs())
def test_outputs_are_equal_to_plain_arithmetic(config: Config):
    operator = SymbolicOperator(geometry_of(config))
    ours, theirs = operator.entries(), plain(operator)
    assert ours == theirs
    assert all(type(a) is type(b) and hash(a) == hash(b) for a, b in zip(ours, theirs, strict=True))


@settings(max_examples=15)
@given(configs(dims=(1, 2)))
def test_one_entry_is_the_entry(config: Config):
    operator = SymbolicOperator(geometry_of(config))
    y, shape = operator.entries(), operator.geometry.output_shape
    for n in (0, len(y) // 2, len(y) - 1):
        from symconv.core.form import unflatten

        assert operator.entry(unflatten(n, shape)) == y[n]


def test_both_ways_of_assembling_are_guarded_and_used():
    assert products.agrees_with_plain(products._private)
    assert products.agrees_with_plain(products._public)


def test_a_change_in_sympys_private_parts_switches_to_the_public_way(monkeypatch):
    operator = SymbolicOperator(geometry_of(next(iter([SMALL]))))
    expected = plain(operator)

    def broken():
        mul, add = products._public()
        return lambda u, v: mul(v, u), lambda terms: add(*terms, evaluate=False)

    assert not products.agrees_with_plain(broken)
    monkeypatch.setattr(products, "_private", broken)
    assert operator.entries() == expected
    monkeypatch.setattr(products, "_public", broken)
    assert operator.entries() == expected


SMALL = Config((2, 2), (2, 2), (1, 1), (0, 0), (0, 0), (1, 1))


def test_names_and_shapes():
    paper = SymbolicOperator(geometry_of(SMALL), paper=True)
    assert str(paper.output()[0, 1]) == "k_0_0*x_0_1 + k_0_1*x_0_0"
    assert isinstance(paper.matrix(), sympy.matrices.ImmutableSparseMatrix)
    channels = Config((2,), (2,), (1,), (0,), (0,), (1,), 2, 2, 2)
    full = SymbolicOperator(geometry_of(channels))
    assert str(full.output()[1, 0]) == "k_1_0_0*x_1_0"


def test_w_transposed_times_x_is_the_output():
    operator = SymbolicOperator(geometry_of(SMALL), paper=True)
    product = operator.matrix().T * sympy.Matrix(operator.x)
    assert list(product) == operator.entries()


def test_expressions_for_a_page():
    a = sympy.Symbol("a")
    assert str(polynomial_of(a**2 / 2 + 1, "x")) == "1/2*a**2 + 1"
    with pytest.raises(ParseError, match=r"symbol named '.*input"):
        polynomial_of(sympy.Symbol(r"\input{/etc/passwd}"), "x")
    with pytest.raises(ParseError, match="polynomials with rational coefficients"):
        polynomial_of(sympy.sin(a), "x")
    with pytest.raises(ParseError, match="reserved for entries"):
        polynomial_of(sympy.Symbol("x_0_0"), "x")
