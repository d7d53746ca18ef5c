"""Breaking long formulas into lines that fit, for any output format.

A chain is split into pieces before its relations and before the signs of its sums; each writer
passes a function that measures the width of a piece. In a piece that is too wide for a line, the
matrices are elided.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from symconv.core.polynomial import as_polynomial
from symconv.render.tree import Chain, Dots, Math, Matrix, Product, Struck, Sum, Value

Measure = Callable[[Math], float]


@dataclass(frozen=True, slots=True)
class Limits:
    """Size limits of formulas in one output format.

    Attributes:
        width: the width of a line, in the writer's unit.
        height: the height of a display, which cannot be broken across pages, in matrix rows.
        max_rows: the number of matrix rows shown, None for all.
        max_columns: the number of matrix columns shown, None for as many as fit the width.
        scrolls: whether the reader can scroll to see what is wider than a line.
    """

    width: float
    height: int = 32
    max_rows: int | None = 24
    max_columns: int | None = None
    scrolls: bool = False


WHOLE = 10
"""Matrices with at most this many columns are set in small type if that avoids eliding columns."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line: the sign in front of it (a relation, `+` or empty) and the formula."""

    sign: str
    math: Math


def pieces(chain: Chain) -> list[Piece]:
    """The chain split before each relation, and before each term of a sum on a right-hand side."""
    cut = [Piece("", chain.sides[0])]
    for relation, side in zip(chain.relations, chain.sides[1:], strict=True):
        terms = side.terms if isinstance(side, Sum) and side.terms else (side,)
        cut += [Piece("+" if n else relation, term) for n, term in enumerate(terms)]
    return cut


def elided(matrix: Matrix, max_rows: int | None, max_columns: int | None) -> Matrix:
    """The matrix with dots in place of rows and columns beyond the limits (None: no limit).

    Dots count as one row or column, and a limit below 3 is treated as 3.
    """
    rows = _kept(len(matrix.rows), max_rows)
    columns = _kept(len(matrix.rows[0]), max_columns)

    def cell(r: int | None, c: int | None) -> Math | None:
        if r is None:
            return Dots("row") if c is not None else Dots("both")
        return Dots("column") if c is None else matrix.rows[r][c]

    kept = tuple(tuple(cell(r, c) for c in columns) for r in rows)
    places = {
        (rows.index(r), columns.index(c))
        for r, c in matrix.highlights
        if r in rows and c in columns
    }
    return replace(matrix, rows=kept, highlights=frozenset(places))


def _kept(count: int, limit: int | None) -> list[int | None]:
    """The positions out of `count` that are kept, with None for the dots.

    If the kept positions cannot be halved, the larger half comes from the front.
    """
    if limit is None or count <= limit:
        return list(range(count))
    limit = max(limit, 3)
    last = (limit - 1) // 2
    first = limit - 1 - last
    return [*range(first), None, *range(count - last, count)]


def fitted(matrix: Matrix, measure: Measure, limits: Limits) -> Matrix:
    """The matrix cut down to the limits.

    Rows are elided to `max_rows`. A matrix that is too wide is set in small type if it has at most
    `WHOLE` columns and then fits (if `limits.scrolls`, it stays as it is). Otherwise columns are
    left out until it fits or shows 3, unless `max_columns` fixes their number.
    """
    shown = elided(matrix, limits.max_rows, limits.max_columns)
    columns = len(shown.rows[0])
    if columns <= WHOLE and measure(shown) > limits.width:
        small = replace(shown, small=True)
        if limits.scrolls or measure(small) <= limits.width:
            return shown if limits.scrolls else small
    while limits.max_columns is None and columns > 3 and measure(shown) > limits.width:
        over = measure(shown) - limits.width
        columns -= max(1, int(over * columns / measure(shown)))
        columns = max(columns, 3)
        shown = elided(matrix, limits.max_rows, columns)
    return shown


def _fitted_product(product: Product, measure: Measure, limits: Limits) -> Product:
    """The product with each matrix in turn cut down to the width that the other factors leave."""
    factors = list(product.factors)
    for n, factor in enumerate(factors):
        if isinstance(factor, Matrix):
            others = measure(replace(product, factors=tuple(factors))) - measure(factor)
            own = replace(limits, width=limits.width - others)
            factors[n] = fitted(factor, measure, own)
    return replace(product, factors=tuple(factors))


def broken(chain: Chain, measure: Measure, limits: Limits) -> list[list[Piece]]:
    """The chain as lines of pieces; the first line starts with the left-hand side."""
    cut = pieces(chain)
    head = measure(cut[0].math)
    room = max(limits.width - head, limits.width / 4)
    inner = replace(limits, width=room)
    lines: list[list[Piece]] = [[cut[0]]]
    used = 0.0
    sign_width = measure(Chain((cut[0].math, cut[0].math), ("=",))) - 2 * head
    for piece in cut[1:]:
        math = piece.math
        if isinstance(math, Matrix):
            math = fitted(math, measure, inner)
        elif isinstance(math, Product):
            math = _fitted_product(math, measure, inner)
        width = measure(math) + sign_width
        if used and used + width > room:
            lines.append([])
            used = 0.0
        lines[-1].append(Piece(piece.sign, math))
        used += width
    return lines


def height(math: Math) -> int:
    """The height of a formula in lines; a built-up fraction counts as two."""
    if isinstance(math, Matrix):
        return sum(max((height(c) for c in row if c is not None), default=1) for row in math.rows)
    if isinstance(math, Value):
        terms = as_polynomial(math.value).terms
        return 1 if math.decimal or all(c.denominator == 1 for _, c in terms) else 2
    if isinstance(math, Struck):
        return 1 if math.inner is None else height(math.inner)
    parts: tuple[Math, ...] = ()
    if isinstance(math, Product):
        parts = math.factors
    elif isinstance(math, Sum):
        parts = math.terms
    elif isinstance(math, Chain):
        parts = math.sides
    return max(map(height, parts), default=1)


def grouped(
    chains: list[list[list[Piece]]], limits: Limits
) -> list[list[tuple[bool, list[Piece]]]]:
    """The lines of several chains, grouped into displays of at most `limits.height`.

    A line is `(whether it starts a chain, its pieces)`. A chain stays in one display if it fits;
    otherwise it continues in the next one.
    """
    displays: list[list[tuple[bool, list[Piece]]]] = [[]]
    used = 0
    for lines in chains:
        heights = [max(height(piece.math) for piece in line) for line in lines]
        if used and used + sum(heights) > limits.height:
            displays.append([])
            used = 0
        for n, (line, rows) in enumerate(zip(lines, heights, strict=True)):
            if used and used + rows > limits.height:
                displays.append([])
                used = 0
            displays[-1].append((n == 0, line))
            used += rows
    return displays
