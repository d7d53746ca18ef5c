"""Theorems as data: entailments, equal sums by a bijection, and what is proved in Rocq alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from symconv.errors import ParseError
from symconv.proof.kernel import Poly
from symconv.proof.language import Either, Fact, Floor, Sum, flat, named


@dataclass(frozen=True, slots=True)
class Entails:
    """Whatever satisfies `given` satisfies `then`.

    Attributes:
        given: facts, alternatives and quotients, in order.
        then: facts.
        have: facts on the way, each proved before the next.
        split: polynomials on whose sign the search may split.
    """

    given: tuple[Fact | Either | Floor, ...]
    then: tuple[Fact, ...]
    have: tuple[Fact, ...] = ()
    split: tuple[Poly, ...] = ()


@dataclass(frozen=True, slots=True)
class Equal:
    """Two sums are equal, since maps between their index sets keep every term (rule sum_bij).

    Attributes:
        given: of the free symbols.
        left, right: the sums.
        forth: the right side's indices from the left's.
        back: the left side's indices from the right's.
        have_forth, have_back: facts on the way, for the left's and the right's guards.
    """

    given: tuple[Fact | Either | Floor, ...]
    left: Sum
    right: Sum
    forth: Mapping[str, Poly]
    back: Mapping[str, Poly]
    have_forth: tuple[Fact, ...] = ()
    have_back: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class InRocq:
    """A statement over abstract index sets or ranks, proved in a file of `rocq/`.

    Attributes:
        file: name in that folder.
        lemma: name in that file.
        says: the statement in plain characters.
        latex: the same in LaTeX's mathematics.
    """

    file: str
    lemma: str
    says: str
    latex: str


Theorem = Entails | Equal | InRocq


def entails(given: Iterable[Any], then: Iterable[Any], have: Iterable[Any] = (),
            split: Iterable[Any] = ()) -> Entails:  # fmt: skip
    """From facts, facts.

    Raises:
        ParseError: something is no fact.
    """
    then = tuple(then)
    if not _facts(then):
        raise ParseError("then=[...] is empty: nothing is claimed")
    polys = tuple(s.poly for s in split)
    return Entails(tuple(flat(given)), _facts(then), _facts(have), polys)


def equal(
    given: Iterable[Any],
    left: Sum,
    right: Sum,
    forth: Mapping[str, Any],
    back: Mapping[str, Any],
    have_forth: Iterable[Any] = (),
    have_back: Iterable[Any] = (),
) -> Equal:
    """Two sums and the maps between their indices.

    Raises:
        ParseError: a map lacks an index, or the tensors differ.
    """
    found = Equal(tuple(flat(given)), left, right, named(forth), named(back), _facts(have_forth),
                  _facts(have_back))  # fmt: skip
    for side, maps, other in (("right", found.forth, right), ("left", found.back, left)):
        if set(maps) != set(other.over):
            raise ParseError(
                f"the map to the {side} side gives {', '.join(maps) or 'nothing'}; it must give "
                f"{', '.join(other.over)}"
            )
    shapes = [[(name, len(index)) for name, index in s.entry.factors] for s in (left, right)]
    if shapes[0] != shapes[1]:
        raise ParseError(f"the sides multiply different tensors: {shapes[0]} and {shapes[1]}")
    return found


def in_rocq(file: str, lemma: str, says: str, latex: str) -> InRocq:
    """A statement that only Rocq checks, in plain characters and in LaTeX."""
    return InRocq(file, lemma, says, latex)


def _facts(items: Iterable[Any]) -> tuple[Fact, ...]:
    found = flat(items)
    if not all(isinstance(item, Fact) for item in found):
        raise ParseError("facts are needed here: neither alternatives nor quotients")
    return tuple(found)


def on_axes(theorem: Equal, count: int) -> Equal:
    """The product: the same on several axes at once, each symbol with its axis' number.

    Raises:
        ParseError: fewer than 1 axis, or more than 9.
    """
    if type(count) is not int or not 1 <= count <= 9:
        raise ParseError(f"{count!r} axes; 1 to 9 are possible")

    def side(one: Sum) -> Sum:
        factors = tuple(
            (name, tuple(_on(p, n) for n in range(1, count + 1) for p in index))
            for name, index in one.entry.factors
        )
        axes = range(1, count + 1)
        return Sum(
            type(one.entry)(factors),
            tuple(f"{v}{n}" for n in axes for v in one.over),
            tuple(_fact(f, n) for n in axes for f in one.guards),
            tuple(_floor(q, n) for n in axes for q in one.lets),
        )

    axes = range(1, count + 1)
    return Equal(
        tuple(_given(g, n) for n in axes for g in theorem.given),
        side(theorem.left),
        side(theorem.right),
        {f"{v}{n}": _on(p, n) for n in axes for v, p in theorem.forth.items()},
        {f"{v}{n}": _on(p, n) for n in axes for v, p in theorem.back.items()},
        tuple(_fact(f, n) for n in axes for f in theorem.have_forth),
        tuple(_fact(f, n) for n in axes for f in theorem.have_back),
    )


def _on(poly: Poly, axis: int) -> Poly:
    """Symbols of one axis; marks of the generator stay at the end."""

    def name(symbol: str) -> str:
        head, mark, _ = symbol.partition("'")
        return f"{head}{axis}{mark}"

    return Poly({tuple(sorted(map(name, m))): c for m, c in poly.items()})


def _fact(fact: Fact, axis: int) -> Fact:
    return Fact(fact.relation, _on(fact.poly, axis))


def _floor(floor: Floor, axis: int) -> Floor:
    numerator, denominator = (_on(p, axis) for p in (floor.numerator, floor.denominator))
    return Floor(f"{floor.name}{axis}", numerator, denominator)


def _given(item: Fact | Either | Floor, axis: int) -> Fact | Either | Floor:
    if isinstance(item, Either):
        return Either(tuple(_fact(f, axis) for f in item.facts))
    return _floor(item, axis) if isinstance(item, Floor) else _fact(item, axis)
