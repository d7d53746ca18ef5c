"""A table of exact polynomials; tensors hold their row numbers, the handles.

Handle 0 is the polynomial 0, handle 1 the polynomial 1. A monomial has at most three variables,
each a 20-bit number, packed into one int64 with the largest number in the lowest bits.
Coefficients are Python's ints and Fractions.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from symconv.tracing.refusing import Refused

Array = np.ndarray[Any, Any]

BITS = 20
MASK = (1 << BITS) - 1
MOST_TERMS = 20_000_000
"""Most terms processed in one run; more would take over a minute, and no page could show them."""

Name = tuple[str, tuple[int, ...]]


class PolynomialTable:
    """Polynomials by their handles.

    Attributes:
        names: `(letter, index)` of each variable; variables are numbered from 1.
    """

    def __init__(self) -> None:
        """Start with the polynomials 0 and 1."""
        self._start, self._length = np.zeros(2, np.int64), np.array([0, 1], np.int64)
        self._monomials, self._coefficients = np.zeros(64, np.int64), np.zeros(64, object)
        self._coefficients[0] = 1
        self._used = 1
        self._constants: dict[Fraction, int] = {Fraction(0): 0, Fraction(1): 1}
        self._handled = 0
        self.names: list[Name] = [("", ())]

    def _append(self, lengths: Array, monomials: Array, coefficients: Array) -> Array:
        """Append rows and return their handles."""
        first, needed = len(self._start), self._used + len(monomials)
        if needed > len(self._monomials):
            room = max(needed, 2 * len(self._monomials))
            grown, more = np.zeros(room, np.int64), np.zeros(room, object)
            grown[: self._used] = self._monomials[: self._used]
            more[: self._used] = self._coefficients[: self._used]
            self._monomials, self._coefficients = grown, more
        self._monomials[self._used : needed] = monomials
        self._coefficients[self._used : needed] = coefficients
        starts = self._used + np.cumsum(lengths) - lengths
        self._start = np.concatenate([self._start, starts])
        self._length = np.concatenate([self._length, lengths])
        self._used = needed
        return np.arange(first, first + len(lengths))

    def variables(self, letter: str, shape: tuple[int, ...]) -> Array:
        """Handles of fresh variables, one for every element of `shape`.

        Raises:
            Refused: there are more variables than 20 bits can number.
        """
        first, count = len(self.names), math.prod(shape)
        if first + count > MASK:
            raise Refused(f"more than {MASK:,} variables; use smaller sizes")
        self.names += [(letter, index) for index in np.ndindex(*shape)]
        ones = np.ones(count, np.int64)
        handles = self._append(ones, np.arange(first, first + count), ones.astype(object))
        return handles.reshape(shape)

    def constants(self, values: Array) -> Array:
        """The handles of an array of numbers.

        Raises:
            Refused: the array has a complex dtype, or holds inf or nan.
        """
        if values.dtype.kind == "c":
            raise Refused("a complex constant")
        distinct, inverse = np.unique(values.reshape(-1), return_inverse=True)
        found = [self._constant(value) for value in distinct.tolist()]
        return np.array(found, np.int64)[inverse.reshape(-1)].reshape(values.shape)

    def _constant(self, value: float | int) -> int:
        if isinstance(value, float) and not math.isfinite(value):
            raise Refused(f"the constant {value}")
        exact = Fraction(value)
        if exact not in self._constants:
            one = np.ones(1, np.int64)
            coefficient = np.array([_plain(exact)], object)
            self._constants[exact] = int(self._append(one, 0 * one, coefficient)[0])
        return self._constants[exact]

    def combine(
        self,
        to: Array,
        left: Array,
        right: Array | None = None,
        factors: Array | None = None,
        *,
        count: int,
    ) -> Array:
        """`count` handles: row n is the sum of `factors * left * right` over all positions where
        `to == n`. `right` and `factors` may be left out.

        Raises:
            Refused: a product has more than three variables, or there are more than `MOST_TERMS`.
        """
        lengths = self._length[left]
        others = np.ones_like(lengths) if right is None else self._length[right]
        kept = (lengths > 0) & (others > 0)
        if factors is not None:
            kept &= factors != 0
        if not kept.all():
            to, left, lengths, others = to[kept], left[kept], lengths[kept], others[kept]
            right = None if right is None else right[kept]
            factors = None if factors is None else factors[kept]
        result = np.zeros(count, np.int64)
        if not len(left):
            return result
        each = lengths * others
        total = int(each.sum())
        self._handled += total
        if self._handled > MOST_TERMS:
            raise Refused(f"more than {MOST_TERMS:,} terms; use smaller sizes")
        row = np.repeat(np.arange(len(left)), each)
        inside = np.arange(total) - np.repeat(np.cumsum(each) - each, each)
        at = self._start[left][row] + inside // others[row]
        monomials, coefficients = self._monomials[at], self._coefficients[at]
        if right is not None:
            at = self._start[right][row] + inside % others[row]
            monomials = _multiplied(monomials, self._monomials[at])
            coefficients = coefficients * self._coefficients[at]
        if factors is not None:
            coefficients = coefficients * factors[row]
        return self._collected(to[row], monomials, coefficients, result)

    def _collected(self, to: Array, monomials: Array, coefficients: Array, result: Array) -> Array:
        """Add up equal monomials of each row; store the handles of the nonzero rows in `result`."""
        order = np.lexsort((monomials, to))
        to, monomials, coefficients = to[order], monomials[order], coefficients[order]
        new = np.ones(len(to), bool)
        new[1:] = (to[1:] != to[:-1]) | (monomials[1:] != monomials[:-1])
        first = np.flatnonzero(new)
        sums = np.add.reduceat(coefficients, first)
        filled = sums != 0
        to, monomials, sums = to[first][filled], monomials[first][filled], sums[filled]
        lengths = np.bincount(to, minlength=len(result)).astype(np.int64)
        some = np.flatnonzero(lengths)
        result[some] = self._append(lengths[some], monomials, sums)
        return result

    def scaled(self, handles: Array, factor: Fraction) -> Array:
        """Each polynomial times a number."""
        if factor == 1:
            return handles
        distinct, inverse = np.unique(handles, return_inverse=True)
        places = np.arange(len(distinct))
        factors = np.full(len(distinct), _plain(factor), object)
        made = self.combine(places, distinct, None, factors, count=len(distinct))
        return made[inverse.reshape(-1)].reshape(handles.shape)

    def added(self, left: Array, right: Array, factor: Fraction = Fraction(1)) -> Array:
        """`left + factor * right`, elementwise, on flat arrays of handles."""
        if factor != 1:
            right = self.scaled(right, factor)
        result = np.where(left == 0, right, left)
        both = np.flatnonzero((left != 0) & (right != 0))
        if len(both):
            places = np.tile(np.arange(len(both)), 2)
            parts = np.concatenate([left[both], right[both]])
            result[both] = self.combine(places, parts, count=len(both))
        return result

    def multiplied(self, left: Array, right: Array) -> Array:
        """`left * right`, elementwise, on flat arrays of handles."""
        result = np.where(left == 1, right, np.where(right == 1, left, 0))
        both = np.flatnonzero((left > 1) & (right > 1))
        if len(both):
            pairs = np.stack([left[both], right[both]])
            distinct, inverse = np.unique(pairs, axis=1, return_inverse=True)
            count = distinct.shape[1]
            made = self.combine(np.arange(count), distinct[0], distinct[1], count=count)
            result[both] = made[inverse.reshape(-1)]
        return result

    def terms(self, handle: int) -> dict[tuple[Name, ...], Any]:
        """One polynomial as `{variables: coefficient}`."""
        start, length = int(self._start[handle]), int(self._length[handle])
        found = {}
        for n in range(start, start + length):
            packed = int(self._monomials[n])
            numbers = (packed >> 2 * BITS, packed >> BITS & MASK, packed & MASK)
            found[tuple(sorted(self.names[v] for v in numbers if v))] = self._coefficients[n]
        return found

    def number(self, handle: int) -> Fraction:
        """The value of a constant polynomial.

        Raises:
            Refused: the polynomial depends on the inputs.
        """
        terms = self.terms(handle)
        if any(terms):
            raise Refused("a value that depends on the inputs is required as a number")
        return Fraction(terms.get((), 0))


def _plain(value: Fraction) -> int | Fraction:
    return value.numerator if value.denominator == 1 else value


def _multiplied(left: Array, right: Array) -> Array:
    """Products of packed monomials.

    Raises:
        Refused: a product has more than three variables.
    """
    if not ((left != 0) & (right != 0)).any():
        return np.bitwise_or(left, right)
    parts = [v >> shift & MASK for v in (left, right) for shift in (0, BITS, 2 * BITS)]
    ordered = np.sort(np.stack(parts), axis=0)
    if ordered[2].any():
        raise Refused("a product of more than three variables: the program is not bilinear")
    return np.asarray(ordered[5] | ordered[4] << BITS | ordered[3] << 2 * BITS)
