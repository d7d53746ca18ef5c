"""W: the convolution as a matrix; its transpose W^T is the transposed convolution.

Rows of W are the convolution's outputs (the transposed convolution's inputs), columns its
inputs (the transposed convolution's outputs), both flattened in C order, channels first:
`W[i, o] = w[k]` for every hit (i, k, o). Each cell holds at most one tap, since the dilation
is at least 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from symconv.core.arguments import suggest_names
from symconv.core.conditions import require_counts
from symconv.core.dialects.building import conv_geometry, spread, torch_geometry
from symconv.core.errors import GeometryError, ParseError
from symconv.core.form import index_arrays
from symconv.core.geometry import Geometry
from symconv.core.limits import require_memory
from symconv.exact.containers import Container, Tensor, to_sympy
from symconv.exact.opaque import symbolic_array
from symconv.exact.operands import Sizes
from symconv.exact.ranks import read_weight
from symconv.exact.sparse import coordinates


@dataclass(frozen=True, slots=True)
class Unrolled:
    """A sparse matrix: `entries` maps (row, column) to the value; absent cells are 0."""

    shape: tuple[int, int]
    entries: Mapping[tuple[int, int], Any]

    @property
    def transpose(self) -> Unrolled:
        """The transposed matrix."""
        return Unrolled(self.shape[::-1], {(c, r): v for (r, c), v in self.entries.items()})

    def dense(self, absent: Any = 0) -> list[list[Any]]:
        """Return the dense rows, with `absent` in cells that have no entry.

        Raises:
            LimitError: the dense matrix would exceed the memory limit.
        """
        rows, columns = self.shape
        require_memory(8 * rows * columns, f"a dense {rows}x{columns} matrix", "Keep it sparse.")
        result = [[absent] * columns for _ in range(rows)]
        for (r, c), value in self.entries.items():
            result[r][c] = value
        return result

    def times(self, vector: Sequence[Any]) -> list[Any]:
        """Multiply the matrix by a column vector, exactly."""
        result: list[Any] = [0] * self.shape[0]
        for (r, c), value in self.entries.items():
            result[r] = result[r] + value * vector[c]
        return result


def unroll(geometry: Geometry, w: Sequence[Any]) -> Unrolled:
    """Build W of a geometry from the flat entries of its weight."""
    at = index_arrays(geometry)
    shape = math.prod(geometry.input_shape), math.prod(geometry.output_shape)
    cells = zip(at.input.tolist(), at.output.tolist(), at.weight.tolist(), strict=True)
    return Unrolled(shape, {(i, o): w[k] for i, o, k in cells})


def matrix_geometry(
    w: Tensor,
    *,
    input_size: Sizes | None,
    conv_input_size: Sizes | None,
    stride: Sizes,
    padding: Sizes,
    output_padding: Sizes | None,
    groups: int,
    dilation: Sizes,
) -> Geometry:
    """Derive the geometry of W from a canonical weight and one of the two sizes.

    Raises:
        GeometryError: both sizes or neither are given, or output_padding contradicts
            conv_input_size.
    """
    if (input_size is None) == (conv_input_size is None):
        raise GeometryError(
            "give exactly one of input_size (input of the transposed convolution) and "
            "conv_input_size (input of the convolution)"
        )
    require_counts(groups=groups)
    dims = len(w.shape) - 2
    channels: dict[str, int] = {
        "in_channels": w.shape[0],
        "out_channels": w.shape[1] * groups,
        "groups": groups,
    }
    steps: dict[str, Any] = {"stride": stride, "padding": padding, "dilation": dilation}
    if input_size is not None:
        return torch_geometry(
            spread(input_size, dims, "input_size"),
            w.shape[2:],
            output_padding=output_padding or 0,
            **channels,
            **steps,
        )
    assert conv_input_size is not None
    sizes = spread(conv_input_size, dims, "conv_input_size")
    geometry = conv_geometry(sizes, w.shape[2:], **channels, **steps)
    if output_padding is not None:
        derived = tuple(a.crop_begin - a.crop_end for a in geometry.axes)
        given = spread(output_padding, dims, "output_padding")
        if derived != given:
            raise GeometryError(
                f"output_padding={given} contradicts conv_input_size={sizes}, from which "
                f"output_padding={derived} follows. Leave output_padding out."
            )
    return geometry


@suggest_names
def matrix(
    w: Any,
    *,
    input_size: Sizes | None = None,
    conv_input_size: Sizes | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes | None = None,
    groups: int = 1,
    dilation: Sizes = 1,
    dims: int | None = None,
    library: str | None = None,
) -> Any:
    """Build W, the M x N matrix of the convolution; its transpose applies `conv_transpose`.

    Args:
        w: `(*kernel_size)` for one channel, or `(C_in, C_out // groups, *kernel_size)`.
        input_size: spatial size of the input of the transposed convolution, M elements per
            channel.
        conv_input_size: spatial size of the input of the convolution, N elements per channel.
        dims: number of spatial axes, required if neither the sizes nor the rank of w imply it.
        library: `sympy`, `numpy`, `scipy` or `torch`; the last two are sparse and numeric.

    Returns:
        SymPy's ImmutableSparseMatrix, a NumPy object array if `w` is an array, SciPy's
        `coo_array` or torch's sparse tensor: int64, or float64 if an entry is a fraction.

    Raises:
        GeometryError, ShapeError, ParseError: the arguments are inconsistent; the message
            suggests a fix.
        LimitError: the matrix would exceed the memory limit.

    >>> import symconv
    >>> symconv.matrix([1, 2], input_size=2)
    Matrix([
    [1, 2, 0],
    [0, 1, 2]])
    """
    if library not in (None, "sympy", "numpy", "scipy", "torch"):
        raise ParseError(f"library {library!r} is not known; choose sympy, numpy, scipy or torch")
    size = input_size if input_size is not None else conv_input_size
    axes = None if size is None or isinstance(size, int) else len(size)
    weight = read_weight(w, dims if dims is not None else axes)
    geometry = matrix_geometry(
        weight,
        input_size=input_size,
        conv_input_size=conv_input_size,
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        groups=groups,
        dilation=dilation,
    )
    if library in ("scipy", "torch"):
        found = coordinates(geometry, weight.flat)
        return found.to_scipy() if library == "scipy" else found.to_torch()
    unrolled = unroll(geometry, weight.flat)
    symbolic = weight.container is Container.SYMBOLIC
    if library == "numpy" or (
        library is None and (symbolic or weight.container is Container.NUMPY)
    ):
        import numpy as np

        dense = np.array(unrolled.dense(), dtype=object)
        return symbolic_array(dense.ravel().tolist(), unrolled.shape) if symbolic else dense
    import sympy

    entries = {place: to_sympy(value) for place, value in unrolled.entries.items()}
    return sympy.ImmutableSparseMatrix(*unrolled.shape, entries)
