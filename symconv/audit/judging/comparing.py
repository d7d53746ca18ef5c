"""Two sides compared: in every pair of readings, then as the page may have rounded."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from symconv.audit.judging.sides import Side
from symconv.audit.tex.nodes import Grid, Node, NotUnderstood, Number, Sum, divides
from symconv.audit.values.entries import is_number
from symconv.audit.values.evaluating import Evaluator
from symconv.audit.values.matrix import Matrix

if TYPE_CHECKING:
    from symconv.audit.values.entries import Entry
    from symconv.audit.values.evaluating import Reading
    from symconv.audit.values.matrix import Value


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
        return None
    if value.flat != other.flat:
        return None
    if value.listed or other.listed:
        return "a list as a row or column" if 1 in value.shape + other.shape else None
    if 1 in value.shape and 1 not in other.shape:
        return "row by row"
    if 1 in other.shape and 1 not in value.shape:
        return "row by row"
    return None


def rounded(exact: Side, printed: Side, *, loosely: bool) -> str | None:
    """How the printed side follows from the exact one by rounding, None if it does not.

    A quotient may be rounded down, as sizes are; a value that has no end may be rounded to the
    digits that are printed. `loosely`: the page says that they are about equal.
    """
    node = exact.node
    assert node is not None
    value, shown = exact.readings[0][0], printed.readings[0][0]
    if divides(node) and not isinstance(value, Matrix):
        try:
            down = Evaluator(rounding_down=True).readings(node)[0][0]
        except NotUnderstood:
            down = value
        if down == shown:
            return "the quotient rounded down"
    digits = _digits(printed.node)
    if isinstance(value, Matrix) and isinstance(shown, Matrix):
        if value.shape != shown.shape or len(digits) != len(shown.flat):
            return None
        pairs = list(zip(value.flat, shown.flat, digits, strict=True))
        if all(a == b or _rounds(a, b, d, loosely) for a, b, d in pairs):
            return _rounded_words(max((d or 0 for d in digits), default=0))
        return None
    if isinstance(value, Matrix) or isinstance(shown, Matrix) or len(digits) != 1:
        return None
    if _rounds(value, shown, digits[0], loosely):
        return _rounded_words(digits[0] or 0)
    if loosely and is_number(value) and is_number(shown) and value:
        near = abs(Fraction(value) - Fraction(shown)) * 20 <= abs(Fraction(value))  # type: ignore[arg-type] # numbers
        return "about equal" if near else None
    return None


def _rounded_words(digits: int) -> str:
    return f"rounded to {digits} decimal{'' if digits == 1 else 's'}"


def _rounds(value: Entry, shown: Entry, digits: int | None, loosely: bool) -> bool:
    """Half a unit in the last digit; two digits at least, unless the value has no end."""
    if not is_number(value) or not is_number(shown) or (digits is None and not loosely):
        return False
    exact, places = Fraction(value), digits or 0  # type: ignore[arg-type] # numbers
    if not loosely and places < 2 and not _endless(exact):
        return False
    apart = abs(exact - Fraction(shown))  # type: ignore[arg-type] # numbers
    return bool(apart * 2 * 10**places <= 1)


def _endless(value: Fraction) -> bool:
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest != 1


def _digits(node: Node | None) -> list[int | None]:
    """The printed decimals of a number, or of every cell of a printed matrix."""
    if isinstance(node, Sum) and len(node.terms) == 1:
        return _digits(node.terms[0][1])
    if isinstance(node, Number):
        return [node.digits]
    if isinstance(node, Grid):
        cells = [cell for row in node.rows for cell in row]
        return [(_digits(cell) or [None])[0] if cell is not None else None for cell in cells]
    return []
