"""Gauss-Jordan elimination over the rationals, with the standard library only."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

Rational = int | Fraction


def reduced_echelon(
    rows: Sequence[Sequence[Rational]], columns: int
) -> tuple[list[list[Fraction]], list[int]]:
    """The reduced row echelon form with respect to the first `columns` columns, and its pivots.

    Further columns, such as right-hand sides, are carried along.

    >>> rows, pivots = reduced_echelon([[2, 4, 6], [1, 3, 5]], 2)
    >>> [row[-1] for row in rows], pivots
    ([Fraction(-1, 1), Fraction(2, 1)], [0, 1])
    """
    table = [[Fraction(value) for value in row] for row in rows]
    pivots: list[int] = []
    for column in range(columns):
        top = len(pivots)
        found = next((r for r in range(top, len(table)) if table[r][column]), None)
        if found is None:
            continue
        table[top], table[found] = table[found], table[top]
        head = table[top][column]
        table[top] = [value / head for value in table[top]]
        for r, row in enumerate(table):
            if r != top and row[column]:
                factor = row[column]
                table[r] = [a - factor * b for a, b in zip(row, table[top], strict=True)]
        pivots.append(column)
    return table, pivots
