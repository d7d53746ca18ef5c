"""Polynomials with exact rational coefficients, as plain data.

The sizes, the hit and the side conditions of the operator are written once as polynomials
over the integers and then evaluated on ints, NumPy arrays, SymPy symbols or anything else
that supports addition and multiplication. The same class holds the entries of a derivation
whose operands contain symbols. Uses only the standard library.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

Scalar = int | Fraction
Monomial = tuple[str, ...]
"""Variable names in natural order, repeated for powers; `()` is the constant 1."""


@lru_cache(maxsize=65536)
def natural_key(name: str) -> tuple[tuple[tuple[int, int, str], ...], str]:
    """Sort key of names, by which `x_0_2` comes before `x_0_10`.

    Different names have different keys (`a1` and `a01` too), so that the order of the terms, and
    with it the equality of polynomials, does not depend on how a polynomial was built.
    """
    parts = re.split(r"(\d+)", name)
    return tuple((1, int(p), "") if p.isdecimal() else (0, 0, p) for p in parts if p), name


def _exact(value: Scalar) -> Scalar:
    """Convert a Fraction with denominator 1 to an int."""
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    return value


@lru_cache(maxsize=65536)
def _monomial_key(monomial: Monomial) -> tuple[Any, ...]:
    return (-len(monomial), tuple(natural_key(name) for name in monomial))


@dataclass(frozen=True, slots=True)
class Polynomial:
    """A polynomial: `terms` maps monomials to non-zero coefficients, in a canonical order.

    Equal polynomials have equal `terms`, so `==` is equality for every value of the
    variables in any commutative ring that contains the coefficients.
    """

    terms: tuple[tuple[Monomial, Scalar], ...] = ()

    @staticmethod
    def constant(value: Scalar) -> Polynomial:
        """Create a constant polynomial."""
        return Polynomial((((), _exact(value)),)) if value else Polynomial()

    @staticmethod
    def variable(name: str) -> Polynomial:
        """Create the polynomial that consists of one variable."""
        return Polynomial((((name,), 1),))

    @staticmethod
    def _from_dict(terms: Mapping[Monomial, Scalar]) -> Polynomial:
        kept = [(m, _exact(c)) for m, c in terms.items() if c]
        return Polynomial(tuple(sorted(kept, key=lambda item: _monomial_key(item[0]))))

    @staticmethod
    def sum(items: Iterable[Polynomial | Scalar]) -> Polynomial:
        """Add many items in one dictionary, without a polynomial for each partial sum."""
        total: dict[Monomial, Scalar] = {}
        for item in items:
            if not isinstance(item, Polynomial):
                total[()] = total.get((), 0) + item
                continue
            for monomial, coefficient in item.terms:
                total[monomial] = total.get(monomial, 0) + coefficient
        return Polynomial._from_dict(total)

    def __add__(self, other: Polynomial | Scalar) -> Polynomial:
        if isinstance(other, Polynomial):
            return Polynomial.sum((self, other))
        if not isinstance(other, (int, Fraction)):
            return NotImplemented
        # the constant is the last term
        letters, constant = self.terms, other + 0  # True counts as 1
        if letters and not letters[-1][0]:
            letters, constant = letters[:-1], letters[-1][1] + other
        return Polynomial((*letters, ((), _exact(constant)))) if constant else Polynomial(letters)

    __radd__ = __add__

    def __mul__(self, other: Polynomial | Scalar) -> Polynomial:
        if not isinstance(other, (Polynomial, int, Fraction)):
            return NotImplemented
        product: dict[Monomial, Scalar] = {}
        for m1, c1 in self.terms:
            for m2, c2 in as_polynomial(other).terms:
                monomial = tuple(sorted(m1 + m2, key=natural_key))
                product[monomial] = product.get(monomial, 0) + c1 * c2
        return Polynomial._from_dict(product)

    __rmul__ = __mul__

    def __neg__(self) -> Polynomial:
        return Polynomial(tuple((m, -c) for m, c in self.terms))

    def __sub__(self, other: Polynomial | Scalar) -> Polynomial:
        if not isinstance(other, (Polynomial, int, Fraction)):
            return NotImplemented
        return self + (-as_polynomial(other))

    def __rsub__(self, other: Scalar) -> Polynomial:
        return as_polynomial(other) - self

    def __bool__(self) -> bool:
        return bool(self.terms)

    @property
    def variables(self) -> tuple[str, ...]:
        """The distinct variable names, in natural order."""
        return tuple(sorted({n for m, _ in self.terms for n in m}, key=natural_key))

    @property
    def as_scalar(self) -> Scalar | None:
        """The value of a constant polynomial; None if it contains variables."""
        if not self.terms:
            return 0
        monomial, coefficient = self.terms[0]
        return coefficient if not monomial else None

    def evaluate(self, values: Mapping[str, Any]) -> Any:
        """Substitute a value for every variable: ints, arrays, SymPy expressions, polynomials.

        Raises:
            KeyError: a variable has no value.
        """
        total: Any = 0
        for monomial, coefficient in self.terms:
            product: Any = coefficient
            for name in monomial:
                product = product * values[name]
            total = total + product
        return total

    def __str__(self) -> str:
        """Format as text that SymPy can parse: `k_0_1*x_0_0 + 2*a**2 - 1/2`."""
        if not self.terms:
            return "0"
        text = ""
        for monomial, coefficient in self.terms:
            sign = "-" if coefficient < 0 else "+"
            body = product_text(monomial, -coefficient if coefficient < 0 else coefficient)
            text += f" {sign} {body}" if text else ("-" + body if sign == "-" else body)
        return text


def product_text(monomial: Monomial, coefficient: Scalar) -> str:
    """Format one term with a positive coefficient, as in `3/2*a**2*b`."""
    factors = [] if coefficient == 1 and monomial else [str(coefficient)]
    factors += [n if p == 1 else f"{n}**{p}" for n, p in powers(monomial)]
    return "*".join(factors)


def powers(monomial: Monomial) -> list[tuple[str, int]]:
    """Collect repeated variables: `(a, a, b)` becomes `[(a, 2), (b, 1)]`."""
    counted: dict[str, int] = {}
    for name in monomial:
        counted[name] = counted.get(name, 0) + 1
    return list(counted.items())


def as_polynomial(value: Polynomial | Scalar) -> Polynomial:
    """Convert a number to a constant polynomial; return a polynomial unchanged."""
    return value if isinstance(value, Polynomial) else Polynomial.constant(value)
