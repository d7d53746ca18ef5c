"""Well-formed statements: each name has one meaning, maps use their own indices, sums are finite.

Trusted, like `obligations`: what passes here is what the rule of bijections is proved for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

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


def names_in(item: Any) -> Iterator[str]:
    """Yield every symbol of a fact, an alternative, a quotient or a sum, with repetitions."""
    match item:
        case Fact():
            yield from (name for monomial in item.poly for name in monomial)
        case Either(facts):
            for fact in facts:
                yield from names_in(fact)
        case Floor():
            yield item.name
            for fact in item.facts:
                yield from names_in(fact)
        case FiniteSum():
            yield from item.over
            for part in (*item.guards, *item.lets):
                yield from names_in(part)
            for _, index in item.entry.factors:
                yield from (name for p in index for monomial in p for name in monomial)


def unmarked(theorem: Entails | Equal) -> None:
    """Require that the statement and its maps have no names marked by '.

    Marked names are introduced by `obligations`; only `have_forth` and `have_back` may use them.

    Raises:
        Malformed: the statement or a map has a marked name.
    """
    parts: list[Any] = list(theorem.given)
    if isinstance(theorem, Entails):
        parts += [*theorem.then, *theorem.have, *(Fact("==", p) for p in theorem.split)]
    else:
        maps = (*theorem.forth, *theorem.back)
        parts += [theorem.left, theorem.right, *(Fact("==", p) for _, p in maps)]
        parts += [Fact("==", Poly({(name,): 1})) for name, _ in maps]
    for name in (name for part in parts for name in names_in(part)):
        if "'" in name:
            raise Malformed(
                f"image({name.partition(chr(39))[0]}) stands in the statement or in a map; it is "
                "for have_forth and have_back"
            )


def scopes(theorem: Equal) -> None:
    """Require that the indices of a sum have names of their own, and that maps use the right ones.

    The name of an index must not occur in a hypothesis or as a free symbol of the other sum, and a
    map must not use indices that belong only to the side that it leads to.

    Raises:
        Malformed: a name has two meanings, or a map uses an index of the side that it leads to.
    """
    outside = {name for item in theorem.given for name in names_in(item)}
    for own, other in ((theorem.left, theorem.right), (theorem.right, theorem.left)):
        inside = {*own.over, *(floor.name for floor in own.lets)}
        beyond = set(names_in(other)) - {*other.over, *(floor.name for floor in other.lets)}
        twice = inside & (outside | beyond)
        if twice or len(inside) != len(own.over) + len(own.lets):
            raise Malformed(
                f"{', '.join(sorted(twice or inside))}: an index of a sum has the name of "
                "something outside it; use another name"
            )
    for maps, own, other in (
        (theorem.forth, theorem.left, theorem.right),
        (theorem.back, theorem.right, theorem.left),
    ):
        there = {*other.over, *(floor.name for floor in other.lets)}
        here = {*own.over, *(floor.name for floor in own.lets)}
        foreign = {n for _, p in maps for m in p for n in m} & (there - here)
        if foreign:
            raise Malformed(
                f"a map uses {', '.join(sorted(foreign))}, which belongs to the side that it leads "
                "to; a map is written in the indices that it starts from"
            )


def ranges(one: FiniteSum) -> list[tuple[str, Poly]]:
    """For each index the slopes that must be at least 1 so that its guards leave a finite range.

    An index is bounded by guards that are linear in it and whose other indices are bounded already.

    Raises:
        Malformed: an index has no such guards, so that the sum need not be finite.
    """
    facts = [*one.guards, *(fact for floor in one.lets for fact in floor.facts)]
    open_ = [*one.over, *(floor.name for floor in one.lets)]
    found: list[tuple[str, Poly]] = []
    while open_:
        for name in open_:
            slopes = _bounds(name, facts, set(open_) - {name})
            if slopes is not None:
                found += [(name, slope) for slope in slopes if set(slope) != {()}]
                open_.remove(name)
                break
        else:
            raise Malformed(
                f"{', '.join(open_)}: no guards give this index a finite range; add "
                "between(index, low, high), or an equation that gives it"
            )
    return found


def _bounds(name: str, facts: Sequence[Fact], unbounded: set[str]) -> list[Poly] | None:
    """The slopes of an equation, or of a lower and an upper guard, preferring constant slopes.

    None if no guards bound the index, given that those in `unbounded` are not bounded yet.
    """
    sides: dict[str, list[Poly]] = {"==": [], "low": [], "high": []}
    for fact in facts:
        names = set(names_in(fact))
        if name not in names or names & unbounded:
            continue
        if max(m.count(name) for m in fact.poly) != 1:
            continue
        slope = Poly(
            {tuple(x for x in m if x != name): c for m, c in fact.poly.items() if name in m}
        )
        positive = sum(slope.values()) > 0
        up = slope if positive else -slope
        if set(up) == {()} and up[()] < 1:
            continue
        sides["==" if fact.relation == "==" else "low" if positive else "high"].append(up)
    for found in sides.values():
        found.sort(key=lambda p: (set(p) != {()}, len(p)))
    if sides["=="]:
        return sides["=="][:1]
    if sides["low"] and sides["high"]:
        return [sides["low"][0], sides["high"][0]]
    return None
