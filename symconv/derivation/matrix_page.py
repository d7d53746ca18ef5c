"""The page of `symconv matrix`: W or W^T of a kernel, the rank of W and what W loses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from symconv.core.conditions import require_counts
from symconv.core.errors import GeometryError, ShapeError
from symconv.core.geometry import Geometry
from symconv.core.limits import require_items
from symconv.core.polynomial import Polynomial
from symconv.derivation import block_form as blockform
from symconv.derivation.matrices import MOST_RANK_CELLS, WT, W, dense
from symconv.exact.containers import Tensor
from symconv.exact.linear import Rank, generic_rank
from symconv.exact.operands import Sizes
from symconv.exact.ranks import read_weight
from symconv.exact.sparse import coordinates
from symconv.exact.symbolic import letters
from symconv.exact.unrolled import Unrolled, matrix_geometry, unroll
from symconv.reading import Values
from symconv.render.tree import Badge, Block, Document, Equation, equals, paragraph
from symconv.results.evidence import Evidence, Semantics, computed
from symconv.targets.comparing import CrossCheck
from symconv.targets.crosscheck import check_structure

MOST_CELLS = 4_000_000


@dataclass(frozen=True)
class MatrixPage:
    """The page about W for one geometry and weight.

    Attributes:
        geometry: the geometry of the transposed convolution.
        weight: the entries of the weight, flat in C order.
        conv_first: whether the size was given as the input size of the convolution.
        decimal: whether to show finite decimals instead of fractions.
    """

    geometry: Geometry
    weight: tuple[Any, ...]
    conv_first: bool
    decimal: bool

    @cached_property
    def unrolled(self) -> Unrolled:
        """W as an unrolled matrix.

        Raises:
            LimitError: W has more than `MOST_CELLS` cells.
        """
        rows = math.prod(self.geometry.input_shape)
        columns = math.prod(self.geometry.output_shape)
        require_items(
            rows * columns,
            MOST_CELLS,
            f"a {rows}x{columns} matrix has too many cells to print",
            "Use smaller sizes, --format npz, or symconv.matrix in Python, which is sparse.",
        )
        return unroll(self.geometry, self.weight)

    @cached_property
    def rank(self) -> Rank | None:
        """The rank of W; None if W has more than `MOST_RANK_CELLS` cells."""
        rows, columns = self.unrolled.shape
        return generic_rank(self.unrolled) if rows * columns <= MOST_RANK_CELLS else None

    @property
    def evidence(self) -> Evidence:
        """The statement about the matrix, its domain and how it is known."""
        symbolic = any(isinstance(v, Polynomial) for v in self.unrolled.entries.values())
        rows, columns = self.unrolled.shape
        return computed(
            f"this is the {rows}x{columns} matrix of the convolution",
            "this kernel" + (", every value of its symbols" if symbolic else ""),
            "multiply it by one-hot vectors and compare with torch",
            semantics=Semantics.RING if symbolic else Semantics.RATIONALS,
        )

    @property
    def restoring(self) -> str:
        """Sentences on the rank of W and on whether the convolution's input can be recovered."""
        rows, columns = self.unrolled.shape
        rank = self.rank
        if rank is None:
            return f"Rank: not computed; {rows * columns:,} cells are too many for exact fractions."
        words = f"W is {rows} x {columns} of {rank}."
        if rank.at_most < columns:
            lost = columns - rank.at_most
            exactly = "exactly" if rank.known and not rank.generic else "at least"
            words += (
                f" No matrix V gives V W = I: {exactly} {lost} of the {columns} dimensions of the "
                "convolution's input are lost, and W^T restores its shape, not its values."
            )
        elif rank.at_least == columns and rank.generic:
            words += (
                " For almost all values of the symbols the convolution loses nothing; at special "
                "values, such as all zero, it can."
            )
        elif rank.at_least == columns:
            words += " The convolution loses nothing: (W^T W)^-1 W^T recovers its input."
        return words

    def check(self, devices: Sequence[str]) -> CrossCheck:
        """Compare the position of every tap in W with torch's convolution."""
        return check_structure(self.geometry, devices, convolution=True)

    def document(self, transpose: bool, check: CrossCheck | None = None) -> Document:
        """The page about W, or about W^T if `transpose`, with the cross-check if there is one."""
        geometry = self.geometry
        shown = self.unrolled.transpose if transpose else self.unrolled
        sizes = ["x".join(map(str, s)) for s in (geometry.out_size, geometry.size)]
        words = (
            f"The convolution reads {sizes[0]} and gives {sizes[1]}; the transposed convolution "
            "goes the other way."
        )
        extra = [a.crop_begin - a.crop_end for a in geometry.axes]
        if self.conv_first and any(extra):
            words += f" This requires output_padding={','.join(map(str, extra))}."
        blocks: list[Block] = [
            paragraph(words),
            Equation(equals(WT if transpose else W, dense(shown, self.decimal))),
            paragraph(self.restoring),
        ]
        if not transpose:
            blocks += blockform.section(geometry, self.weight, self.decimal)
        if check is not None:
            blocks.append(Badge("CROSS-CHECK", f"{check.mark}. {check.detail}."))
        title = f"The matrix {'W^T' if transpose else 'W'}, {shown.shape[0]} x {shown.shape[1]}"
        return Document(title, tuple(blocks))

    def to_npz(self, transpose: bool) -> tuple[bytes, int]:
        """The matrix as a SciPy `.npz` file, and the number of weights that float64 rounds.

        Raises:
            ParseError: the kernel has symbols.
        """
        found = coordinates(self.geometry, self.weight)
        return (found.transpose if transpose else found).to_npz(), found.rounded

    def to_json(self, transpose: bool, check: CrossCheck | None = None) -> dict[str, Any]:
        """The JSON object that `symconv matrix --json` prints; with W^T too if `transpose`."""
        rank = self.rank
        record: dict[str, Any] = {
            "schema": "symconv/1",
            "verb": "matrix",
            "verdict": None,
            "evidence": self.evidence.to_json(),
            "W": _rows(self.unrolled),
            "shape": list(self.unrolled.shape),
            "rank": rank.at_least if rank is not None and rank.known else None,
            "rank_is_generic": rank.generic if rank is not None else None,
            "rank_bounds": [rank.at_least, rank.at_most] if rank is not None else None,
            "restoring": self.restoring,
            "input_size": list(self.geometry.size),
            "conv_input_size": list(self.geometry.out_size),
        }
        if check is not None:
            record["checks"] = [check.to_json()]
        if transpose:
            record["W_transposed"] = _rows(self.unrolled.transpose)
        return record


