"""Instances by enumeration: whole numbers that satisfy facts, smallest ranges first.

Each symbol is tried in the range that the facts leave it once others are chosen; one without such a
range is tried near its bound, or near 0. Nothing here is trusted by a proof; a counterexample is
checked by putting its numbers in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from symconv.core.errors import ParseError
from symconv.proof.trusted.kernel import Poly
from symconv.proof.trusted.statement import Fact, Floor, Sum
from symconv.proof.trusted.wellformed import names_in

Values = dict[str, int]
Number = Callable[[Values], int]


class OutOfBudget(Exception):
    """More numbers than were allowed to be tried."""


class Unbounded(ParseError):
    """A sum's index has no finite range, or a quotient no positive divisor."""


@dataclass
class Budget:
    """How many numbers may still be tried."""

    left: int

    def spend(self) -> None:
        """One more."""
        self.left -= 1
        if self.left < 0:
            raise OutOfBudget


def compiled(poly: Poly) -> Number:
    """A fast function of the polynomial's value."""
    terms = ["*".join([str(c), *(f"v[{n!r}]" for n in m)]) for m, c in poly.items()]
    # the text is made here from identifiers and whole numbers
    function: Number = eval(f"lambda v: {' + '.join(terms) or '0'}", {"__builtins__": {}})
    return function


def value(poly: Poly, values: Mapping[str, int]) -> int:
    """The polynomial with numbers put in, term by term."""
    total = 0
    for monomial, coefficient in poly.items():
        for name in monomial:
            coefficient *= values[name]
        total += coefficient
    return total


def holds(fact: Fact, values: Mapping[str, int]) -> bool:
    """The fact with numbers put in."""
    found = value(fact.poly, values)
    return found >= 0 if fact.relation == ">=" else found == 0


class Search:
    """All solutions of facts in some symbols, when others are given."""

    def __init__(self, facts: Iterable[Fact], over: Sequence[str], known: Iterable[str]) -> None:
        """`over` in the order in which they are preferred; `known` will have values."""
        self.facts = list(facts)
        self.over = list(over)
        self.steps: list[tuple[str, list[tuple[str, Number, Number]], list[tuple[str, Number]]]]
        self.steps = []
        self.first = self._checks(set(known), None)
        assigned = set(known)
        rest = list(self.over)
        while rest:
            name = max(rest, key=lambda n: (self._quality(n, assigned), -rest.index(n)))
            bounds = [
                (f.relation, *_linear(f.poly, name))
                for f in self.facts
                if name in _names(f) and _names(f) <= assigned | {name} and _degree(f, name) == 1
            ]
            assigned.add(name)
            rest.remove(name)
            self.steps.append((name, bounds, self._checks(assigned, name)))

    def _checks(self, assigned: set[str], last: str | None) -> list[tuple[str, Number]]:
        return [
            (f.relation, compiled(f.poly))
            for f in self.facts
            if _names(f) <= assigned
            and (last is None or last in _names(f))
            and (last is None or _degree(f, last) != 1)
        ]

    def _quality(self, name: str, assigned: set[str]) -> int:
        ready = [
            f
            for f in self.facts
            if name in _names(f) and _names(f) <= assigned | {name} and _degree(f, name) == 1
        ]
        if any(f.relation == "==" for f in ready):
            return 3
        return min(len(ready), 2)

    def solutions(self, values: Values, width: int | None, budget: Budget) -> Iterator[Values]:
        """Each solution in turn, in one dictionary that changes; `width` limits open ranges.

        Raises:
            OutOfBudget: too many were tried.
            Unbounded: a range is open and there is no width.
        """
        if all(_true(relation, f(values)) for relation, f in self.first):
            yield from self._from(0, values, width, budget)

    def _from(self, n: int, values: Values, width: int | None, budget: Budget) -> Iterator[Values]:
        if n == len(self.steps):
            yield values
            return
        name, bounds, checks = self.steps[n]
        low: int | None = None
        high: int | None = None
        for relation, slope, rest in bounds:
            a, b = slope(values), rest(values)
            if a == 0:
                if not _true(relation, b):
                    return
                continue
            if relation == "==":
                if b % a:
                    return
                low = max(-b // a, -b // a if low is None else low)
                high = min(-b // a, -b // a if high is None else high)
            elif a > 0:
                low = max(-(b // a), -(b // a) if low is None else low)
            else:
                high = min(b // -a, b // -a if high is None else high)
        if width is None and (low is None or high is None):
            raise Unbounded(f"{name} has no finite range here, so the sum cannot be written out")
        if width is not None:
            low, high = _near(low, high, width)
        assert low is not None and high is not None
        for number in range(low, high + 1):
            budget.spend()
            values[name] = number
            if all(_true(relation, f(values)) for relation, f in checks):
                yield from self._from(n + 1, values, width, budget)
        values.pop(name, None)


def _near(low: int | None, high: int | None, width: int) -> tuple[int, int]:
    if low is None:
        return (-width, width) if high is None else (high - width, high)
    return low, low + width if high is None else high


def _true(relation: str, number: int) -> bool:
    return number >= 0 if relation == ">=" else number == 0


def _names(fact: Fact) -> set[str]:
    return set(names_in(fact))


def _degree(fact: Fact, name: str) -> int:
    return max(m.count(name) for m in fact.poly)


def _linear(poly: Poly, name: str) -> tuple[Number, Number]:
    """Slope and rest in one symbol."""
    slope = Poly({tuple(x for x in m if x != name): c for m, c in poly.items() if name in m})
    return compiled(slope), compiled(Poly({m: c for m, c in poly.items() if name not in m}))


def terms(one: Sum, known: Sequence[str]) -> Callable[[Values, Budget], dict[Any, int]]:
    """A function that writes a sum out: `{tensor entries: how often}`."""
    facts = [*one.guards, *(fact for floor in one.lets for fact in floor.facts)]
    search = Search(facts, [*one.over, *(floor.name for floor in one.lets)], known)
    entries = [(name, [compiled(p) for p in index]) for name, index in one.entry.factors]

    for floor in one.lets:
        inner = {n for m in floor.denominator for n in m} - set(known)
        if inner:  # where it is not positive the sum has no meaning, and no term would show it
            raise Unbounded(
                f"the divisor of {floor.name} depends on {', '.join(sorted(inner))}, so the sum "
                "cannot be written out"
            )
    outer = [
        (f.name, compiled(f.denominator))
        for f in one.lets
        if {n for m in f.denominator for n in m} <= set(known)
    ]

    def written(values: Values, budget: Budget) -> dict[Any, int]:
        found: dict[Any, int] = {}
        for name, divisor in outer:
            if divisor(values) < 1:
                raise Unbounded(f"the divisor of {name} is {divisor(values)} at {values}")
        for solution in search.solutions(dict(values), None, budget):
            key = tuple(sorted((t, tuple(f(solution) for f in index)) for t, index in entries))
            found[key] = found.get(key, 0) + 1
        return found

    return written


def symbols_of(given: Iterable[Fact | Floor]) -> list[str]:
    """In the order of their first use."""
    return list(dict.fromkeys(name for item in given for name in names_in(item)))


def given_search(given: Sequence[Fact | Floor], extra: Iterable[str] = ()) -> Search:
    """Instances of the hypotheses, quotients included."""
    facts: list[Fact] = []
    for item in given:
        facts += item.facts if isinstance(item, Floor) else (item,)
    divisors = [Fact(">=", item.denominator - 1) for item in given if isinstance(item, Floor)]
    names = list(dict.fromkeys([*symbols_of(given), *extra]))
    return Search([*divisors, *facts], names, ())
