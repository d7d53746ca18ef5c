"""Rank, null space and preimage against SymPy's dense matrices and against definitions."""

from fractions import Fraction

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from symconv.core.dialects.building import conv_geometry, torch_geometry
from symconv.exact import linear
from symconv.exact.symbolic import letters
from symconv.exact.unrolled import Unrolled, unroll

ENTRIES = st.integers(-3, 3) | st.fractions(-2, 2, max_denominator=3)


@st.composite
def matrices(draw):
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    cells = {(r, c): draw(ENTRIES) for r in range(rows) for c in range(columns)}
    return Unrolled((rows, columns), cells)


@given(matrices())
def test_rank_and_null_vector(matrix):
    dense = sympy.Matrix([[sympy.Rational(v) for v in row] for row in matrix.dense()])
    assert linear.rank(matrix) == dense.rank()
    vector = linear.null_vector(matrix)
    assert (vector is None) == (dense.rank() == matrix.shape[1])
    if vector is not None:
        assert any(vector)
        assert dense * sympy.Matrix(vector) == sympy.zeros(matrix.shape[0], 1)


@given(matrices(), st.lists(ENTRIES, min_size=4, max_size=4))
def test_preimage_is_the_shortest(matrix, y):
    y = y[: matrix.shape[0]]
    if linear.rank(matrix) < matrix.shape[0]:
        with pytest.raises(linear.RankDeficient, match="full row rank"):
            linear.minimum_norm_preimage(matrix, y)
        return
    x = linear.minimum_norm_preimage(matrix, y)
    assert matrix.times(x) == y
    lost = linear.null_vector(matrix)
    if lost is not None:  # orthogonal to the null vector: no shorter preimage exists
        assert sum(u * v for u, v in zip(x, lost, strict=True)) == 0


def test_the_notebooks_matrix():
    w = unroll(conv_geometry((3, 3), (2, 2)), [1, 2, 3, 4])
    assert linear.rank(w) == 4
    assert linear.generic_rank(w) == linear.Rank(
        4, 4, False, "exact elimination over the rationals"
    )


def test_generic_rank_says_what_it_knows():
    k = letters("k", (1, 1, 2, 2), (2, 2)).flat
    full = linear.generic_rank(unroll(conv_geometry((3, 3), (2, 2)), k))
    assert (str(full), full.generic) == ("generic rank 4", True)
    # two proportional rows of symbols: the bounds do not meet, which must be reported
    a = letters("a", (2,)).flat
    twice = Unrolled((2, 2), {(0, 0): a[0], (0, 1): a[1], (1, 0): a[0], (1, 1): a[1]})
    assert str(linear.generic_rank(twice)) == "generic rank between 1 and 2"


def test_rank_with_cropped_rows():
    """Padding can crop everything that an input contributes: W then has an empty row."""
    w = unroll(torch_geometry((3,), (1,), padding=1), [Fraction(5)])
    assert w.shape == (3, 1)
    assert linear.rank(w) == 1
