"""Matrices of exact entries and their operations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias, cast

from symconv.core.elimination import Rational, reduced_echelon
from symconv.documents.tex.nodes import NotUnderstood
from symconv.documents.values.entries import (
    Entry,
    is_number,
    letters,
    plain,
    plus,
    quotient,
    shown,
    spend,
    times,
)
from symconv.documents.values.entries import total as added

Value: TypeAlias = "Entry | EntryMatrix"
Reading: TypeAlias = "tuple[Value, str]"
"""A value and a description of its reading, which is empty if there is only one."""


MOST_INVERTED = 16
"""Largest number of rows of a matrix to invert."""


class EntryMatrix:
    """A matrix of exact entries.

    Attributes:
        rows: the entries by row; all rows have the same length.
        listed: whether it was printed as a list, which may be a row or a column by context.
    """

    __slots__ = ("listed", "rows")

    def __init__(self, rows: Sequence[Sequence[Entry]], *, listed: bool = False) -> None:
        self.rows = tuple(tuple(row) for row in rows)
        self.listed = listed

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EntryMatrix) and self.rows == other.rows

    def __hash__(self) -> int:
        return hash(self.rows)

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of rows and columns."""
        return len(self.rows), len(self.rows[0])

    @property
    def size(self) -> str:
        """The shape as text, such as `4x9`."""
        return "x".join(map(str, self.shape))

    @property
    def flat(self) -> tuple[Entry, ...]:
        """The entries in row-major order."""
        return tuple(entry for row in self.rows for entry in row)

    @property
    def letters(self) -> frozenset[str]:
        """The symbols in the entries."""
        return frozenset().union(*(letters(entry) for entry in self.flat))

    @property
    def transpose(self) -> EntryMatrix:
        """The transpose."""
        return EntryMatrix(tuple(zip(*self.rows, strict=True)))

    def map(self, change: Callable[[Entry], Entry]) -> EntryMatrix:
        """Apply a function to every entry."""
        return EntryMatrix(
            [[change(entry) for entry in row] for row in self.rows], listed=self.listed
        )

    def __str__(self) -> str:
        text = "[" + ", ".join("[" + ", ".join(map(shown, row)) + "]" for row in self.rows) + "]"
        return text if len(text) <= 100 else text[:97] + "..."


def add(left: Value, right: Value) -> Value:
    """The sum of two numbers, or of two matrices of the same size.

    Raises:
        SizesDiffer: the matrices have different sizes.
        NotUnderstood: one is a matrix and the other a number.
    """
    if isinstance(left, EntryMatrix) and isinstance(right, EntryMatrix):
        if left.shape != right.shape:
            raise SizesDiffer(f"a {left.size} and a {right.size} matrix cannot be added")
        pairs = zip(left.rows, right.rows, strict=True)
        return EntryMatrix([[plain(a + b) for a, b in zip(r, s, strict=True)] for r, s in pairs])
    if isinstance(left, EntryMatrix) or isinstance(right, EntryMatrix):
        raise NotUnderstood("a matrix plus a number")
    return plus(left, right)


class SizesDiffer(NotUnderstood):
    """Two matrices of different sizes cannot be added."""


def scale(value: Value, factor: Entry) -> Value:
    """Multiply a number or every entry of a matrix by a factor."""
    if isinstance(value, EntryMatrix):
        return value.map(lambda entry: times(entry, factor))
    return times(value, factor)


def divided(value: Value, by: Value) -> Value:
    """Divide a value by a number.

    Raises:
        NotUnderstood: the divisor is a matrix, has symbols, or is zero.
    """
    if isinstance(by, EntryMatrix):
        raise NotUnderstood("a division by a matrix")
    if isinstance(value, EntryMatrix):
        return value.map(lambda entry: quotient(entry, by))
    return quotient(value, by)


def multiply(left: EntryMatrix, right: EntryMatrix) -> EntryMatrix:
    """The matrix product.

    Raises:
        NotUnderstood: the sizes do not match.
    """
    if left.shape[1] != right.shape[0]:
        raise NotUnderstood(f"a {left.size} times a {right.size} matrix")
    spend(len(left.rows) * len(right.rows[0]) * len(right.rows) // 8)
    columns = right.transpose.rows
    return EntryMatrix(
        [
            [
                added([times(a, b) for a, b in zip(row, column, strict=True) if a and b])
                for column in columns
            ]
            for row in left.rows
        ]
    )


def inverse(matrix: EntryMatrix) -> EntryMatrix:
    """The inverse of a square matrix of numbers, by exact Gauss-Jordan elimination.

    Raises:
        NotUnderstood: the matrix is singular, not square, has symbols, or has more than
            `MOST_INVERTED` rows.
    """
    high, wide = matrix.shape
    if high != wide or high > MOST_INVERTED or not all(is_number(e) for e in matrix.flat):
        raise NotUnderstood("an inverse of something that is not a square matrix of numbers")
    spend(8 * high**3)
    rows = [[*row, *(int(r == c) for c in range(high))] for r, row in enumerate(matrix.rows)]
    table, pivots = reduced_echelon(cast("list[list[Rational]]", rows), high)
    if len(pivots) < high:
        raise NotUnderstood("an inverse of a singular matrix")
    return EntryMatrix([[plain(e) for e in row[high:]] for row in table])


def blocks(rows: Sequence[Sequence[Value]]) -> EntryMatrix:
    """Assemble a matrix from blocks of the same size; the number 0 stands for a block of zeros.

    Raises:
        NotUnderstood: the blocks have different sizes, or another number is among them.
    """
    shapes = {cell.shape for row in rows for cell in row if isinstance(cell, EntryMatrix)}
    if len(shapes) != 1:
        raise NotUnderstood("blocks of several sizes")
    ((high, wide),) = shapes
    zeros = EntryMatrix([[0] * wide] * high)
    filled: list[list[EntryMatrix]] = []
    for row in rows:
        filled.append([cell if isinstance(cell, EntryMatrix) else zeros for cell in row])
        if any(not isinstance(cell, EntryMatrix) and cell != 0 for cell in row):
            raise NotUnderstood("numbers among blocks")
    return EntryMatrix([[e for b in row for e in b.rows[r]] for row in filled for r in range(high)])
