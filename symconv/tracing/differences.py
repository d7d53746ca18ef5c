"""How one element differs from the definition: products missing, extra, or with another factor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from symconv.tracing.table import Name

Terms = Mapping[tuple[Name, ...], Any]
NAMES = {"output": "y", "grad_input": "grad_x", "grad_weight": "grad_k", "grad_bias": "grad_b"}
UNIT = Fraction(1, 2**24)
"""Unit roundoff of float32."""
FACTORS, VANISHING = 8, 64
"""Tolerances for programs whose only error is in rounded constants, in units of roundoff: of a
coefficient, and of a sum that should vanish. The second is larger because the tables of a fast
algorithm hold numbers larger than their sums.
"""
MOST = 3


@dataclass(frozen=True, slots=True)
class Difference:
    """One element whose polynomial differs from the definition.

    Attributes:
        result: `output`, `grad_input`, `grad_weight`, `grad_bias`.
        place: index of the element.
        missing: products of the definition that the program lacks.
        extra: products of the program that the definition lacks.
        scaled: `(product, factor in the program, factor in the definition)` where factors differ.
        constants_only: the largest error if rounded constants explain the difference, else None;
            relative for a factor, absolute for a product that should vanish.
        got: all products of the program, with their factors.
        wanted: all products of the definition, with their factors.
    """

    result: str
    place: tuple[int, ...]
    missing: tuple[tuple[Name, ...], ...]
    extra: tuple[tuple[Name, ...], ...]
    scaled: tuple[tuple[tuple[Name, ...], Any, Any], ...]
    constants_only: Fraction | None = None
    got: Terms = field(default_factory=dict)
    wanted: Terms = field(default_factory=dict)

    def cell(self, paper: bool = False) -> str:
        """The name of the cell; `paper` omits sample and channel from its index."""
        return f"{NAMES[self.result]}{_index(self.place, paper)}"

    def told(self, paper: bool = False) -> str:
        """The difference as text; `paper` omits sample and channel from indices."""
        parts = []
        for verb, products in (("missing", self.missing), ("too much", self.extra)):
            if products:
                parts.append(_listed(products, verb, paper))
        for product, got, wanted in self.scaled[:MOST]:
            parts.append(f"{_product(product, paper)} has the factor {got} instead of {wanted}")
        if len(self.scaled) > MOST:
            parts.append(f"{len(self.scaled) - MOST} more factors differ")
        return f"{self.cell(paper)}: {'; '.join(parts)}"


def difference(
    result: str, place: tuple[int, ...], got: Terms, wanted: Terms, unit: Fraction = UNIT
) -> Difference:
    """Compare the two polynomials of one element; `unit` is the unit roundoff of the dtype."""
    missing = tuple(sorted(p for p in wanted if p not in got))
    extra = tuple(sorted(p for p in got if p not in wanted))
    scaled = tuple((p, got[p], wanted[p]) for p in wanted if p in got and got[p] != wanted[p])
    factors = [abs(Fraction(g) / Fraction(w) - 1) for _, g, w in scaled]
    vanishing = [abs(Fraction(got[p])) for p in extra]
    almost = (
        (scaled or extra)
        and not missing
        and max(factors, default=0) < FACTORS * unit
        and max(vanishing, default=0) < VANISHING * unit
    )
    largest = max([*factors, *vanishing]) if almost else None
    return Difference(result, place, missing, extra, scaled, largest, got, wanted)


def shown_index(index: tuple[int, ...], paper: bool) -> tuple[int, ...]:
    """The index to print; `paper` omits sample and channel, of which there is one each."""
    return index[2:] if paper and len(index) > 2 else index


def _index(index: tuple[int, ...], paper: bool) -> str:
    shown = shown_index(index, paper)
    return f"[{','.join(map(str, shown))}]" if shown else ""


def _variable(name: Name, paper: bool) -> str:
    letter, index = name
    for kind, words in (("uninitialised", "uninitialised memory"), ("random", "a random number")):
        if letter.startswith(kind):
            return f"{words}{_index(index, False)}"
    return f"{letter}{_index(index, paper)}"


def ordered(variables: tuple[Name, ...]) -> list[Name]:
    """The factors of a product in printing order: input, output gradient, kernel, bias."""
    order = {"x": 0, "v": 1, "k": 2, "b": 3}
    return sorted(variables, key=lambda v: (order.get(v[0], 9), v[1]))


def _product(variables: tuple[Name, ...], paper: bool) -> str:
    return " ".join(_variable(v, paper) for v in ordered(variables)) or "1"


def _listed(products: tuple[tuple[Name, ...], ...], verb: str, paper: bool) -> str:
    shown = ", ".join(_product(p, paper) for p in products[:MOST])
    rest = len(products) - MOST
    if rest > 0:
        shown += f" and {rest} more"
    many = len(products) > 1
    noun = "the products" if many else "the product"
    if all(not p for p in products):
        noun, shown = "a constant", ""
    return f"{noun} {shown} {'are' if many else 'is'} {verb}".replace("  ", " ")
