"""The obligations of a theorem: sequents without sums, for the kernel to check. Trusted.

For equal sums (rule sum_bij) they are: each side's guards at the image of the other's indices, both
compositions of the maps are the identity, and the index terms are equal. The quotients of one side,
taken at the image of the other's indices, are new symbols, marked by '.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from symconv.proof.trusted.kernel import Fact as Comparison
from symconv.proof.trusted.kernel import Poly
from symconv.proof.trusted.statement import (
    Either,
    Entails,
    Equal,
    Fact,
    FiniteSum,
    Floor,
    Malformed,
)
from symconv.proof.trusted.wellformed import ranges, scopes, unmarked

MOST_CASES = 64


@dataclass(frozen=True, slots=True)
class Obligation:
    """A sequent with a name.

    Attributes:
        name: the purpose of the sequent, as text.
        hypotheses: the hypotheses, as the kernel reads them.
        goal: the goal, as the kernel reads it.
        split: polynomials that a search may split on.
    """

    name: str
    hypotheses: tuple[Comparison, ...]
    goal: Comparison
    split: tuple[Poly, ...] = ()

    @property
    def key(self) -> str:
        """The SHA-256 digest of the hypotheses and the goal; the name does not enter."""
        facts = [
            [r, sorted(([c, *m] for m, c in p.items()), key=str)]
            for r, p in (*self.hypotheses, self.goal)
        ]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def obligations(theorem: Entails | Equal) -> list[Obligation]:
    """All sequents that have to be proved for the theorem, in order.

    Raises:
        Malformed: the statement is not well-formed.
    """
    unmarked(theorem)
    found = []
    for words, given in cases(theorem.given):
        of_case = (
            _entailment(theorem, given)
            if isinstance(theorem, Entails)
            else _equality(theorem, given)
        )
        found += [Obligation(words + o.name, o.hypotheses, o.goal, o.split) for o in of_case]
    return found


def cases(given: Sequence[Fact | Either | Floor]) -> Iterator[tuple[str, list[Fact | Floor]]]:
    """Yield a name and a list of hypotheses for each choice of alternatives.

    Raises:
        Malformed: there are more than `MOST_CASES` choices.
    """
    choices = [item.facts if isinstance(item, Either) else (item,) for item in given]
    open_ = sum(len(c) > 1 for c in choices)
    if math.prod(map(len, choices)) > MOST_CASES:
        raise Malformed(f"the alternatives make more than {MOST_CASES} cases")
    for n, chosen in enumerate(itertools.product(*choices)):
        yield (f"case {n + 1}: " if open_ else ""), list(chosen)


class _Context:
    """A growing list of hypotheses, with the obligations collected on the way.

    Apart from the hypotheses of the theorem and the guards of a sum, every new one is proved first
    or is a definition.
    """

    def __init__(self, split: tuple[Poly, ...] = ()) -> None:
        self.known: list[Comparison] = []
        self.found: list[Obligation] = []
        self.split = split

    def assume(self, fact: Fact) -> None:
        self.known.append(fact.comparison)

    def prove(self, name: str, fact: Fact) -> None:
        self.found.append(Obligation(name, tuple(self.known), fact.comparison, self.split))

    def define(self, floor: Floor) -> None:
        parts = [*(p for _, p in self.known), floor.numerator, floor.denominator]
        if any(floor.name in m for p in parts for m in p):
            raise Malformed(f"{floor.name} is used before it is defined as a quotient")
        self.prove(f"divisor of {floor.name} is positive", Fact(">=", floor.denominator - 1))
        for fact in floor.facts:
            self.assume(fact)

    def take(self, given: Sequence[Fact | Floor]) -> None:
        for item in given:
            if isinstance(item, Floor):
                self.define(item)
            else:
                self.assume(item)


def _entailment(theorem: Entails, given: list[Fact | Floor]) -> list[Obligation]:
    context = _Context(theorem.split)
    context.take(given)
    for n, fact in enumerate(theorem.have):
        context.prove(f"step {n + 1}", fact)
        context.assume(fact)
    for n, fact in enumerate(theorem.then):
        context.prove(f"goal {n + 1}" if len(theorem.then) > 1 else "goal", fact)
    return context.found


def _equality(theorem: Equal, given: list[Fact | Floor]) -> list[Obligation]:
    scopes(theorem)
    sides = (
        ("forth", theorem.left, theorem.right, theorem.forth, theorem.back, theorem.have_forth),
        ("back", theorem.right, theorem.left, theorem.back, theorem.forth, theorem.have_back),
    )
    found = []
    for words, own, other, there, home, have in sides:
        context = _Context()
        context.take(given)
        context.take(own.lets)
        context.take(own.guards)
        for name, slope in ranges(own):
            context.prove(f"{words}: the range of {name} is finite", Fact(">=", slope - 1))
        image = dict(there)
        for floor in other.lets:
            moved = Floor(
                f"{floor.name}'",
                substituted(floor.numerator, image),
                substituted(floor.denominator, image),
            )
            context.define(moved)
            image[floor.name] = Poly({(moved.name,): 1})
        for n, fact in enumerate(have):
            context.prove(f"{words}: step {n + 1}", fact)
            context.assume(fact)
        for n, guard in enumerate(other.guards):
            context.prove(
                f"{words}: guard {n + 1}", Fact(guard.relation, substituted(guard.poly, image))
            )
        for name in own.over:
            gap = Poly({(name,): 1}) - substituted(dict(home)[name], image)
            context.prove(f"{words}: there and back, {name}", Fact("==", gap))
        if words == "forth":
            _terms(context, own, other, image)
        found += context.found
    return found


def _terms(context: _Context, own: FiniteSum, other: FiniteSum, image: Mapping[str, Poly]) -> None:
    for (name, left), (_, right) in zip(own.entry.factors, other.entry.factors, strict=True):
        for n, (a, b) in enumerate(zip(left, right, strict=True)):
            context.prove(
                f"same entry of {name}, index {n + 1}", Fact("==", a - substituted(b, image))
            )


def substituted(poly: Poly, image: Mapping[str, Any]) -> Poly:
    """The polynomial with all symbols in `image` replaced simultaneously."""
    result = Poly()
    for monomial, coefficient in poly.items():
        if not any(name in image for name in monomial):
            result = result + Poly({monomial: coefficient})
            continue
        term = Poly.of(coefficient)
        for name in monomial:
            term = term * (image[name] if name in image else Poly({(name,): 1}))
        result = result + term
    return result
