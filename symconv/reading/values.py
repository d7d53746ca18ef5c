"""Parser of nested lists of exact numbers and symbols.

The grammar is numbers (`1`, `-2`, `0.5`, `1/2`, `3e-4`), symbols (`a`, `alpha`, `t_1`), `+ - *
/ **`, parentheses, and lists in square brackets. Every limit is checked before the work that
it bounds, so that hostile text is rejected cheaply.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symconv.core.errors import ParseError
from symconv.core.names import LETTER, RESERVED
from symconv.core.polynomial import Polynomial, Scalar, as_polynomial

MAX_TEXT = 4_000_000
MAX_ENTRIES = 1_000_000
MAX_DEPTH = 40
MAX_DIGITS = 1000
MAX_EXPONENT = 400
MAX_POWER = 64
MAX_TERMS = 500

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z][A-Za-z0-9_]*)"
    r"|(?P<op>\*\*|[-+*/()\[\],]))",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Values:
    """Values that were read.

    Attributes:
        nested: nested lists of ints, Fractions and Polynomials, or one of them.
        decimal: whether decimals were used and no fractions, so that results are shown as decimals.
    """

    nested: Any
    decimal: bool


def read_values(text: str, what: str = "the value") -> Values:
    """Read values such as `[[0, 1], [1/2, a]]` exactly; 0.1 is one tenth.

    Raises:
        ParseError: the text is not in the grammar or exceeds a limit; the message names the
            position and what is allowed.

    >>> import symconv
    >>> symconv.read_values("[[0, 1], [1/2, 0.1]]").nested
    [[0, 1], [Fraction(1, 2), Fraction(1, 10)]]
    """
    if len(text) > MAX_TEXT:
        raise ParseError(
            f"{what} is {len(text):,} characters long; the limit for text is {MAX_TEXT:,}. "
            "Use an .npy file."
        )
    return _Parser(text, what).run()


NO_LETTERS = ("nan", "inf", "infinity", "true", "false", "none", "null")
"""Words that programs print for values other than finite numbers; not allowed as symbols."""


def read_number(literal: str, what: str) -> Scalar:
    """Convert a decimal literal to the exact number that it denotes.

    Raises:
        ParseError: more than `MAX_DIGITS` digits, or a power of ten beyond `MAX_EXPONENT`.
    """
    mantissa, _, exponent = literal.lower().partition("e")
    if len(mantissa) > MAX_DIGITS:
        raise ParseError(f"{what} has a number with {len(mantissa)} digits; at most {MAX_DIGITS}")
    if exponent and (len(exponent) > 6 or abs(int(exponent)) > MAX_EXPONENT):
        raise ParseError(
            f"{what} has the exponent e{exponent[:12]}; exponents must be between "
            f"e-{MAX_EXPONENT} and e{MAX_EXPONENT}"
        )
    value = Fraction(literal)
    return value.numerator if value.denominator == 1 else value


class _Parser:
    """Recursive-descent parser; the depth is checked before each descent."""

    def __init__(self, text: str, what: str) -> None:
        self.text, self.what = text, what
        self.place, self.depth, self.entries = 0, 0, 0
        self.points, self.slashes = False, False
        self.kind, self.token, self.start = "", "", 0
        self.advance()

    def fail(self, problem: str) -> ParseError:
        near = self.text[max(0, self.start - 10) : self.start + 14]
        return ParseError(
            f"{self.what} cannot be read at character {self.start + 1} (near {near!r}): {problem}"
        )

    def advance(self) -> None:
        match = _TOKEN.match(self.text, self.place)
        if match is None:
            rest = self.text[self.place :].lstrip()
            self.start = len(self.text) - len(rest)
            if rest:
                raise self.fail(
                    f"{rest[0]!r} is not allowed; entries are numbers like 1, -2, 0.5, 1/2, 3e-4 "
                    "and symbols like a, alpha, t_1"
                )
            self.kind, self.token = "end", ""
            return
        self.kind = match.lastgroup or "end"
        self.token = match[self.kind]
        self.start, self.place = match.start(self.kind), match.end()

    def run(self) -> Values:
        value = self.value()
        if self.kind != "end":
            raise self.fail(f"unexpected {self.token!r} after the end of the value")
        return Values(value, self.points and not self.slashes)

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.fail(f"nested more than {MAX_DEPTH} levels deep")

    def value(self) -> Any:
        if self.token != "[":
            self.entries += 1
            if self.entries > MAX_ENTRIES:
                raise self.fail(f"more than {MAX_ENTRIES:,} entries; use an .npy file")
            return _plain(self.sum())
        self.deeper()
        self.advance()
        items = []
        while self.token != "]":
            items.append(self.value())
            if self.token == ",":
                self.advance()
            elif self.token != "]":
                raise self.fail("expected ',' or ']'")
        self.advance()
        self.depth -= 1
        return items

    def sum(self) -> Any:
        total = self.product()
        while self.token in ("+", "-"):
            sign = self.token
            self.advance()
            right = self.product()
            total = self.bounded(total + right if sign == "+" else total - right)
        return total

    def product(self) -> Any:
        total = self.signed()
        while self.token in ("*", "/"):
            sign = self.token
            self.advance()
            right = self.signed()
            if sign == "*":
                self.within(total, right)
                total = self.bounded(total * right)
                continue
            self.slashes = True
            divisor = as_polynomial(right).as_scalar
            if divisor is None:
                raise self.fail("division by a symbol is not supported; entries are polynomials")
            if divisor == 0:
                raise self.fail("division by zero")
            total = self.bounded(total * Fraction(1, 1) * (1 / Fraction(divisor)))
        return total

    def signed(self) -> Any:
        if self.token not in ("-", "+"):
            return self.power()
        sign = self.token
        self.deeper()
        self.advance()
        value = self.signed()
        self.depth -= 1
        return -value if sign == "-" else value

    def power(self) -> Any:
        base = self.atom()
        if self.token != "**":
            return base
        self.advance()
        exponent = _plain(self.atom())
        if not isinstance(exponent, int) or not 0 <= exponent <= MAX_POWER:
            raise self.fail(f"an exponent must be an integer from 0 to {MAX_POWER}")
        result: Any = 1
        for _ in range(exponent):
            self.within(result, base)
            result = self.bounded(result * base)
        if self.token == "**":
            raise self.fail("a power of a power is not supported; use parentheses")
        return result

    def atom(self) -> Any:
        kind, token = self.kind, self.token
        if kind == "number":
            self.points = self.points or "." in token or "e" in token.lower()
            value = read_number(token, self.what)
            self.advance()
            return value
        if kind == "name":
            if re.match(RESERVED, token):
                raise self.fail(
                    f"{token!r} is reserved for the entries of x, k, b and y; use another name"
                )
            if token.lower() in NO_LETTERS:
                raise self.fail(f"{token} is not allowed; entries are finite numbers or symbols")
            if not re.match(LETTER, token):
                raise self.fail(f"{token[:40]!r} is not a symbol; write a, alpha, t1 or t_1")
            self.advance()
            return Polynomial.variable(token)
        if token == "(":
            self.deeper()
            self.advance()
            value = self.sum()
            if self.token != ")":
                raise self.fail("expected ')'")
            self.advance()
            self.depth -= 1
            return value
        raise self.fail(f"expected a number or symbol{f' before {token!r}' if token else ''}")

    def within(self, left: Any, right: Any) -> None:
        if len(as_polynomial(left).terms) * len(as_polynomial(right).terms) > MAX_TERMS:
            raise self.fail(f"an entry expands to more than {MAX_TERMS} terms")

    def bounded(self, value: Any) -> Any:
        for _, coefficient in as_polynomial(value).terms:
            if max(abs(coefficient.numerator), coefficient.denominator) >= 1 << 4 * MAX_DIGITS:
                raise self.fail(f"an entry has more than {MAX_DIGITS} digits")
        return value


def _plain(value: Any) -> Any:
    """Convert a polynomial without variables to a number, a Fraction with denominator 1 to int."""
    scalar = as_polynomial(value).as_scalar
    return value if scalar is None else scalar