def _rows(unrolled: Unrolled) -> list[list[str]]:
    return [[str(v) for v in row] for row in unrolled.dense()]


def read_matrix(
    *,
    k: Values | None,
    input_size: Sizes | None,
    kernel_size: Sizes | None,
    conv_input_size: Sizes | None,
    stride: Sizes,
    padding: Sizes,
    output_padding: Sizes | None,
    dilation: Sizes,
    groups: int,
    in_channels: int | None,
    out_channels: int | None,
    dims: int | None,
) -> MatrixPage:
    """The page for the kernel values `k`, or for a kernel of symbols of size `kernel_size`.

    Raises:
        ShapeError, GeometryError, LimitError: an argument is missing, invalid, inconsistent with
            another one or too large.
    """
    require_counts(in_channels=in_channels, out_channels=out_channels, groups=groups, dims=dims)
    size = input_size if input_size is not None else conv_input_size
    if size is not None and not isinstance(size, int) and dims is None and len(size) > 1:
        dims = len(size)
    weight, decimal = _weight(k, kernel_size, groups, in_channels, out_channels, dims)
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
    return MatrixPage(geometry, weight.flat, conv_input_size is not None, decimal)


def _weight(
    k: Values | None,
    kernel_size: Sizes | None,
    groups: int,
    in_channels: int | None,
    out_channels: int | None,
    dims: int | None,
) -> tuple[Tensor, bool]:
    if k is not None:
        weight = read_weight(k.nested, dims)
        if kernel_size is not None and tuple(_tuple(kernel_size)) != weight.shape[2:]:
            raise ShapeError(f"kernel_size={kernel_size} contradicts the values of k")
        given = (
            ("in_channels", in_channels, weight.shape[0]),
            ("out_channels", out_channels, weight.shape[1] * groups),
        )
        for name, asked, counted in given:
            if asked not in (None, counted):
                raise ShapeError(f"{name}={asked}, but k gives {counted}")
        return weight, k.decimal
    if kernel_size is None:
        raise ShapeError("the kernel is missing: give --k (values) or --kernel-size")
    taps = _tuple(kernel_size)
    c_in, c_out = in_channels or 1, out_channels or 1
    if c_out % groups:
        raise GeometryError(f"out_channels={c_out} is not a multiple of groups={groups}")
    paper = in_channels is None and out_channels is None and groups == 1
    for taps_on_axis in taps:
        require_counts(kernel_size=taps_on_axis)
    shape = (c_in, c_out // groups, *taps)
    require_items(
        math.prod(shape), MOST_CELLS, "too many symbols for a page", "Use a smaller kernel."
    )
    return letters("k", shape, taps if paper else shape), False


def _tuple(sizes: Sizes) -> tuple[int, ...]:
    return (sizes,) if isinstance(sizes, int) else tuple(sizes)
