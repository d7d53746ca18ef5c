"""Counterexamples and witnesses of theorems, found by enumeration without other packages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from symconv.core.errors import ParseError
from symconv.proof.instances import (
    Budget,
    OutOfBudget,
    Search,
    Values,
    given_search,
    holds,
    symbols_of,
    terms,
)
from symconv.proof.trusted.obligations import cases
from symconv.proof.trusted.statement import Either, Entails, Equal, Fact, Floor
from symconv.proof.trusted.wellformed import names_in

WIDTHS = (1, 2, 3, 4)
TRIED = 60_000
"""The budget of numbers to try for each width."""
COLLECTED = 400
"""The number of counterexamples to collect before the smallest is chosen."""


@dataclass(frozen=True, slots=True)
class Instance:
    """Numbers for the symbols of a theorem, and what the theorem states there.

    Attributes:
        values: the numbers of the free symbols.
        left: the left sum written out, or the fact that fails, as text; "" if all facts hold.
        right: the right sum written out, if it differs from the left one.
    """

    values: Values
    left: str = ""
    right: str = ""

    @property
    def size(self) -> tuple[int, list[int]]:
        """The sort key for choosing the smallest instance: the sum of magnitudes, then values."""
        return sum(map(abs, self.values.values())), list(self.values.values())

    def __str__(self) -> str:
        numbers = ", ".join(f"{name} = {number}" for name, number in self.values.items())
        if not self.left:
            return numbers
        return f"{numbers}: {self.left}" + (f", but {self.right}" if self.right else "")


def counterexample(theorem: Entails | Equal, tried: int = TRIED) -> Instance | None:
    """The smallest counterexample in the narrowest ranges that contain any; None if none is found.

    The ranges have the widths `WIDTHS`, and `tried` numbers are tried for each.
    """
    for width in WIDTHS:
        found: list[Instance] = []
        for instance, broken in _instances(theorem, width, Budget(tried)):
            if broken:
                found.append(instance)
                if len(found) == COLLECTED:
                    break
        if found:
            return min(found, key=lambda i: i.size)
    return None


def witness(theorem: Entails | Equal, tried: int = TRIED) -> Instance | None:
    """An instance of the hypotheses; None if none is found.

    For a theorem on equal sums, the left sum has at least one term there.
    """
    for width in WIDTHS:
        for instance, _ in _instances(theorem, width, Budget(tried)):
            if isinstance(theorem, Entails) or instance.left != "0":
                return instance
    return None


def term_witness(theorem: Entails | Equal) -> Values | None:
    """The values of a witness; for equal sums with the indices of one term of the left sum.

    None if none is found.
    """
    found = witness(theorem)
    if found is None or isinstance(theorem, Entails):
        return found.values if found else None
    own = theorem.left
    facts = [*own.guards, *(fact for floor in own.lets for fact in floor.facts)]
    names = [*own.over, *(floor.name for floor in own.lets)]
    search = Search(facts, names, list(found.values))
    for solution in search.solutions(dict(found.values), None, Budget(TRIED)):
        return dict(solution)
    return None


def enumerated(theorem: Entails | Equal, width: int = 2, tried: int = TRIED) -> tuple[int, int]:
    """Test a theorem on all instances within the width and budget.

    Returns the number of instances, and the number of those whose left sum has terms.

    Raises:
        AssertionError: the theorem fails at an instance.
    """
    count = full = 0
    for instance, broken in _instances(theorem, width, Budget(tried)):
        assert not broken, str(instance)
        count += 1
        full += instance.left != "0"
    return count, full


def _instances(
    theorem: Entails | Equal, width: int, budget: Budget
) -> Iterator[tuple[Instance, bool]]:
    """Yield instances of the hypotheses and whether the theorem fails there.

    The budget is divided evenly among the cases of the alternatives.
    """
    every = list(cases(theorem.given))
    for _, given in every:
        own = Budget(budget.left // len(every))
        judge = _entails(theorem) if isinstance(theorem, Entails) else _equal(theorem, given)
        order = list(dict.fromkeys([*symbols_of(given), *_free(theorem)]))
        try:
            for values in given_search(given, order).solutions({}, width, own):
                yield judge({name: values[name] for name in order}, own)
        except OutOfBudget:
            continue


def _free(theorem: Entails | Equal) -> list[str]:
    """The free symbols of the claim."""
    if isinstance(theorem, Entails):
        return [n for f in theorem.then for n in names_in(f)]
    found = []
    for own in (theorem.left, theorem.right):
        bound = {*own.over, *(floor.name for floor in own.lets)}
        found += [n for n in names_in(own) if n not in bound]
    return found


Judge = Callable[[Values, Budget], tuple[Instance, bool]]


def _entails(theorem: Entails) -> Judge:
    def judge(values: Values, budget: Budget) -> tuple[Instance, bool]:
        for fact in theorem.then:
            if not holds(fact, values):
                return Instance(dict(values), f"{told(fact)} fails"), True
        return Instance(dict(values)), False

    return judge


def _equal(theorem: Equal, given: list[Fact | Floor]) -> Judge:
    known = [*symbols_of(given), *_free(theorem)]
    left, right = (terms(side, known) for side in (theorem.left, theorem.right))

    def judge(values: Values, budget: Budget) -> tuple[Instance, bool]:
        a, b = left(values, budget), right(values, budget)
        return Instance(dict(values), written(a), written(b) if a != b else ""), a != b

    return judge


def written(found: dict[Any, int], most: int = 6) -> str:
    """A sum of tensor entries as text, such as `w[0]*x[1] + 2*w[1]*x[0]`; at most `most` terms."""
    parts = []
    for key, count in sorted(found.items())[:most]:
        entry = "*".join(f"{name}[{', '.join(map(str, index))}]" for name, index in key)
        parts.append(entry if count == 1 else f"{count}*{entry}")
    return " + ".join(parts) + (" + ..." if len(found) > most else "") if parts else "0"


def told(fact: Fact) -> str:
    """The fact as text with negative terms moved to the right: `2*s >= op` for 2*s - op >= 0."""
    left = {m: c for m, c in fact.poly.items() if c > 0}
    right = {m: -c for m, c in fact.poly.items() if c < 0}
    relation = fact.relation
    if relation == ">=" and right.get(()) == 1 and len(right) > 1:
        right.pop(())
        relation = ">"
    return f"{_side(left)} {relation} {_side(right)}"


def _side(terms_: dict[tuple[str, ...], int]) -> str:
    parts = []
    for monomial, coefficient in sorted(terms_.items(), key=lambda t: (-len(t[0]), t[0])):
        factors = ([] if coefficient == 1 and monomial else [str(coefficient)]) + list(monomial)
        parts.append("*".join(factors))
    return " + ".join(parts) or "0"


def needed(theorem: Entails | Equal) -> list[tuple[Fact | Either, Instance | None]]:
    """Each hypothesis that is not a definition, with a counterexample without it, if found."""
    found: list[tuple[Fact | Either, Instance | None]] = []
    for n, item in enumerate(theorem.given):
        if not isinstance(item, Floor):
            rest = (*theorem.given[:n], *theorem.given[n + 1 :])
            try:
                broken = counterexample(without(theorem, rest), TRIED // 4)
            except ParseError:  # without the hypothesis, a sum is infinite or a quotient undefined
                broken = None
            found.append((item, broken))
    return found


def without(theorem: Entails | Equal, given: tuple[Fact | Either | Floor, ...]) -> Entails | Equal:
    """The theorem with `given` in place of its hypotheses."""
    if isinstance(theorem, Entails):
        return Entails(given, theorem.then, theorem.have, theorem.split)
    return Equal(
        given,
        theorem.left,
        theorem.right,
        theorem.forth,
        theorem.back,
        theorem.have_forth,
        theorem.have_back,
    )


def at(theorem: Entails | Equal, values: Values) -> tuple[Instance, bool] | None:
    """The instance at these numbers, and whether the theorem fails there.

    None if the numbers do not satisfy the hypotheses.

    Raises:
        KeyError: a symbol has no number.
    """
    for _, given in cases(theorem.given):
        facts = [f for g in given for f in (g.facts if isinstance(g, Floor) else (g,))]
        divisors = [Fact(">=", g.denominator - 1) for g in given if isinstance(g, Floor)]
        if all(holds(fact, values) for fact in (*divisors, *facts)):
            judge = _entails(theorem) if isinstance(theorem, Entails) else _equal(theorem, given)
            return judge(dict(values), Budget(TRIED))
    return None
