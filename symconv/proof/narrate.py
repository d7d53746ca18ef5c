"""The page of a theorem: hypotheses, claim, and the parts of its proof that are not obvious."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from symconv.proof.formulas import Lengths, letter, relation, value
from symconv.proof.library import LibraryEntry
from symconv.proof.theorem import InRocq
from symconv.proof.trusted.kernel import Fact as Comparison
from symconv.proof.trusted.kernel import Poly
from symconv.proof.trusted.obligations import Obligation
from symconv.proof.trusted.statement import Either, Entails, Equal, Fact, Floor
from symconv.proof.trusted.statement import FiniteSum as Total
from symconv.proof.trusted.wellformed import names_in
from symconv.render.tree import (
    Badge,
    BigSum,
    Block,
    Chain,
    Code,
    Document,
    Element,
    Equation,
    EquationList,
    Formula,
    Heading,
    Inline,
    Letter,
    Math,
    Product,
    Sum,
    Value,
    equals,
    paragraph,
)

MOST_SHOWN = 4
"""The most obligations of a part whose identities are written out."""


def _sum(one: Total, lengths: Lengths) -> Math:
    guards: list[Math] = [relation(lengths.short(f)) for f in one.guards]
    for floor in one.lets:
        guards += [relation(f) for f in floor.facts]
    factors = tuple(
        Element(name, tuple(value(p) for p in index)) for name, index in one.entry.factors
    )
    return BigSum(tuple(guards), factors[0] if len(factors) == 1 else Product(factors))


def hypotheses(given: Iterable[Fact | Either | Floor], lengths: Lengths) -> list[Block]:
    """The hypotheses as blocks: facts as formulas, alternatives and quotients as sentences."""
    blocks: list[Block] = []
    facts = [relation(lengths.short(item)) for item in given if isinstance(item, Fact)]
    if facts:
        blocks.append(EquationList(tuple(facts)))
    for item in given:
        if isinstance(item, Either):
            parts: list[Any] = ["At least one of these holds: "]
            for n, fact in enumerate(item.facts):
                parts += [" or " if n else "", relation(fact)]
            blocks.append(paragraph(*parts, "."))
        elif isinstance(item, Floor):
            blocks.append(
                paragraph(
                    Letter(letter(item.name)),
                    " is the floor of the quotient of ",
                    value(item.numerator),
                    " and ",
                    value(item.denominator),
                    ".",
                )
            )
    return blocks


def _maps(maps: Iterable[tuple[str, Poly]]) -> EquationList:
    return EquationList(tuple(equals(Letter(letter(n)), value(p)) for n, p in maps))


def symbols_of_part(part: Entails | Equal) -> set[str]:
    """The names of all symbols in a statement."""
    rest = part.then if isinstance(part, Entails) else (part.left, part.right)
    return {name for item in (*part.given, *rest) for name in names_in(item)}


def statement(part: Entails | Equal | InRocq, laws: Mapping[str, Poly]) -> list[Block]:
    """The hypotheses and the claim as blocks; `laws` are the abbreviations to use."""
    if isinstance(part, InRocq):
        return [Formula(part.latex, part.says), paragraph(f"In Rocq: {part.lemma} of {part.file}.")]
    lengths = Lengths(laws, symbols_of_part(part))
    blocks: list[Block] = [paragraph("Given integers with"), *hypotheses(part.given, lengths)]
    if isinstance(part, Entails):
        claim = EquationList(tuple(relation(lengths.short(f)) for f in part.then))
        return [*blocks, paragraph("it follows that"), claim, *lengths.told()]
    sums = tuple(_sum(side, lengths) for side in (part.left, part.right))
    over = [
        ", ".join([*side.over, *(f.name for f in side.lets)]) or "nothing"
        for side in (part.left, part.right)
    ]
    return [
        *blocks,
        paragraph("and any tensors over a commutative ring,"),
        Equation(Chain(sums, ("=",))),
        paragraph(f"The sums run over integers: left over {over[0]}, right over {over[1]}."),
        *lengths.told(),
    ]


def proof(
    part: Entails | Equal | InRocq, known: Mapping[str, Any], wanted: Sequence[Obligation]
) -> list[Block]:
    """The proof as blocks: the maps, the steps, and the identities that multiply facts.

    `known` has the certificates by key, `wanted` the obligations of this part.
    """
    blocks: list[Block] = []
    if isinstance(part, InRocq):
        return blocks
    if isinstance(part, Equal):
        blocks += [
            paragraph("The indices of the right sum in terms of those of the left:"),
            _maps(part.forth),
            paragraph("and conversely:"),
            _maps(part.back),
        ]
        steps = (*part.have_forth, *part.have_back)
    else:
        steps = part.have
    if steps:
        blocks += [
            paragraph("Intermediate facts:"),
            EquationList(tuple(relation(f) for f in steps)),
        ]
    hard = [o for o in wanted if o.key in known and not _plain(known[o.key])]
    plain = len(wanted) - len(hard)
    blocks.append(paragraph(_counted(len(wanted), plain, len(hard))))
    for obligation in hard[:MOST_SHOWN]:
        blocks += _identity(obligation, known[obligation.key])
    return blocks


def _counted(wanted: int, plain: int, hard: int) -> str:
    words = f"{wanted} {'sequent has' if wanted == 1 else 'sequents have'} to hold"
    if not hard:
        return f"{words}; {'it follows' if wanted == 1 else 'each follows'} by adding facts."
    shown = ", the first of them:" if hard > MOST_SHOWN else ":"
    some = f"; {plain} by adding facts, {hard}" if plain else ""
    return f"{words}{some} by products of facts{shown}"


def _leaves(certificate: Mapping[str, Any], sign: str = "") -> list[tuple[str, Mapping[str, Any]]]:
    if "ge" in certificate:
        return [*_leaves(certificate["ge"], ">="), *_leaves(certificate["le"], "<=")]
    if "split" in certificate:
        return [*_leaves(certificate["pos"], "split"), *_leaves(certificate["neg"], "split")]
    return [(sign, certificate)]


def _plain(certificate: Mapping[str, Any]) -> bool:
    return all(
        all(len(places) == 1 for _, places in leaf["products"])
        and all(set(multiple) <= {()} for multiple, _ in leaf["equalities"])
        for _, leaf in _leaves(certificate)
    )


def _identity(obligation: Obligation, certificate: Mapping[str, Any]) -> list[Block]:
    """The facts, including the negated goal, whose combination is a contradiction."""
    goal = Fact(*obligation.goal)
    blocks: list[Block] = [paragraph(f"{obligation.name}: ", relation(goal), ". If not, then for")]
    for sign, leaf in _leaves(certificate):
        if sign == "split" or _plain(leaf):
            continue
        poly = -goal.poly if sign == "<=" else goal.poly
        blocks += _added([*obligation.hypotheses, (">=", -poly - 1)], leaf)
    return [*blocks, paragraph("which is a contradiction.")]


def _added(known: Sequence[Comparison], leaf: Mapping[str, Any]) -> list[Block]:
    """The facts that a certificate uses, named P_1, P_2, ..., and their combination."""
    names: dict[int, Math] = {}
    used = [n for _, places in leaf["products"] for n in places]
    for place in [*used, *(n for _, n in leaf["equalities"])]:
        names.setdefault(place, Letter("P", (len(names) + 1,)))
    terms: list[Math] = []
    total = Poly()
    for factor, places in leaf["products"]:
        factors = [names[n] for n in places]
        terms.append(Product(tuple([Value(factor), *factors] if factor != 1 else factors)))
        product = Poly.of(factor)
        for n in places:
            product = product * known[n][1]
        total = total + product
    signs: dict[int, int] = {}
    for multiple, n in leaf["equalities"]:
        # an equation may be negated, which avoids a minus sign in the sum
        signs[n] = -1 if set(multiple) == {()} and multiple[()] < 0 else 1
        shown = multiple * signs[n]
        one = set(shown) == {()} and shown[()] == 1
        terms.append(names[n] if one else Product((value(shown), names[n])))
        total = total + multiple * known[n][1]
    chains = tuple(
        Chain(
            (name, value(known[n][1] * signs.get(n, 1)), Value(0)),
            ("=", ">=" if known[n][0] == ">=" else "="),
        )
        for n, name in names.items()
    )
    return [EquationList(chains), Equation(equals(Sum(tuple(terms)), value(total)))]


def coded(words: str) -> list[Inline]:
    """The text split into plain parts and the `code` between backticks."""
    parts = words.split("`")
    return [Code(part) if n % 2 else part for n, part in enumerate(parts) if part]


def document(
    entry: LibraryEntry, known: Mapping[str, Any], badge: Badge, false: str = ""
) -> Document:
    """The page of one entry; `false` is the counterexample to its twin, as text."""
    blocks: list[Block] = [badge]
    if entry.words:
        blocks.append(paragraph(*coded(entry.words)))
    blocks.append(paragraph(f"Source: {entry.source}"))
    for n, part in enumerate(entry.parts):
        head = "Statement" if len(entry.parts) == 1 else f"Statement, part {n + 1}"
        blocks += [Heading(2, head), *statement(part, entry.laws)]
    if not entry.only_rocq:
        blocks.append(Heading(2, "Proof"))
        for n, part in enumerate(entry.parts):
            mark = f"part {n + 1}, " if len(entry.parts) > 1 else ""
            own = [o for o in entry.obligations if o.name.startswith(mark)]
            blocks += proof(part, known, own)
    if entry.by_hand and entry.ours:
        lemmas = ", ".join(f"{lemma} of {file}" for file, lemma in entry.by_hand)
        blocks.append(paragraph(f"In Rocq's theory, {lemmas}: {entry.covers}."))
    if entry.twin is not None:
        blocks += [Heading(2, "A false variant"), Badge("REFUTED", f"{entry.twin_says}. {false}")]
    return Document(entry.title, tuple(blocks))
