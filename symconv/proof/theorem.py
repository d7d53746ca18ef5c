"""Theorems as data: entailments, sums equal by a bijection, and statements proved only in Rocq."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from symconv.core.errors import ParseError
from symconv.proof.language import flat, named, poly
from symconv.proof.trusted.kernel import Poly
from symconv.proof.trusted.statement import (
    Either,
    Entails,
    Entry,
    Equal,
    Fact,
    FiniteSum,
    Floor,
    Malformed,
    statement,
)


@dataclass(frozen=True, slots=True)
class InRocq:
    """A statement on abstract index sets or ranks, which is proved in a file of `rocq/`.

    Attributes:
        file: the name of the file in that folder.
        lemma: the name of the lemma in the file.
        says: the statement as plain text.
        latex: the statement as LaTeX, without math delimiters.
    """

    file: str
    lemma: str
    says: str
    latex: str


Theorem = Entails | Equal | InRocq


def entails(
    given: Iterable[Any], then: Iterable[Any], have: Iterable[Any] = (), split: Iterable[Any] = ()
) -> Entails:
    """The theorem that the facts `then` follow from the hypotheses `given`.

    Args:
        given: facts, alternatives (`either`) and quotients (`quotient`).
        then: the facts to prove.
        have: intermediate facts, each proved from `given` and the ones before it.
        split: expressions on whose sign the search for a proof may split.

    Raises:
        ParseError: an item has the wrong type, or `then` is empty.
    """
    if isinstance(then, Fact) or isinstance(given, Fact):
        raise ParseError("given=[...] and then=[...] must be lists of facts")
    polys = tuple(poly(s) for s in split)
    try:
        return Entails(tuple(flat(given)), _facts(then), _facts(have), polys)
    except Malformed as error:
        raise ParseError(str(error)) from None


def equal(
    given: Iterable[Any],
    left: FiniteSum,
    right: FiniteSum,
    forth: Mapping[str, Any],
    back: Mapping[str, Any],
    have_forth: Iterable[Any] = (),
    have_back: Iterable[Any] = (),
) -> Equal:
    """The theorem that two sums are equal, proved by a bijection between their indices.

    Args:
        given: hypotheses on the free symbols.
        left: one sum, made by `total`.
        right: the other sum.
        forth: the indices of the right sum as expressions in those of the left one, by name.
        back: the indices of the left sum as expressions in those of the right one, by name.
        have_forth: intermediate facts in the indices of the left sum.
        have_back: intermediate facts in the indices of the right sum.

    Raises:
        ParseError: an item has the wrong type, a map lacks an index, or the tensors differ.
    """
    if not isinstance(left, FiniteSum) or not isinstance(right, FiniteSum):
        raise ParseError("left and right must be sums made by total(...)")
    try:
        return Equal(
            tuple(flat(given)),
            left,
            right,
            named(forth),
            named(back),
            _facts(have_forth),
            _facts(have_back),
        )
    except Malformed as error:
        raise ParseError(str(error)) from None


def in_rocq(file: str, lemma: str, says: str, latex: str) -> InRocq:
    """A statement that only Rocq checks, as plain text (`says`) and as LaTeX."""
    return InRocq(file, lemma, says, latex)


def _facts(items: Iterable[Any]) -> tuple[Fact, ...]:
    found = flat(items)
    if not all(isinstance(item, Fact) for item in found):
        raise ParseError("facts are required here, not alternatives or quotients")
    return tuple(found)


def as_data(theorem: Entails | Equal) -> list[Any]:
    """The theorem as the nested lists that `trusted.statement.statement` reads."""

    def terms(p: Poly) -> list[Any]:
        return [[c, *m] for m, c in sorted(p.items())]

    def fact(f: Fact) -> list[Any]:
        return [f.relation, terms(f.poly)]

    def floor(f: Floor) -> list[Any]:
        return [f.name, terms(f.numerator), terms(f.denominator)]

    def given(item: Fact | Either | Floor) -> list[Any]:
        if isinstance(item, Fact):
            return ["fact", fact(item)]
        if isinstance(item, Either):
            return ["either", [fact(f) for f in item.facts]]
        return ["quotient", floor(item)]

    def side(one: FiniteSum) -> list[Any]:
        factors = [[name, [terms(p) for p in index]] for name, index in one.entry.factors]
        return [
            factors,
            list(one.over),
            [fact(g) for g in one.guards],
            [floor(f) for f in one.lets],
        ]

    def maps(pairs: Iterable[tuple[str, Poly]]) -> list[Any]:
        return [[name, terms(p)] for name, p in pairs]

    facts = [given(item) for item in theorem.given]
    if isinstance(theorem, Entails):
        return ["entails", facts, [fact(f) for f in theorem.then], [fact(f) for f in theorem.have]]
    return [
        "equal",
        facts,
        side(theorem.left),
        side(theorem.right),
        maps(theorem.forth),
        maps(theorem.back),
        [fact(f) for f in theorem.have_forth],
        [fact(f) for f in theorem.have_back],
    ]


def read_again(theorem: Entails | Equal) -> Entails | Equal:
    """The theorem as the trusted reader reads it; all other modules work on the result.

    Raises:
        Malformed: the theorem is not a valid statement.
    """
    found = statement(as_data(theorem))
    if isinstance(found, Entails) and isinstance(theorem, Entails):
        return replace(found, split=theorem.split)
    return found


def on_axes(theorem: Equal, count: int) -> Equal:
    """The same theorem on `count` axes at once; each symbol gets the number of its axis.

    Raises:
        ParseError: `count` is not from 1 to 9, or the theorem is not made by `equal`.
    """
    if type(count) is not int or not 1 <= count <= 9:
        raise ParseError(f"{count!r} axes; the number must be 1 to 9")
    if not isinstance(theorem, Equal):
        raise ParseError("on_axes(...) requires a theorem made by equal(...)")

    def side(one: FiniteSum) -> FiniteSum:
        factors = tuple(
            (name, tuple(_on(p, n) for n in range(1, count + 1) for p in index))
            for name, index in one.entry.factors
        )
        axes = range(1, count + 1)
        return FiniteSum(
            Entry(factors),
            tuple(f"{v}{n}" for n in axes for v in one.over),
            tuple(_fact(f, n) for n in axes for f in one.guards),
            tuple(_floor(q, n) for n in axes for q in one.lets),
        )

    axes = range(1, count + 1)
    return Equal(
        tuple(_given(g, n) for n in axes for g in theorem.given),
        side(theorem.left),
        side(theorem.right),
        tuple((f"{v}{n}", _on(p, n)) for n in axes for v, p in theorem.forth),
        tuple((f"{v}{n}", _on(p, n)) for n in axes for v, p in theorem.back),
        tuple(_fact(f, n) for n in axes for f in theorem.have_forth),
        tuple(_fact(f, n) for n in axes for f in theorem.have_back),
    )


def _on(poly: Poly, axis: int) -> Poly:
    """The polynomial with the number of the axis added to each symbol; a mark ' stays last."""

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
