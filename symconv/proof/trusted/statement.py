"""Statements as records, and the strict reader that makes them from nested lists.

A file of statements is a program and can build anything; what is proved is only what
`statement` reads: exact types, ASCII names, integer polynomials. `plain_text` writes it out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from symconv.proof.trusted.kernel import Poly

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,30}'?")
MOST_PARTS = 500
MOST_DEGREE = 24


class Malformed(Exception):
    """Not a valid statement or certificate file; the message says why."""


@dataclass(frozen=True, slots=True)
class Fact:
    """The fact `poly >= 0` or `poly == 0`; `relation` is `>=` or `==`."""

    relation: str
    poly: Poly

    def __bool__(self) -> bool:
        raise Malformed("a fact has no truth value; write 0 <= i < n as between(i, 0, n)")

    @property
    def comparison(self) -> tuple[str, Poly]:
        """The fact as the kernel reads it."""
        return self.relation, self.poly


@dataclass(frozen=True, slots=True)
class Either:
    """The alternative that at least one of the facts holds."""

    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Floor:
    """The definition of `name` as the floor of `numerator / denominator`."""

    name: str
    numerator: Poly
    denominator: Poly

    @property
    def facts(self) -> tuple[Fact, Fact]:
        """The two facts `q*m <= n < q*m + m` for q = floor(n / m)."""
        q = Poly({(self.name,): 1})
        low = self.numerator - q * self.denominator
        return Fact(">=", low), Fact(">=", self.denominator - low - 1)


@dataclass(frozen=True, slots=True)
class Entry:
    """A product of tensor entries, each `(tensor, indices)`, sorted by the tensors' names."""

    factors: tuple[tuple[str, tuple[Poly, ...]], ...]

    def __mul__(self, other: Entry) -> Entry:
        return Entry(tuple(sorted(self.factors + other.factors, key=lambda f: f[0])))


@dataclass(frozen=True, slots=True)
class FiniteSum:
    """The sum of `entry` over all integers `over` that satisfy `guards`, with `lets` defined in it.

    Tensors are total functions from tuples of integers to a commutative ring.
    """

    entry: Entry
    over: tuple[str, ...]
    guards: tuple[Fact, ...]
    lets: tuple[Floor, ...] = ()


Given = tuple[Fact | Either | Floor, ...]


@dataclass(frozen=True, slots=True)
class Entails:
    """Whatever satisfies `given` satisfies `then`.

    Attributes:
        given: facts, alternatives and quotients, in order.
        then: facts.
        have: intermediate facts, each proved before the next.
        split: polynomials on whose sign the search may split; not part of the statement.
    """

    given: Given
    then: tuple[Fact, ...]
    have: tuple[Fact, ...] = ()
    split: tuple[Poly, ...] = ()

    def __post_init__(self) -> None:
        if not self.then:
            raise Malformed("then=[...] is empty: nothing is claimed")


@dataclass(frozen=True, slots=True)
class Equal:
    """Two sums are equal, since maps between their index sets keep every term (rule sum_bij).

    Attributes:
        given: hypotheses on the free symbols.
        left: the left sum.
        right: the right sum.
        forth: the right side's indices from the left's, as pairs `(name, polynomial)`.
        back: the left side's indices from the right's, likewise.
        have_forth: intermediate facts that follow from the left side's guards.
        have_back: intermediate facts that follow from the right side's guards.
    """

    given: Given
    left: FiniteSum
    right: FiniteSum
    forth: tuple[tuple[str, Poly], ...]
    back: tuple[tuple[str, Poly], ...]
    have_forth: tuple[Fact, ...] = ()
    have_back: tuple[Fact, ...] = ()

    def __post_init__(self) -> None:
        for field in ("forth", "back"):  # tuples, since a mapping could still be changed
            object.__setattr__(self, field, tuple(dict(getattr(self, field)).items()))
        for side, maps, other in (
            ("right", self.forth, self.right),
            ("left", self.back, self.left),
        ):
            given = [name for name, _ in maps]
            if sorted(given) != sorted(other.over):
                raise Malformed(
                    f"the map to the {side} side gives {', '.join(given) or 'nothing'}; it must "
                    f"give {', '.join(other.over) or 'nothing'}"
                )
        shapes = [
            [(name, len(index)) for name, index in s.entry.factors] for s in (self.left, self.right)
        ]
        if shapes[0] != shapes[1]:
            raise Malformed(f"the sides multiply different tensors: {shapes[0]} and {shapes[1]}")


