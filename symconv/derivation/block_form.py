"""W as a block matrix with few different blocks, one for each row of the kernel.

A block is the matrix of one kernel row, which is a convolution along the last axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

from symconv.core.form import Index, axis_hits
from symconv.core.geometry import Geometry
from symconv.derivation.notation import definitions, flat_index
from symconv.render.tree import Block, Equation, Letter, Math, Matrix, Value, equals, paragraph

MOST_BLOCKS = 8
MOST_GRID = 4096
MOST_CELLS = 4096

Rows = dict[tuple[Index, Index], Index]


def block_rows(geometry: Geometry) -> Rows:
    """The kernel row of each nonzero block: `{(block row, block column): kernel row}`.

    A block row is `(in_channel, *input position)`, a block column `(out_channel, *output
    position)`, and a kernel row `(in_channel, out_channel within its group, *taps)`; positions and
    taps are those of all axes except the last one.
    """
    leading = [axis_hits(axis) for axis in geometry.axes[:-1]]
    found: Rows = {}
    for c, m, out in geometry.channel_pairs():
        for hits in product(*leading):
            position, tap, place = zip(*hits, strict=True) if hits else ((), (), ())
            found[(c, *position), (out, *place)] = (c, m, *tap)
    return found


def section(geometry: Geometry, weight: Sequence[Any], decimal: bool) -> list[Block]:
    """W as a matrix of named blocks, followed by the first `MOST_BLOCKS` blocks.

    Empty if W is a single block, as on one axis with one channel, if there are no blocks, or if
    the grid or a block is too large for a page.
    """
    rows = [range(geometry.in_channels), *map(range, geometry.size[:-1])]
    columns = [range(geometry.out_channels), *map(range, geometry.out_size[:-1])]
    row_places, column_places = list(product(*rows)), list(product(*columns))
    one_block = len(row_places) == len(column_places) == 1
    if one_block or len(row_places) * len(column_places) > MOST_GRID:
        return []
    placed = block_rows(geometry)
    kernel_rows = sorted(set(placed.values()))
    last = geometry.axes[-1]
    if last.size * last.out_size > MOST_CELLS or not kernel_rows:
        return []
    single = geometry.in_channels == geometry.out_channels == 1

    def letter(kernel_row: Index) -> Letter:
        return Letter("T", kernel_row[2:] if single else kernel_row)

    def cell(row: Index, column: Index) -> Math | None:
        kernel_row = placed.get((row, column))
        return None if kernel_row is None else letter(kernel_row)

    grid = tuple(tuple(cell(r, c) for c in column_places) for r in row_places)
    shown = [(letter(k), _block(geometry, weight, k, decimal)) for k in kernel_rows[:MOST_BLOCKS]]
    taken = len(placed)
    words = (
        f"W consists of {taken} blocks of {last.size} x {last.out_size}, copies of "
        f"{len(kernel_rows)}: one for each {_what(geometry)}. A blank stands for a block of "
        f"zeros. {_law(geometry)}"
    )
    blocks: list[Block] = [paragraph(words), Equation(equals(Letter("W"), Matrix(grid)))]
    blocks += definitions(shown)
    if len(kernel_rows) > len(shown):
        rest = len(kernel_rows) - len(shown)
        blocks.append(paragraph(f"The other {rest} are built in the same way from their own taps."))
    return blocks


def _what(geometry: Geometry) -> str:
    """What distinguishes the blocks, as text: kernel rows, channel pairs or both."""
    pairs = geometry.in_channels * geometry.out_channels > 1
    row = len(geometry.axes) > 1
    return " and ".join(["row of the kernel"] * row + ["pair of channels"] * pairs)


def _law(geometry: Geometry) -> str:
    """A sentence on how entries repeat within a block, and blocks within W."""
    inner = geometry.axes[-1].stride
    told = (
        "Each block is a Toeplitz matrix: constant along its diagonals"
        if inner == 1
        else f"Each block repeats its row above, moved by {inner} columns"
    )
    outer = [a.stride for a in geometry.axes[:-1]]
    if outer and set(outer) == {1} == {inner}:
        told += ", and so is W in its blocks"
    return told + "."


def _block(geometry: Geometry, weight: Sequence[Any], kernel_row: Index, decimal: bool) -> Matrix:
    """The block of one kernel row, of shape (last.size, last.out_size)."""
    last = geometry.axes[-1]
    cells: list[list[Math | None]] = [[None] * last.out_size for _ in range(last.size)]
    for i, k, o in axis_hits(last):
        entry = weight[flat_index((*kernel_row, k), geometry.weight_shape)]
        cells[i][o] = Value(entry, decimal)
    return Matrix(tuple(map(tuple, cells)))
