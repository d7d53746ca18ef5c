"""The language of files of statements: integer expressions, facts, tensor entries and sums.

Expressions are polynomials over the integers; comparing two of them gives a fact. Tensors are
arbitrary total functions from tuples of integers to a commutative ring; the ranges of indices are
guards of a sum. Nothing here is trusted, since `trusted.statement` reads what is proved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NoReturn

from symconv.core.errors import ParseError
from symconv.proof.trusted.kernel import Poly, Rejected
from symconv.proof.trusted.statement import NAME, Either, Entry, Fact, FiniteSum, Floor, text

MOST_NUMBER = 10**12
MOST_POWER = 12


class Expr:
    """A polynomial in integer symbols; `<`, `<=`, `==`, `>=`, `>` give facts.

    Expressions are immutable, since all files of statements share `M`, `N`, `s` and the others.
    """

    __slots__ = ("_poly",)
    _poly: Poly
    __hash__ = None  # type: ignore[assignment]  # == gives a fact

    def __init__(self, poly: Poly) -> None:
        """Wrap a polynomial of the kernel."""
        object.__setattr__(self, "_poly", poly)

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError("an expression cannot be changed")

    @property
    def poly(self) -> Poly:
        """The kernel's polynomial."""
        return self._poly

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

    def __pos__(self) -> Expr:
        return self

    def __pow__(self, exponent: int) -> Expr:
        if type(exponent) is not int or not 0 <= exponent <= MOST_POWER:
            raise ParseError(
                f"the exponent must be an integer from 0 to {MOST_POWER}, not a symbol"
            )
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

    def __ne__(self, other: object) -> NoReturn:
        raise ParseError("a != b is an alternative: write either(a < b, a > b)")

    def __bool__(self) -> bool:
        raise ParseError("an expression has no truth value; write 0 <= i and i < n as two facts")

    @property
    def name(self) -> str:
        """The name of the symbol that this expression is.

        Raises:
            ParseError: the expression is not a single symbol.
        """
        if len(self.poly) == 1:
            ((monomial, coefficient),) = self.poly.items()
            if len(monomial) == 1 and coefficient == 1:
                return monomial[0]
        raise ParseError(f"a symbol is required, not the expression {text(self.poly)}")


def _advise(operation: str, advice: str) -> Callable[..., NoReturn]:
    def refuse(*_: Any) -> NoReturn:
        raise ParseError(f"{operation} is not a polynomial: {advice}")

    return refuse


for _names, _operation, _advice in (
    (
        ("__floordiv__", "__rfloordiv__", "__truediv__", "__rtruediv__"),
        "a // b",
        "introduce its quotient, quotient(q, a, b), and write q",
    ),
    (
        ("__mod__", "__rmod__", "__divmod__", "__rdivmod__"),
        "a % b",
        "introduce the quotient, quotient(q, a, b), and write a - q*b",
    ),
    (("__abs__",), "abs(a)", "state both signs: either(a >= 0, -a >= 0), or bound a and -a"),
    (("__rpow__",), "b**a", "an exponent must be an integer"),
    (
        ("__int__", "__index__", "__float__", "__round__", "__iter__"),
        "the value of a symbol",
        "a symbol has no value; state what holds for every value",
    ),
):
    for _name in _names:
        setattr(Expr, _name, _advise(_operation, _advice))


def poly(value: Any) -> Poly:
    """The polynomial of an expression or an integer.

    Raises:
        ParseError: the value is neither, or an integer above `MOST_NUMBER` in size.
    """
    if isinstance(value, Expr):
        return value.poly
    if type(value) is int:
        if abs(value) > MOST_NUMBER:
            raise ParseError(f"numbers must be at most {MOST_NUMBER}")
        return Poly.of(value)
    raise ParseError(f"{value!r} is a {type(value).__name__}; a symbol or an integer is required")