def statement(data: Any) -> Entails | Equal:
    """Read a statement from nested lists.

    Raises:
        Malformed: the data is not a statement.
    """
    kind, *parts = _list(data)
    if kind == "entails" and len(parts) == 3:
        return Entails(_given(parts[0]), _facts(parts[1]), _facts(parts[2]))
    if kind == "equal" and len(parts) == 7:
        return Equal(
            _given(parts[0]),
            _sum(parts[1]),
            _sum(parts[2]),
            _map(parts[3]),
            _map(parts[4]),
            _facts(parts[5]),
            _facts(parts[6]),
        )
    raise Malformed("a statement must be entails or equal, with its parts")


def _list(data: Any, length: int | None = None) -> list[Any]:
    if type(data) is not list or len(data) > MOST_PARTS or length not in (None, len(data)):
        raise Malformed(f"a list of {length or f'at most {MOST_PARTS}'} items is required")
    return data


def _name(data: Any) -> str:
    if type(data) is not str or not NAME.fullmatch(data):
        raise Malformed(
            f"{ascii(data)[:50]} is not a valid name: use at most 31 ASCII letters, digits and _"
        )
    return data


def poly(data: Any) -> Poly:
    """Read a polynomial from a list of terms `[coefficient, *names]`.

    Raises:
        Malformed: the data is not a polynomial.
    """
    found = Poly()
    for term in _list(data):
        coefficient, *names = _list(term)
        if type(coefficient) is not int or len(names) > MOST_DEGREE:
            raise Malformed(
                f"{ascii(coefficient)[:30]} is not an integer, or the degree is above {MOST_DEGREE}"
            )
        found = found + Poly({tuple(sorted(map(_name, names))): coefficient})
    return found


def _fact(data: Any) -> Fact:
    relation, terms = _list(data, 2)
    if relation not in (">=", "=="):
        raise Malformed(f"{ascii(relation)[:20]} is not a relation: >= or ==")
    return Fact(">=" if relation == ">=" else "==", poly(terms))


def _facts(data: Any) -> tuple[Fact, ...]:
    return tuple(map(_fact, _list(data)))


def _floor(data: Any) -> Floor:
    name, numerator, denominator = _list(data, 3)
    return Floor(_name(name), poly(numerator), poly(denominator))


def _given(data: Any) -> Given:
    found: list[Fact | Either | Floor] = []
    for item in _list(data):
        kind, value = _list(item, 2)
        if kind == "either" and value:
            found.append(Either(_facts(value)))
        elif kind in ("fact", "quotient"):
            found.append(_fact(value) if kind == "fact" else _floor(value))
        else:
            raise Malformed("given must be facts, alternatives of at least one, and quotients")
    return tuple(found)


def _sum(data: Any) -> FiniteSum:
    factors, over, guards, lets = _list(data, 4)
    entries = tuple((_name(n), tuple(map(poly, _list(i)))) for n, i in map(_pair, _list(factors)))
    names = tuple(map(_name, _list(over)))
    return FiniteSum(Entry(entries), names, _facts(guards), tuple(map(_floor, _list(lets))))


def _pair(data: Any) -> tuple[Any, Any]:
    first, second = _list(data, 2)
    return first, second


def _map(data: Any) -> tuple[tuple[str, Poly], ...]:
    return tuple((_name(name), poly(p)) for name, p in map(_pair, _list(data)))


def plain_text(statement: Entails | Equal) -> list[str]:
    """The statement as lines of plain text: exactly this is what is proved."""
    lines = [f"given {_said(item)}" for item in statement.given]
    if isinstance(statement, Entails):
        return [*lines, *(f"then {_said(fact)}" for fact in statement.then)]
    return [*lines, f"left {_summed(statement.left)}", f"right {_summed(statement.right)}"]


def _summed(one: FiniteSum) -> str:
    entries = (
        " * ".join(f"{n}[{', '.join(map(text, index))}]" for n, index in one.entry.factors) or "1"
    )
    bound = ", ".join([*one.over, *(f.name for f in one.lets)]) or "nothing"
    guards = "; ".join([*map(_said, one.lets), *map(_said, one.guards)]) or "no condition"
    return f"sum over {bound} of {entries} where {guards}"


def _said(item: Fact | Either | Floor) -> str:
    if isinstance(item, Either):
        return " or ".join([_said(fact) for fact in item.facts])
    if isinstance(item, Floor):
        return f"{item.name} = floor(({text(item.numerator)}) / ({text(item.denominator)}))"
    return f"{text(item.poly)} {item.relation} 0"


def text(poly: Poly) -> str:
    """A polynomial as text, such as `+2*a*b -1`."""
    terms = [f"{c:+d}" + "".join(f"*{n}" for n in m) for m, c in sorted(poly.items(), reverse=True)]
    return " ".join(terms) or "0"
