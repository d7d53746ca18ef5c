"""Enumeration of instances: integers that satisfy facts.

Symbols are assigned in turn. Each runs over the range that the facts leave it given the symbols
before it; if that range is infinite, over numbers near its bound, or near 0 without a bound. No
proof relies on this module, since a counterexample is checked by substituting its numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from symconv.core.errors import ParseError
from symconv.proof.trusted.kernel import Poly
from symconv.proof.trusted.statement import Fact, FiniteSum, Floor
from symconv.proof.trusted.wellformed import names_in

Values = dict[str, int]
Number = Callable[[Values], int]


class OutOfBudget(Exception):
    """The budget of numbers to try is spent."""


class Unbounded(ParseError):
    """A sum cannot be written out: an index has no finite range, or a divisor is not positive."""


@dataclass
class Budget:
    """The number of values that may still be tried."""

    left: int

    def spend(self) -> None:
        """Count one value.

        Raises:
            OutOfBudget: none are left.
        """
        self.left -= 1
        if self.left < 0:
            raise OutOfBudget


def compiled(poly: Poly) -> Number:
    """The polynomial compiled to a Python function of the values of its symbols."""
    terms = ["*".join([str(c), *(f"v[{n!r}]" for n in m)]) for m, c in poly.items()]
    # `eval` is safe here: the text consists of quoted identifiers and integers
    function: Number = eval(f"lambda v: {' + '.join(terms) or '0'}", {"__builtins__": {}})
    return function


def value(poly: Poly, values: Mapping[str, int]) -> int:
    """The value of the polynomial at these numbers."""
    total = 0
    for monomial, coefficient in poly.items():
        for name in monomial:
            coefficient *= values[name]
        total += coefficient
    return total


def holds(fact: Fact, values: Mapping[str, int]) -> bool:
    """Whether the fact holds at these numbers."""
    found = value(fact.poly, values)
    return found >= 0 if fact.relation == ">=" else found == 0


class Search:
    """Enumeration of the integer solutions of facts in some symbols, given values of others.

    The order of assignment is fixed in advance: symbols that an equation determines come first,
    then those with the most bounds.
    """

    def __init__(self, facts: Iterable[Fact], over: Sequence[str], known: Iterable[str]) -> None:
        """Solve for the symbols `over`, in this order of preference; `known` ones will be given."""
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
        """Yield each solution, always as the same dictionary `values`, which is modified.

        `width` is the length of the interval that replaces an infinite range.

        Raises:
            OutOfBudget: more numbers were tried than the budget allows.
            Unbounded: a range is infinite and `width` is None.
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
    """Slope and constant term of a polynomial that is linear in the symbol `name`."""
    slope = Poly({tuple(x for x in m if x != name): c for m, c in poly.items() if name in m})
    return compiled(slope), compiled(Poly({m: c for m, c in poly.items() if name not in m}))


def terms(one: FiniteSum, known: Sequence[str]) -> Callable[[Values, Budget], dict[Any, int]]:
    """A function that expands a sum for given values to `{product of tensor entries: count}`.

    The function raises `OutOfBudget` and `Unbounded`.

    Raises:
        Unbounded: the divisor of a quotient depends on the sum's own indices.
    """
    facts = [*one.guards, *(fact for floor in one.lets for fact in floor.facts)]
    search = Search(facts, [*one.over, *(floor.name for floor in one.lets)], known)
    entries = [(name, [compiled(p) for p in index]) for name, index in one.entry.factors]

    for floor in one.lets:
        inner = {n for m in floor.denominator for n in m} - set(known)
        if inner:  # a divisor below 1 makes the sum undefined, which no term would show
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
    """The symbols of the hypotheses, in the order of their first use."""
    return list(dict.fromkeys(name for item in given for name in names_in(item)))


def given_search(given: Sequence[Fact | Floor], extra: Iterable[str] = ()) -> Search:
    """A search for instances of the hypotheses and quotients, and of the `extra` symbols."""
    facts: list[Fact] = []
    for item in given:
        facts += item.facts if isinstance(item, Floor) else (item,)
    divisors = [Fact(">=", item.denominator - 1) for item in given if isinstance(item, Floor)]
    names = list(dict.fromkeys([*symbols_of(given), *extra]))
    return Search([*divisors, *facts], names, ())