class TensorName:
    """A tensor, known only by its name; `w[a, b]` is an entry."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        """Create a tensor with this name."""
        self.name = name

    def __getitem__(self, index: Any) -> Entry:
        indices = index if isinstance(index, tuple) else (index,)
        return Entry(((self.name, tuple(poly(i) for i in indices)),))


def symbols(names: str) -> list[Expr]:
    """Integer symbols with the given names, separated by spaces.

    Raises:
        ParseError: a name is invalid or occurs twice.
    """
    for name in names.split():
        if not NAME.fullmatch(name) or name.endswith("'"):
            raise ParseError(
                f"{name!r} is not a valid name: use at most 31 ASCII letters, digits and _"
            )
    if len(set(names.split())) < len(names.split()):
        raise ParseError(f"symbols({names!r}) names one symbol twice")
    return [Expr(Poly({(name,): 1})) for name in names.split()]


def tensors(names: str) -> list[TensorName]:
    """Arbitrary tensors with the given names, separated by spaces."""
    return [TensorName(name) for name in names.split()]


def between(value: Expr, low: Any, high: Any) -> tuple[Fact, Fact]:
    """The facts `low <= value < high`."""
    return value >= low, value < high


def either(*facts: Fact) -> Either:
    """The alternative that at least one of the facts holds.

    Raises:
        ParseError: there are no facts, or an argument is not a fact.
    """
    if not facts or not all(isinstance(fact, Fact) for fact in facts):
        raise ParseError(
            "either(...) requires at least one fact, of which one holds; two facts that both hold, "
            "such as those of between(...), are not an alternative"
        )
    return Either(facts)


def quotient(name: Expr, numerator: Any, denominator: Any) -> Floor:
    """The definition of the symbol `name` as `floor(numerator / denominator)`."""
    return Floor(name.name, poly(numerator), poly(denominator))


def image(name: Expr) -> Expr:
    """The quotient `name` of the other side, at the image of this side's indices.

    Only `have_forth` and `have_back` may use it, not the statement or its maps.
    """
    return Expr(Poly({(f"{name.name}'",): 1}))


def total(entry: Entry, over: Sequence[Expr], where: Iterable[Any]) -> FiniteSum:
    """The sum of `entry` over the symbols `over` that satisfy `where`.

    Facts in `where` are the guards of the sum; quotients in it are definitions.

    Raises:
        ParseError: an argument has the wrong type, or `where` has an alternative.
    """
    if not isinstance(entry, Entry):
        raise ParseError("total(...) requires a product of tensor entries, as in x[i] * w[a]")
    if not isinstance(over, (list, tuple)) or not all(isinstance(v, Expr) for v in over):
        raise ParseError("over=[...] must list the symbols that the sum runs over")
    facts, lets = [], []
    for item in flat(where):
        if isinstance(item, Floor):
            lets.append(item)
        elif isinstance(item, Fact):
            facts.append(item)
        else:
            raise ParseError("a sum's guards must be facts; write an alternative as two sums")
    return FiniteSum(entry, tuple(v.name for v in over), tuple(facts), tuple(lets))


def flat(items: Iterable[Any]) -> list[Any]:
    """The facts, alternatives and quotients in nested tuples and lists, as one list.

    Raises:
        ParseError: an item is none of these.
    """
    found: list[Any] = []
    for item in items:
        if isinstance(item, (Fact, Either, Floor)):
            found.append(item)
        elif isinstance(item, (tuple, list)):
            found += flat(item)
        else:
            raise ParseError(
                f"{type(item).__name__} {item!r} is not a fact; compare expressions, as in a < b"
            )
    return found


def named(maps: Mapping[Any, Any]) -> tuple[tuple[str, Poly], ...]:
    """A substitution as pairs `(name, polynomial)`.

    Raises:
        ParseError: `maps` is not a dictionary with names as keys.
    """
    if not isinstance(maps, Mapping) or not all(type(name) is str for name in maps):
        raise ParseError('a map must be a dictionary of names: forth={"j": i + a}')
    return tuple((name, poly(value)) for name, value in maps.items())
