"""Exact matrix entries (ints, Fractions, polynomials in symbols) and limits on their arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from fractions import Fraction
from functools import lru_cache

from symconv.core.polynomial import Polynomial
from symconv.documents.tex.nodes import NotUnderstood

Entry = int | Fraction | Polynomial


class TooMuch(NotUnderstood):
    """A statement exceeds the limit of computation, which is more than real pages need."""


STATEMENT = 60_000
"""The budget of one statement, in multiplications of small numbers."""
_LEFT: ContextVar[list[int]] = ContextVar("computation left for the statement that is judged")


@contextmanager
def budget(amount: int = STATEMENT) -> Iterator[None]:
    """Limit the computation inside the `with` block; threads and nested blocks have their own.

    Like `decimal.localcontext`: the arithmetic of entries is called from everywhere, and a
    parameter of every function would say no more.
    """
    token = _LEFT.set([amount])
    try:
        yield
    finally:
        _LEFT.reset(token)


def spend(amount: int) -> None:
    """Charge a computation to the budget before it is done; outside a `budget` there is no limit.

    Raises:
        TooMuch: it exceeds what is left.
    """
    left = _LEFT.get(None)
    if left is not None:
        left[0] -= amount
        if left[0] < 0:
            raise TooMuch("a statement that takes too much computation")


MOST_TERMS = 2_000
MOST_DEGREE = 64
MOST_BITS = 20_000
MOST_POWER = 512


def is_number(entry: Entry) -> bool:
    """Whether an entry has no symbols."""
    return type(entry) is int or type(entry) is Fraction


def plain(entry: Entry) -> Entry:
    """Normalise an entry: an integral Fraction to an int, a constant polynomial to a number."""
    if type(entry) is int:
        return entry
    if type(entry) is Fraction:
        return entry.numerator if entry.denominator == 1 else entry
    scalar = entry.as_scalar  # type: ignore[union-attr] # not a number: a polynomial
    return entry if scalar is None else scalar


@lru_cache(maxsize=10_000)  # the same symbols occur in many cells
def variable(name: str) -> Entry:
    """The polynomial that is a single symbol."""
    return Polynomial.variable(name)


def letters(entry: Entry) -> frozenset[str]:
    """The symbols in an entry."""
    if is_number(entry):
        return frozenset()
    return frozenset(entry.variables)  # type: ignore[union-attr] # not a number: a polynomial


def _size(entry: Entry) -> int:
    return 1 if is_number(entry) else len(entry.terms)  # type: ignore[union-attr] # as above


def times(left: Entry, right: Entry) -> Entry:
    """The product of two entries.

    Raises:
        NotUnderstood: it could exceed `MOST_TERMS` terms or degree `MOST_DEGREE`.
        TooMuch: the statement exceeds its computation budget.
    """
    if type(left) is int and type(right) is int:
        spend(1 + (left.bit_length() * right.bit_length() >> 14))
        return left * right
    spend(_cost(left, right))
    return plain(left * right)


def _cost(left: Entry, right: Entry) -> int:
    """Estimate the cost of a product before it is computed.

    Raises:
        NotUnderstood: it could exceed `MOST_TERMS` terms or degree `MOST_DEGREE`.
    """
    terms = _size(left) * _size(right)
    if terms > MOST_TERMS:
        raise NotUnderstood(f"a product of more than {MOST_TERMS:,} terms")
    degrees = _degree(left) + _degree(right)
    if degrees > MOST_DEGREE:
        raise NotUnderstood(f"a product of degree above {MOST_DEGREE}")
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
    """The sum of two entries."""
    if type(left) is int and type(right) is int:
        return left + right
    spend(1 + (_bits(left) + _bits(right)) // 32)
    return plain(left + right)


def signed_sum(terms: list[tuple[int, Entry]]) -> Entry:
    """The sum of terms, each with the sign 1 or -1."""
    signed = [term if sign == 1 else times(-1, term) for sign, term in terms]
    return plus(*signed) if len(signed) == 2 else total(signed)


def total(entries: list[Entry]) -> Entry:
    """The sum of a list of entries."""
    spend(len(entries) // 4)
    if all(is_number(e) for e in entries):
        return plain(sum(entries))
    return plain(Polynomial.sum(entries))


def quotient(above: Entry, below: Entry) -> Entry:
    """Divide an entry by a number.

    Raises:
        NotUnderstood: the divisor is zero or has symbols.
    """
    if not is_number(below):
        raise NotUnderstood("a division by symbols")
    if below == 0:
        raise NotUnderstood("a division by zero")
    return times(above, Fraction(1) / below)  # type: ignore[operator] # a number


def power(base: Entry, exponent: Entry) -> Entry:
    """Raise an entry to an integer power.

    Raises:
        NotUnderstood: the exponent is not an integer, or the result is too large.
    """
    if not isinstance(exponent, int):
        raise NotUnderstood("an exponent that is not an integer")
    if exponent < 0:
        return quotient(1, power(base, -exponent))
    if exponent > MOST_POWER:
        raise NotUnderstood(f"an exponent above {MOST_POWER}")
    if _bits(base) * exponent > MOST_BITS:
        raise NotUnderstood(f"a power of more than {MOST_BITS:,} bits")
    if is_number(base):
        return plain(base**exponent)  # type: ignore[operator] # a number
    if exponent > MOST_DEGREE:
        raise NotUnderstood(f"a power of degree above {MOST_DEGREE}")
    result: Entry = 1
    for _ in range(exponent):
        result = times(result, base)
    return result


def floor(entry: Entry) -> Entry:
    """Round a number down.

    Raises:
        NotUnderstood: the entry has symbols.
    """
    if not is_number(entry):
        raise NotUnderstood("rounding of symbols")
    return entry.numerator // entry.denominator  # type: ignore[union-attr] # a number


def shown(entry: Entry) -> str:
    """Format an entry in at most 60 characters; a short terminating fraction as a decimal."""
    if _bits(entry) > 1_000:
        return f"a number of about {_bits(entry) * 3 // 10} digits"
    text = str(entry)
    if type(entry) is Fraction:
        from symconv.render.latexmath import finite_decimal  # imported only if needed

        decimal = finite_decimal(entry)
        text = decimal if decimal is not None and len(decimal) < 12 else text
    if len(text) <= 60:
        return text
    return f"a number of {len(text)} digits" if is_number(entry) else text[:57] + "..."
