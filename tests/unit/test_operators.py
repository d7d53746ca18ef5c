"""The public operators: values by hand, containers, ranks, exactness beyond int64."""

from fractions import Fraction

import numpy as np
import pytest
import sympy

import symconv
from symconv.core.dialects.building import torch_geometry
from symconv.core.errors import GeometryError, LimitError, ParseError, ShapeError
from symconv.core.form import index_arrays
from symconv.exact import ring

X = [[0, 1], [2, 3]]
HALF = Fraction(1, 2)


def test_the_figures_of_the_notebook():
    assert symconv.conv_transpose(X, X) == sympy.Matrix([[0, 0, 1], [0, 4, 6], [4, 12, 9]])
    assert symconv.conv_transpose(X, X, stride=2) == sympy.Matrix(
        [[0, 0, 0, 1], [0, 0, 2, 3], [0, 2, 0, 3], [4, 6, 6, 9]]
    )
    channels = [[[0, 1], [2, 3]], [[0, 2], [4, 6]]]
    kernels = [[[[1, 1], [1, 1]]], [[[HALF, HALF], [HALF, HALF]]]]
    y = symconv.conv_transpose(channels, kernels, stride=2)
    assert y.tolist() == [[[0, 0, 2, 2], [0, 0, 2, 2], [4, 4, 6, 6], [4, 4, 6, 6]]]
    nine = [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert symconv.conv(nine, [[1, 2], [3, 4]]) == sympy.Matrix([[27, 37], [57, 67]])


def test_containers():
    assert isinstance(symconv.conv_transpose(X, X), sympy.MatrixBase)
    line = symconv.conv_transpose([1, 2], [1, -1])
    assert isinstance(line, sympy.ImmutableDenseNDimArray)
    assert line.tolist() == [1, 1, -2]
    array = symconv.conv_transpose(np.array(X), X)
    assert array.dtype == object and array.tolist() == [[0, 0, 1], [0, 4, 6], [4, 12, 9]]


def test_torch_tensors_are_read_exactly():
    torch = pytest.importorskip("torch")
    x = torch.tensor([[0.5, 1.0]], dtype=torch.bfloat16)
    assert symconv.conv_transpose(x, torch.tensor([[3]])).tolist() == [[Fraction(3, 2), 3]]


def test_letters_from_sympy():
    a, b = sympy.symbols("a b")
    y = symconv.conv_transpose([[a, 1]], [[b, a]])
    assert y == sympy.Matrix([[a * b, a**2 + b, a]])


def test_floats_are_the_binary_numbers_that_they_are():
    y = symconv.conv_transpose(np.array([0.1]), np.array([1.0]))
    assert y[0] == Fraction(3602879701896397, 36028797018963968)


def test_ranks():
    one = np.ones((1, 1, 1), int)
    with pytest.raises(ShapeError, match="dims=1 .* or dims=3"):
        symconv.conv_transpose(one, one)
    assert symconv.conv_transpose(one, one, dims=1).shape == (1, 1, 1)
    assert symconv.conv_transpose(one, one, dims=3).shape == (1, 1, 1)
    unbatched = symconv.conv_transpose(np.ones((2, 3), int), np.ones((2, 1, 2), int))
    assert unbatched.shape == (1, 4)
    batched = symconv.conv_transpose(np.ones((5, 2, 3, 3), int), np.ones((2, 1, 2, 2), int))
    assert batched.shape == (5, 1, 4, 4)
    with pytest.raises(ShapeError, match="x has rank 1 and w has rank 2"):
        symconv.conv_transpose([1], [[1]])


def test_a_weight_in_convs_layout():
    with pytest.raises(
        ShapeError,
        match=r"weight has shape 4x3x3x3, but x has 3 channels.*\(in, out/groups, kH, kW\)"
        r".*looks like Conv's layout.*w\.transpose\(0, 1\) has shape 3x4x3x3",
    ):
        symconv.conv_transpose(np.ones((3, 4, 4), int), np.ones((4, 3, 3, 3), int))


def test_bad_operands():
    with pytest.raises(ParseError, match="ragged: row 1 has 1 entries, but row 0 has 2 entries"):
        symconv.conv_transpose([[1, 2], [3]], X)
    with pytest.raises(ParseError, match="contains nan"):
        symconv.conv_transpose([[float("nan")]], X)
    with pytest.raises(ParseError, match="'a' of type str"):
        symconv.conv_transpose([["a"]], X)
    with pytest.raises(ParseError, match="not exact"):
        symconv.conv_transpose([[sympy.Float("0.5")]], X)
    with pytest.raises(ParseError, match="boolean True"):
        symconv.conv_transpose([[True]], X)
    with pytest.raises(ShapeError, match="at least one entry"):
        symconv.conv_transpose([[]], X)
    with pytest.raises(ShapeError, match="bias has shape .2,., but the result has 1 channels"):
        symconv.conv_transpose(X, X, [1, 2])
    with pytest.raises(LimitError, match="GiB of memory, but one step may take at most 2.0 GiB"):
        symconv.conv_transpose(np.ones(10**3, int), np.ones(10**5, int))


@pytest.mark.parametrize("big", [2**20, 2**30, 2**31, 2**40, 10**30])
def test_no_overflow_at_any_size(big):
    """Across the limit of int64; one more than a square reveals any loss."""
    y = symconv.conv_transpose(np.array([big, big - 1], dtype=object), np.array([big, 1]))
    assert y.tolist() == [big * big, big * (big - 1) + big, big - 1]


def test_the_int64_bound_is_a_bound():
    geometry = torch_geometry((3, 3), (3, 3))
    at = index_arrays(geometry)
    x, w = [-7] * 9, [5] * 9
    bound = ring.sum_bound(x, w, at.output)
    assert bound == 7 * 5 * 9 == max(map(abs, ring.transposed(geometry, x, w)))


def test_parameters_from_numpy_and_parameters_that_are_none():
    assert symconv.conv_transpose([1, 2], [1], stride=np.int64(2)).tolist() == [1, 0, 2]
    with pytest.raises(GeometryError, match="stride=None is a NoneType, but it must be an int"):
        symconv.conv_transpose([1], [1], stride=None)


def test_fractions_with_unlike_denominators():
    y = symconv.conv_transpose([[Fraction(1, 3)]], [[Fraction(2, 7), 3]], [Fraction(1, 2)])
    assert y == sympy.Matrix([[sympy.Rational(25, 42), sympy.Rational(3, 2)]])


def test_grad_weight_needs_to_know_the_axes():
    with pytest.raises(ShapeError, match="does not determine the number of spatial axes"):
        symconv.grad_weight(np.ones((1, 2, 2), int), np.ones((1, 3, 3), int), kernel_size=2)
    with pytest.raises(
        ShapeError, match="grad_y has shape 1x1x2x2, but .* an output of shape 1x1x3x3"
    ):
        symconv.grad_weight(X, X, kernel_size=2)


def test_matrix_by_hand():
    w = symconv.matrix([[1, 2], [3, 4]], conv_input_size=(3, 3))
    assert w.shape == (4, 9)
    assert list(w.row(0)) == [1, 2, 0, 3, 4, 0, 0, 0, 0]
    assert w == symconv.matrix([[1, 2], [3, 4]], input_size=(2, 2))
    assert isinstance(w, sympy.matrices.ImmutableSparseMatrix)
    assert symconv.matrix(np.array([1, 2]), input_size=2).tolist() == [[1, 2, 0], [0, 1, 2]]
    with pytest.raises(
        GeometryError, match="give exactly one of input_size .* and conv_input_size"
    ):
        symconv.matrix([1, 2])
    with pytest.raises(GeometryError, match="contradicts conv_input_size"):
        symconv.matrix([1, 2, 3], conv_input_size=6, stride=2, padding=1, output_padding=0)


def test_matrix_applies_the_operator_with_channels_and_groups():
    w = np.arange(1, 25).reshape(4, 1, 3, 2)
    m = symconv.matrix(w, input_size=(2, 3), stride=2, padding=1, output_padding=1, groups=2)
    x = np.arange(24).reshape(4, 2, 3)
    y = symconv.conv_transpose(x, w, stride=2, padding=1, output_padding=1, groups=2)
    assert (m.T @ x.ravel() == y.ravel()).all()
    # an image of the size in between is convolved by the same W
    assert (m @ y.ravel() == symconv.conv(y, w, stride=2, padding=1, groups=2).ravel()).all()
