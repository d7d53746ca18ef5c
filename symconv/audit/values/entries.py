"""Exact entries: ints, Fractions, and polynomials where letters occur.

`symconv.polynomial` is loaded with the first letter: a page of numbers does without it.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from symconv.audit.tex.nodes import NotUnderstood

if TYPE_CHECKING:
    from symconv.polynomial import Polynomial

    Entry = int | Fraction | Polynomial

MOST_TERMS = 2_000
MOST_BITS = 20_000
MOST_POWER = 512


def is_number(entry: Entry) -> bool:
    """Whether no letter is left."""
    return type(entry) is int or type(entry) is Fraction


def plain(entry: Entry) -> Entry:
    """The one form of an entry: a whole Fraction is an int, a constant polynomial a number."""
    if type(entry) is int:
        return entry
    if type(entry) is Fraction:
        return entry.numerator if entry.denominator == 1 else entry
    scalar = entry.as_scalar  # type: ignore[union-attr] # what is no number is a polynomial
    return entry if scalar is None else scalar


def variable(name: str) -> Entry:
    """A letter."""
    from symconv.polynomial import Polynomial

    return Polynomial.variable(name)


def letters(entry: Entry) -> frozenset[str]:
    """The letters of an entry."""
    if is_number(entry):
        return frozenset()
    return frozenset(entry.variables)  # type: ignore[union-attr] # what is no number


def _size(entry: Entry) -> int:
    return 1 if is_number(entry) else len(entry.terms)  # type: ignore[union-attr] # as above


def times(left: Entry, right: Entry) -> Entry:
    """A product.

    Raises:
        NotUnderstood: it would have more than `MOST_TERMS` terms.
    """
    if _size(left) * _size(right) > MOST_TERMS:
        raise NotUnderstood(f"a product of more than {MOST_TERMS:,} terms")
    return plain(left * right)


def plus(left: Entry, right: Entry) -> Entry:
    """A sum."""
    return plain(left + right)


def total(entries: list[Entry]) -> Entry:
    """A sum of many."""
    if all(is_number(e) for e in entries):
        return plain(sum(entries))
    from symconv.polynomial import Polynomial

    return plain(Polynomial.sum(entries))


def quotient(above: Entry, below: Entry) -> Entry:
    """A quotient by a number.

    Raises:
        NotUnderstood: by zero, or by letters.
    """
    if not is_number(below):
        raise NotUnderstood("a quotient by letters")
    if below == 0:
        raise NotUnderstood("a quotient by zero")
    return times(above, Fraction(1) / below)  # type: ignore[operator] # a number


def power(base: Entry, exponent: Entry) -> Entry:
    """A power with a whole exponent.

    Raises:
        NotUnderstood: another exponent, or a result too large to write out.
    """
    if not isinstance(exponent, int):
        raise NotUnderstood("an exponent that is no whole number")
    if exponent < 0:
        return quotient(1, power(base, -exponent))
    if exponent > MOST_POWER:
        raise NotUnderstood(f"an exponent above {MOST_POWER}")
    if is_number(base):
        bits = max(abs(base.numerator), base.denominator).bit_length()  # type: ignore[union-attr]
        if bits * exponent > MOST_BITS:
            raise NotUnderstood(f"a power of more than {MOST_BITS:,} bits")
        return plain(base**exponent)  # type: ignore[operator] # a number
    result: Entry = 1
    for _ in range(exponent):
        result = times(result, base)
    return result


def floor(entry: Entry) -> Entry:
    """Rounded down.

    Raises:
        NotUnderstood: of letters.
    """
    if not is_number(entry):
        raise NotUnderstood("rounding of letters")
    return entry.numerator // entry.denominator  # type: ignore[union-attr] # a number


def shown(entry: Entry) -> str:
    """As text, short enough for one line."""
    text = str(entry)
    return text if len(text) <= 60 else text[:57] + "..."
