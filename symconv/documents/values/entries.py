"""Exact entries: ints, Fractions, and polynomials where symbols occur."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from symconv.core.polynomial import Polynomial
from symconv.documents.tex.nodes import NotUnderstood

Entry = int | Fraction | Polynomial


class TooMuch(NotUnderstood):
    """A statement that takes more reckoning than any page needs."""


class Work:
    """The reckoning that is left for one statement, in multiplications of small numbers."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = STATEMENT

    def renew(self, amount: int | None = None) -> None:
        """A new statement begins."""
        self.left = STATEMENT if amount is None else amount

    def spend(self, amount: int) -> None:
        """Reckoning that is about to be done.

        Raises:
            TooMuch: more than is left.
        """
        self.left -= amount
        if self.left < 0:
            raise TooMuch("a statement that takes too much reckoning")


STATEMENT = 60_000
WORK = Work()
MOST_TERMS = 2_000
MOST_DEGREE = 64
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


@lru_cache(maxsize=10_000)  # letters come again in every cell
def variable(name: str) -> Entry:
    """A letter."""
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
        TooMuch: the statement has reckoned enough.
    """
    if type(left) is int and type(right) is int:
        WORK.spend(1 + (left.bit_length() * right.bit_length() >> 14))
        return left * right
    WORK.spend(_cost(left, right))
    return plain(left * right)


def _cost(left: Entry, right: Entry) -> int:
    """What a product takes, counted before it is made."""
    terms = _size(left) * _size(right)
    if terms > MOST_TERMS:
        raise NotUnderstood(f"a product of more than {MOST_TERMS:,} terms")
    degrees = _degree(left) + _degree(right)
    if degrees > MOST_DEGREE:
        raise NotUnderstood(f"a product of a degree above {MOST_DEGREE}")
    bits = _bits(left) + _bits(right)
    return terms * (4 + degrees) + bits // 32


def _degree(entry: Entry) -> int:
    if is_number(entry):
        return 0
    return max(len(monomial) for monomial, _ in entry.terms)  # type: ignore[union-attr] # as above


def _bits(entry: Entry) -> int:
    if type(entry) is int:
        return entry.bit_length()
    if type(entry) is Fraction:
        return max(abs(entry.numerator), entry.denominator).bit_length()
    return 0


def plus(left: Entry, right: Entry) -> Entry:
    """A sum."""
    if type(left) is int and type(right) is int:
        return left + right
    WORK.spend(1 + (_bits(left) + _bits(right)) // 32)
    return plain(left + right)


def signed_sum(terms: list[tuple[int, Entry]]) -> Entry:
    """A sum of terms, each with 1 or -1 before it."""
    signed = [term if sign == 1 else times(-1, term) for sign, term in terms]
    return plus(*signed) if len(signed) == 2 else total(signed)


def total(entries: list[Entry]) -> Entry:
    """A sum of many."""
    WORK.spend(len(entries) // 4)
    if all(is_number(e) for e in entries):
        return plain(sum(entries))
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
    if _bits(base) * exponent > MOST_BITS:
        raise NotUnderstood(f"a power of more than {MOST_BITS:,} bits")
    if is_number(base):
        return plain(base**exponent)  # type: ignore[operator] # a number
    if exponent > MOST_DEGREE:
        raise NotUnderstood(f"a power of a degree above {MOST_DEGREE}")
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
    """As text, short enough for one line; a fraction that ends as a decimal."""
    if _bits(entry) > 1_000:
        return f"a number of about {_bits(entry) * 3 // 10} digits"
    text = str(entry)
    if type(entry) is Fraction:
        from symconv.render.latexmath import finite_decimal  # loaded where something differs

        decimal = finite_decimal(entry)
        text = decimal if decimal is not None and len(decimal) < 12 else text
    if len(text) <= 60:
        return text
    return f"a number of {len(text)} digits" if is_number(entry) else text[:57] + "..."
