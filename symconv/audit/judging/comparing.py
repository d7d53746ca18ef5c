"""Two sides compared: in every pair of readings, then as the page may have rounded."""

from __future__ import annotations

from fractions import Fraction

from symconv.audit.judging.intervals import has_decimals
from symconv.audit.judging.sides import Side
from symconv.audit.tex.nodes import (
    Grid,
    Node,
    Number,
    Power,
    Product,
    Sum,
    Wrapped,
    divides,
)
from symconv.audit.values.entries import is_number
from symconv.audit.values.matrix import Matrix, Reading, Value

MOST_EXPONENT = 400


def agree(left: Side, right: Side) -> str | None:
    """The words for the first readings of two sides that agree, the matrix product tried first."""
    plain = agreement(left.plain, right.plain)
    return plain if plain is not None else agreement(left.readings, right.readings)


def agreement(left: list[Reading], right: list[Reading]) -> str | None:
    """The words for the first readings that agree, None if none do."""
    for value, words in left:
        for other, others in right:
            how = _same(value, other)
            if how is not None:
                return "; ".join(dict.fromkeys(w for w in (words, others, how) if w))
    return None


def _same(value: Value, other: Value) -> str | None:
    if value == other:
        return ""
    if not isinstance(value, Matrix) or not isinstance(other, Matrix):
        for one, two in ((value, other), (other, value)):
            if isinstance(one, Matrix) and one.shape == (1, 1) and one.flat[0] == two:
                return "a 1x1 matrix as its number"
            if isinstance(one, Matrix) and two == 0 and not any(one.flat):
                return "0 for a matrix of zeros"
        return None
    if value.flat != other.flat:
        return None
    if value.listed or other.listed:
        return "a list as a row or column" if 1 in value.shape + other.shape else None
    return "row by row" if (1 in value.shape) != (1 in other.shape) else None


def rounded(exact: Side, printed: Side, *, loosely: bool) -> str | None:
    """How the printed side follows from the exact one by rounding, None if it does not.

    A quotient may be rounded down, as sizes are; a value may be rounded to the digits that are
    printed, cut off after them, or be what binary floating point prints for it. `loosely`: the page
    says that they are about equal.
    """
    node = exact.node
    assert node is not None
    value, shown = exact.readings[0][0], printed.readings[0][0]
    if not isinstance(value, Matrix) and not isinstance(shown, Matrix):
        if not is_number(value) or not is_number(shown):
            return None
        a, b = Fraction(value), Fraction(shown)  # type: ignore[arg-type] # numbers
        literal = isinstance(printed.node, Number) and printed.node.digits is None
        if literal and b.denominator == 1 and b >= 1 and a // 1 == b and _is_quotient(node):
            return "the quotient rounded down"
        return _near(a, b, printed.node, decimals=has_decimals(node), loosely=loosely)
    if not isinstance(value, Matrix) or not isinstance(shown, Matrix):
        return None
    cells = _cells(printed.node)
    if value.shape != shown.shape or len(cells) != len(shown.flat):
        return None
    words = ""
    for a_cell, b_cell, cell in zip(value.flat, shown.flat, cells, strict=True):
        if a_cell == b_cell:
            continue
        if not is_number(a_cell) or not is_number(b_cell) or cell is None:
            return None
        pair = Fraction(a_cell), Fraction(b_cell)  # type: ignore[arg-type] # numbers
        how = _near(*pair, cell, decimals=False, loosely=False)
        if how is None:
            return None
        words = how
    return words


def _is_quotient(node: Node) -> bool:
    """One quotient, alone or in a sum, at the top: what sizes are; or a decimal number."""
    parts = [part for _, part in node.terms] if isinstance(node, Sum) else [node]
    quotients = [p for p in parts if isinstance(p, Product) and p.factors[-1][0] == "/"]
    rest = [p for p in parts if p not in quotients]
    if not quotients:
        return False
    return (
        len(quotients) == 1
        and not any(divides(p) for p in rest)
        and not any(isinstance(p, Wrapped) for p in parts)
    )


def _near(
    value: Fraction, shown: Fraction, node: Node | None, *, decimals: bool, loosely: bool
) -> str | None:
    """Why a printed number stands for a value; `decimals`: that comes from decimals."""
    apart = abs(value - shown)
    printed = _printed(node)
    if printed is not None:
        places, unit = printed
        if places >= 12 and apart <= abs(value) / 10**12:
            return "as binary floating point prints it"
        if places > 0 or decimals or loosely:
            if apart * 2 <= unit:
                return f"rounded to {places} decimal{'' if places == 1 else 's'}"
            if places >= 2 and 0 <= abs(value) - abs(shown) < unit:
                return f"cut off after {places} decimals"
    if loosely and value and apart * 5 <= abs(value):
        return "about equal"
    return None


def _printed(node: Node | None) -> tuple[int, Fraction] | None:
    """The decimals of a printed number and one unit in its last one; of `2.4 x 10^6` too."""
    if isinstance(node, Sum) and len(node.terms) == 1:
        return _printed(node.terms[0][1])
    if isinstance(node, Number):
        places = node.digits or 0
        return places, Fraction(1, 10**places)
    if isinstance(node, Product) and len(node.factors) == 2:
        (_, head), (sign, tail) = node.factors
        base = tail.base if isinstance(tail, Power) else None
        if sign in ("·", "×") and isinstance(head, Number) and isinstance(base, Number):
            exponent = tail.exponent if isinstance(tail, Power) else None
            if isinstance(exponent, Sum) and len(exponent.terms) == 1:
                sign_of, exponent = exponent.terms[0]
            else:
                sign_of = 1
            if base.values[0] == 10 and isinstance(exponent, Number):
                power = sign_of * int(exponent.values[0])
                if abs(power) <= MOST_EXPONENT:
                    places = head.digits or 0
                    return max(places, 1), Fraction(10) ** (power - places)
    return None


def _cells(node: Node | None) -> list[Node | None]:
    """The cells of a printed matrix."""
    return [cell for row in node.rows for cell in row] if isinstance(node, Grid) else []
