"""What proof files are written in: whole-number expressions, facts, tensor entries and sums.

Expressions are polynomials over the integers; comparing two of them gives a fact. Tensors are
total functions from tuples of integers to a commutative ring, of which nothing is known; ranges
are guards of a sum. Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from symconv.errors import ParseError
from symconv.proof.kernel import Fact as Comparison
from symconv.proof.kernel import Poly, Rejected

MOST_NUMBER = 10**12
MOST_POWER = 12


class Expr:
    """A polynomial in whole-number symbols; `<`, `<=`, `==`, `>=`, `>` give facts."""

    __slots__ = ("poly",)
    __hash__ = None  # type: ignore[assignment]  # == gives a fact

    def __init__(self, poly: Poly) -> None:
        """From the kernel's polynomial."""
        self.poly = poly

    def __add__(self, other: Expr | int) -> Expr:
        return Expr(self.poly + poly(other))

    __radd__ = __add__

    def __sub__(self, other: Expr | int) -> Expr:
        return Expr(self.poly - poly(other))

    def __rsub__(self, other: int) -> Expr:
        return Expr(poly(other) - self.poly)

    def __mul__(self, other: Expr | int) -> Expr:
        try:
            return Expr(self.poly * poly(other))
        except Rejected:
            raise ParseError("an expression has too many terms") from None

    __rmul__ = __mul__

    def __neg__(self) -> Expr:
        return Expr(-self.poly)

    def __pow__(self, exponent: int) -> Expr:
        if type(exponent) is not int or not 0 <= exponent <= MOST_POWER:
            raise ParseError(f"{exponent!r} is no power from 0 to {MOST_POWER}")
        found = Expr(Poly.of(1))
        for _ in range(exponent):
            found = found * self
        return found

    def __ge__(self, other: Expr | int) -> Fact:
        return Fact(">=", self.poly - poly(other))

    def __gt__(self, other: Expr | int) -> Fact:
        return Fact(">=", self.poly - poly(other) - 1)

    def __le__(self, other: Expr | int) -> Fact:
        return Fact(">=", poly(other) - self.poly)

    def __lt__(self, other: Expr | int) -> Fact:
        return Fact(">=", poly(other) - self.poly - 1)

    def __eq__(self, other: object) -> Fact:  # type: ignore[override]
        return Fact("==", self.poly - poly(other))

    def __bool__(self) -> bool:
        raise ParseError("an expression has no truth value; write 0 <= i and i < n as two facts")

    @property
    def name(self) -> str:
        """Of a symbol.

        Raises:
            ParseError: this is no symbol.
        """
        if len(self.poly) == 1:
            ((monomial, coefficient),) = self.poly.items()
            if len(monomial) == 1 and coefficient == 1:
                return monomial[0]
        raise ParseError(f"{dict(self.poly)} is no symbol")


def poly(value: Any) -> Poly:
    """The polynomial of an expression or a whole number.

    Raises:
        ParseError: it is neither.
    """
    if isinstance(value, Expr):
        return value.poly
    if type(value) is int:
        if abs(value) > MOST_NUMBER:
            raise ParseError(f"numbers are at most {MOST_NUMBER} here")
        return Poly.of(value)
    raise ParseError(f"{value!r} is a {type(value).__name__}; a symbol or a whole number is needed")


@dataclass(frozen=True, slots=True)
class Fact:
    """`poly >= 0` or `poly == 0`."""

    relation: str
    poly: Poly

    def __bool__(self) -> bool:
        raise ParseError("a fact has no truth value; write 0 <= i < n as between(i, 0, n)")

    @property
    def comparison(self) -> Comparison:
        """As the kernel reads it."""
        return self.relation, self.poly


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of the facts holds; as a hypothesis it becomes cases."""

    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Floor:
    """`name` is the whole part of `numerator / denominator`; that the denominator is positive
    has to be proved.
    """

    name: str
    numerator: Poly
    denominator: Poly

    @property
    def facts(self) -> tuple[Fact, Fact]:
        """`q*m <= n < q*m + m`."""
        q = Poly({(self.name,): 1})
        low = self.numerator - q * self.denominator
        return Fact(">=", low), Fact(">=", self.denominator - low - 1)


@dataclass(frozen=True, slots=True)
class Entry:
    """A product of tensor entries, each `(tensor, indices)`, in the order of their names."""

    factors: tuple[tuple[str, tuple[Poly, ...]], ...]

    def __mul__(self, other: Entry) -> Entry:
        return Entry(tuple(sorted(self.factors + other.factors, key=lambda f: f[0])))


class Tensor:
    """A tensor by its name; `w[a, b]` is an entry."""

    def __init__(self, name: str) -> None:
        """Nothing but the name is known."""
        self.name = name

    def __getitem__(self, index: Any) -> Entry:
        indices = index if isinstance(index, tuple) else (index,)
        return Entry(((self.name, tuple(poly(i) for i in indices)),))


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of `entry` over all whole `over` that satisfy `guards`, with `lets` defined in it."""

    entry: Entry
    over: tuple[str, ...]
    guards: tuple[Fact, ...]
    lets: tuple[Floor, ...] = ()


def symbols(names: str) -> list[Expr]:
    """Whole-number symbols.

    Raises:
        ParseError: a name is no identifier.
    """
    for name in names.split():
        if not name.isidentifier():
            raise ParseError(f"{name!r} is no name of a symbol")
    return [Expr(Poly({(name,): 1})) for name in names.split()]


def tensors(names: str) -> list[Tensor]:
    """Tensors of which nothing is known."""
    return [Tensor(name) for name in names.split()]


def between(value: Expr, low: Any, high: Any) -> tuple[Fact, Fact]:
    """`low <= value < high`."""
    return value >= low, value < high


def either(*facts: Fact) -> Either:
    """At least one of these.

    Raises:
        ParseError: there are none, or something is no fact.
    """
    if not facts or not all(isinstance(fact, Fact) for fact in facts):
        raise ParseError(
            "either(...) needs facts, at least one, of which one holds; two facts that both hold, "
            "as of between(...), are no alternative"
        )
    return Either(facts)


def quotient(name: Expr, numerator: Any, denominator: Any) -> Floor:
    """`name` stands for the whole part of a quotient."""
    return Floor(name.name, poly(numerator), poly(denominator))


def image(name: Expr) -> Expr:
    """The other side's quotient of that name, at the image of this side's indices.

    For `have_forth` and `have_back` alone: a statement and its maps cannot speak of it.
    """
    return Expr(Poly({(f"{name.name}'",): 1}))


def total(entry: Entry, over: Sequence[Expr], where: Iterable[Any]) -> Sum:
    """A sum; quotients among `where` are definitions."""
    facts, lets = [], []
    for item in flat(where):
        if isinstance(item, Floor):
            lets.append(item)
        elif isinstance(item, Fact):
            facts.append(item)
        else:
            raise ParseError("a sum's guards are facts; make two sums of an alternative")
    return Sum(entry, tuple(v.name for v in over), tuple(facts), tuple(lets))


def flat(items: Iterable[Any]) -> list[Any]:
    """Facts, alternatives and quotients, out of their tuples and lists."""
    found: list[Any] = []
    for item in items:
        if isinstance(item, (Fact, Either, Floor)):
            found.append(item)
        elif isinstance(item, (tuple, list)):
            found += flat(item)
        else:
            raise ParseError(f"{item!r} is no fact; compare two expressions, as in a < b")
    return found


def named(maps: Mapping[Any, Any]) -> dict[str, Poly]:
    """`{name: polynomial}` of a substitution."""
    return {str(name): poly(value) for name, value in maps.items()}
