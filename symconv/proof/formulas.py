"""Facts and polynomials of a statement as formulas in the usual notation."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping

from symconv.core.polynomial import Polynomial
from symconv.proof.trusted.kernel import Poly
from symconv.proof.trusted.statement import Fact
from symconv.render.tree import (
    Block,
    Chain,
    EquationList,
    Letter,
    Math,
    Sum,
    Value,
    equals,
    paragraph,
)


def letter(name: str) -> str:
    """The name with digits as an index, `s2` as `s_2`, and the mark ' of images spelled out."""
    return re.sub(r"^([A-Za-z]+)(\d+)", r"\1_\2", name.replace("'", "_image"))


def polynomial(poly: Poly) -> Polynomial:
    """The kernel's polynomial as the polynomial type that pages use."""
    terms = [Polynomial((((), c),)) * _product(m) for m, c in poly.items()]
    return Polynomial.sum(terms)


def _product(monomial: tuple[str, ...]) -> Polynomial:
    found = Polynomial.constant(1)
    for name in monomial:
        found = found * Polynomial.variable(letter(name))
    return found


def value(poly: Poly) -> Math:
    """A polynomial as a formula; a positive term comes first if there is one."""
    whole = polynomial(poly)
    terms = [Polynomial((term,)) for term in whole.terms]
    if len(terms) > 1 and whole.terms[0][1] < 0 and any(c > 0 for _, c in whole.terms):
        terms.sort(key=lambda t: t.terms[0][1] < 0)
        return Sum(tuple(Value(t) for t in terms))
    return Value(whole)


class Lengths:
    """Abbreviations: polynomials that are replaced by a symbol where that shortens a fact.

    Attributes:
        laws: the polynomials by their symbol.
        used: those that `short` has used so far.
    """

    def __init__(self, laws: Mapping[str, Poly], symbols: Container[str]) -> None:
        """Use the abbreviations `laws`, except those with the name of a symbol in `symbols`."""
        self.laws = {
            name: law
            for name, law in laws.items()
            if name not in symbols and not any(name in m for m in law)
        }
        self.used: dict[str, Poly] = {}

    def short(self, fact: Fact) -> Fact:
        """The fact with polynomials replaced by their symbols where that leaves fewer terms."""
        found = fact.poly
        for name, law in self.laws.items():
            for sign in (1, -1):
                tried = found - law * sign + Poly({(name,): sign})
                if len(tried) < len(found):
                    found = tried
                    self.used[name] = law
        return Fact(fact.relation, found)

    def told(self) -> list[Block]:
        """The definitions of the abbreviations used so far, as blocks; empty if there are none."""
        if not self.used:
            return []
        chains = tuple(equals(Letter(letter(n)), value(law)) for n, law in self.used.items())
        return [paragraph("where"), EquationList(chains)]


def relation(fact: Fact) -> Chain:
    """The fact with negative terms moved to the other side, and `a > b` for `a >= b + 1`."""
    left = Poly({m: c for m, c in fact.poly.items() if c > 0})
    right = Poly({m: -c for m, c in fact.poly.items() if c < 0})
    sign = "=" if fact.relation == "==" else ">="
    if sign == ">=" and right.get(()) == 1 and len(right) > 1:
        right = right - 1
        sign = ">"
    if set(right) <= {()}:
        return Chain((value(left), value(right)), (sign,))
    flipped = {"=": "=", ">=": "<=", ">": "<"}[sign]
    return Chain((value(right), value(left)), (flipped,))
