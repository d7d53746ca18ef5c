"""Two sides with values: right, wrong, or why neither can be said."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import comb, prod

from symconv.audit.claim import DEFINES, DOUBTFUL, GENERAL, RIGHT, WRONG, Finding
from symconv.audit.judging.comparing import agree, rounded
from symconv.audit.judging.intervals import has_decimals, interval, meet
from symconv.audit.judging.sides import Side, computes
from symconv.audit.tex.nodes import (
    Grid,
    Listed,
    Node,
    NotUnderstood,
    Number,
    Product,
    Sum,
    Symbol,
    has_list,
    symbols,
)
from symconv.audit.values.entries import is_number, letters
from symconv.audit.values.matrix import Matrix, Value

ORDER = 8
"""Numbers that a page calls about equal are doubted only where they are this many times apart."""


def judge_pair(left: Side, right: Side, *, loose: bool) -> Finding:
    """Two sides that are said to be equal; `loose`: only about."""
    how = holds(left, right, loose=loose)
    if how is not None:
        return Finding(RIGHT, how, right.at)
    exact, printed = (right, left) if left.written_out and not right.written_out else (left, right)
    if within_digits(exact, printed):
        return Finding(GENERAL, "agrees within half a unit of the last printed digits", printed.at)
    value, other = exact.readings[0][0], printed.readings[0][0]
    if _names_cells(value, other):
        return Finding(DEFINES, "names for the parts", printed.at)
    no_claim = _no_claim(exact, printed)
    if no_claim:
        return Finding(GENERAL, no_claim, printed.at)
    from symconv.audit.judging.hints import hint, told  # loaded where something differs

    near = None if isinstance(other, Matrix) and not printed.written_out else _closest(exact, other)
    note, at = told(near or exact.readings[0], other, printed)
    cause = hint(exact.node, other)
    note = f"{cause}. As it stands: {note}" if cause else note
    if loose:
        far = _orders_apart(value, other)
        said = "the page says that they are about equal"
        return Finding(
            DOUBTFUL if far else GENERAL,
            f"{note}. Doubtful: {said}" if far else f"{said}: {note}",
            at,
        )
    doubt = _doubt(exact, printed, near)
    if doubt:
        return Finding(DOUBTFUL, f"{note}. Doubtful: {doubt}", at)
    return Finding(WRONG, note, at)


def holds(left: Side, right: Side, *, loose: bool = False) -> str | None:
    """The words for how two sides agree, None if they do not."""
    how = agree(left, right)
    if how is None:
        how = rounded(left, right, loosely=loose)
    return rounded(right, left, loosely=loose) if how is None else how


def within_digits(exact: Side, printed: Side, names: Mapping[str, Node] | None = None) -> bool:
    """Whether two sides agree within the digits that are printed: inputs were rounded, too."""
    left, right = exact.node, printed.node
    shown = [left, right, *(names or {}).values()]
    if left is None or right is None or not any(map(has_decimals, shown)):
        return False
    try:
        return meet(interval(left, names), interval(right, names))
    except NotUnderstood:
        return False


def _orders_apart(value: Value, other: Value) -> bool:
    """Whether two numbers that are about equal differ by an order of magnitude: a slip, then."""
    if isinstance(value, Matrix) or isinstance(other, Matrix):
        return False
    if not is_number(value) or not is_number(other):
        return False
    a, b = abs(Fraction(value)), abs(Fraction(other))  # type: ignore[arg-type] # numbers
    return bool(a and b) and max(a, b) >= ORDER * min(a, b)


def _closest(exact: Side, printed: Value) -> tuple[Value, str] | None:
    """The one reading that all but a few printed cells are of, and no other is near.

    What a sign between matrices means is not known; but where three quarters of the cells are those
    of one reading, and at most half of any other's, that reading is meant.
    """
    if not isinstance(printed, Matrix):
        return None
    count = len(printed.flat)
    found: list[tuple[int, tuple[Value, str]]] = []
    for value, words in exact.readings:
        if isinstance(value, Matrix) and value.shape == printed.shape:
            pairs = zip(value.flat, printed.flat, strict=True)
            found.append((sum(a == b for a, b in pairs), (value, words)))
    found.sort(key=lambda item: -item[0])
    if not found or found[0][0] * 4 < count * 3 or count < 4:
        return None
    if len(found) > 1 and found[1][0] * 2 > count:
        return None
    return found[0][1]


def _no_claim(exact: Side, printed: Side) -> str:
    """Why nothing is claimed although the values differ; empty where something is."""
    value, other = exact.readings[0][0], printed.readings[0][0]
    mine, others = _letters(value), _letters(other)
    if mine != others:
        return "the letters of the two sides are not the same: an equation, or values for letters"
    if _is_shape(printed.node) and not printed.missing:
        return "sizes written with a sign of multiplication"
    if _is_shape(exact.node) and _shapes_multiplied(printed.node):
        return "sizes written with a sign of multiplication"
    if _holds_as_binomials(exact.node, printed.node):
        return "it holds for binomial coefficients, one number above the other"
    if mine and (
        _is_unknown_of(exact.node, printed.node) or _is_unknown_of(printed.node, exact.node)
    ):
        return "an equation to be solved: the same unknowns on both sides"
    if mine and not computes(exact.node) and not computes(printed.node):
        return "two matrices of letters may be set equal on purpose"
    nodes = (exact.node, printed.node)
    lists = [n for n in nodes if n is not None and has_list(n)]
    if isinstance(value, Matrix) != isinstance(other, Matrix):
        return "a list or a bracket, and a number" if lists else ""
    if not isinstance(value, Matrix) or not isinstance(other, Matrix):
        return ""
    if isinstance(exact.node, Product) and sum(_flat(n) for _, n in exact.node.factors) > 1:
        return "lists with a sign of multiplication"
    if value.shape != other.shape and exact.node is not None and has_list(exact.node):
        return "lists may be joined by such a sign"
    if value.shape == other.shape == (1, 1) and all(map(has_list, filter(None, nodes))):
        return "a bracket around one number"
    return ""


def _shapes_multiplied(node: Node | None) -> bool:
    """`(3 x 4)(4 x 2)`."""
    return isinstance(node, Product) and all(_is_shape(part) for _, part in node.factors)


def _holds_as_binomials(left: Node | None, right: Node | None) -> bool:
    """Whether columns of two whole numbers, read as binomial coefficients, make it true."""
    values = [_binomials(node) for node in (left, right)]
    return values[0] is not None and values[0] == values[1]


def _binomials(node: Node | None) -> int | Fraction | None:
    if isinstance(node, Number):
        return node.values[0]
    if isinstance(node, Grid):
        cells = [row[0] for row in node.rows if len(row) == 1]
        if len(cells) != 2 or len(node.rows) != 2 or not node.round_brackets:
            return None
        above, below = (c.values[0] if isinstance(c, Number) else None for c in cells)
        fits = isinstance(above, int) and isinstance(below, int) and 0 <= below <= above <= 1_000
        return comb(above, below) if fits else None  # type: ignore[arg-type] # just asked
    if isinstance(node, Product) and all(sign in ("", "·", "×") for sign, _ in node.factors):
        factors = [_binomials(part) for _, part in node.factors]
        if all(value is not None for value in factors):
            return prod(value for value in factors if value is not None)
    if isinstance(node, Sum):
        parts = [(sign, _binomials(part)) for sign, part in node.terms]
        if all(value is not None for _, value in parts):
            return sum(sign * value for sign, value in parts if value is not None)
    return None


def _is_unknown_of(node: Node | None, other: Node | None) -> bool:
    """Whether one side is a matrix of letters, or a multiple of one, that the other side uses."""
    unknown = _letter_grid(node)
    return unknown is not None and any(
        isinstance(part, Grid) and _grid_key(part) == unknown for part in _parts_of(other)
    )


def _letter_grid(node: Node | None) -> tuple[object, ...] | None:
    """The names of a matrix of single letters, perhaps times a number."""
    if isinstance(node, Product) and len(node.factors) == 2:
        node = next((part for _, part in node.factors if isinstance(part, Grid)), None)
    if isinstance(node, Sum) and len(node.terms) == 1:
        node = node.terms[0][1]
    if not isinstance(node, Grid):
        return None
    return _grid_key(node)


def _grid_key(grid: Grid) -> tuple[object, ...] | None:
    """The letters of each cell, each with or without a number before it."""
    found: list[object] = []
    for row in grid.rows:
        for cell in row:
            names = symbols(cell) if cell is not None else set()
            if isinstance(cell, Product) and not all(
                isinstance(p, (Number, Symbol)) for _, p in cell.factors
            ):
                return None
            if cell is None or len(names) != 1 or not isinstance(cell, (Symbol, Product)):
                return None
            found.append(next(iter(names)))
    return tuple(found) or None


def _parts_of(node: Node | None) -> list[Node]:
    """Factors and terms at the top of a formula."""
    if isinstance(node, Sum):
        return [p for _, part in node.terms for p in _parts_of(part)]
    if isinstance(node, Product):
        return [part for _, part in node.factors]
    return [] if node is None else [node]


def _is_shape(node: Node | None) -> bool:
    """`4 x 9`: whole numbers with that sign between them."""
    if not isinstance(node, Product):
        return False
    numbers = all(isinstance(part, Number) and part.digits is None for _, part in node.factors)
    return numbers and all(sign == "×" for sign, _ in node.factors[1:])


def _flat(node: Node) -> bool:
    """A list of no lists: not a matrix, but a tuple, a size, a vector."""
    return isinstance(node, Listed) and not any(isinstance(n, Listed) for n in node.items)


def _doubt(exact: Side, printed: Side, near: tuple[Value, str] | None) -> str:
    """Why a difference is not called wrong."""
    from symconv.audit.judging.openness import open_reading

    value, other = exact.readings[0][0], printed.readings[0][0]
    if exact.called or printed.called:
        return "a letter before a bracket may be a function"
    if near is not None:
        return ""
    if _letters(value) and isinstance(value, Matrix) and isinstance(other, Matrix):
        same = sum(a == b for a, b in zip(value.flat, other.flat, strict=False))
        if value.shape == other.shape and 2 * same < len(other.flat):
            return "most cells differ: an equation, or another meaning of the letters"
    size = other.shape if isinstance(other, Matrix) else None
    if isinstance(value, Matrix) != isinstance(other, Matrix):
        if {getattr(value, "shape", (1, 1)), getattr(other, "shape", (1, 1))} != {(1, 1)}:
            return "one side is a matrix, the other a number"
        size = (1, 1)
    reason = open_reading(exact.node, size) or open_reading(printed.node, size)
    if reason:
        return reason
    if isinstance(value, Matrix) and isinstance(other, Matrix) and value.shape != other.shape:
        if set(value.flat) == set(other.flat) or value.transpose == other:
            return "the same entries in another shape"
        if not computes(exact.node):
            return "two matrices of different sizes may be set side by side on purpose"
    return ""


def _letters(value: Value) -> frozenset[str]:
    return value.letters if isinstance(value, Matrix) else letters(value)


def _names_cells(value: Value, other: Value) -> bool:
    """A matrix of new single names on one side, and none of them on the other."""
    for names, rest in ((other, value), (value, other)):
        if not isinstance(names, Matrix) or not isinstance(rest, Matrix):
            return False
        single = all(
            not is_number(e) and len(letters(e)) == 1 and str(e) in letters(e) for e in names.flat
        )
        same = names.shape == rest.shape or names.listed
        if single and same and not names.letters & rest.letters:
            return True
    return False
