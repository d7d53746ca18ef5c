r"""Estimated width of formulas in LaTeX, in points, so that no line is overfull.

The estimates are for Computer Modern at 10 pt and err on the wide side: a digit is 5 pt, a digit of
an index 4 pt, matrix columns are 10 pt apart (twice `\arraycolsep`). Only pdflatex knows the exact
widths; the tests compile pages and look for overfull lines.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any

from symconv.core.polynomial import Polynomial, as_polynomial, powers
from symconv.render.tree import (
    BigSum,
    Chain,
    Dots,
    Element,
    Inner,
    Letter,
    Math,
    Matrix,
    Power,
    Product,
    Struck,
    Sum,
    Value,
)

TEXT_WIDTH = 345.0
"""`\\textwidth` of article at 10 pt."""

DIGIT, INDEX_DIGIT, INDEX_COMMA = 5.0, 4.0, 2.8
OPERATOR, RELATION, COLUMN_GAP, BRACKET = 12.3, 13.4, 10.0, 7.6
SMALL, SMALL_GAP = 0.84, 2.8
"""For `smallmatrix`: its type size relative to normal, and its column gap (`\\thickspace`).

Its digits and index digits are set at 7 and 5 pt instead of 10 and 7 pt.
"""
_WIDE = {"W": 10.5, "M": 10.5, "N": 8.9, "K": 9.0, "X": 9.2, "Y": 8.0, "H": 9.2}


@lru_cache(maxsize=65536)
def _symbol(name: str) -> float:
    base, *indices = name.split("_")
    width = _WIDE.get(base, 6.2 if len(base) == 1 else 5.9 * len(base) + 1)
    if indices:
        width += 1 + INDEX_COMMA * (len(indices) - 1)
        width += sum(INDEX_DIGIT * len(part) * (1 if part.isdigit() else 1.3) for part in indices)
    return width


def _number(value: int | Fraction, decimal: bool) -> float:
    sign = 7.8 if value < 0 else 0.0
    if isinstance(value, int):
        return sign + DIGIT * len(str(abs(value)))
    if decimal:
        return sign + 2.8 + DIGIT * (len(str(abs(value.numerator))) + len(str(value.denominator)))
    longest = max(len(str(abs(value.numerator))), len(str(value.denominator)))
    return sign + DIGIT * longest + 2.4


def _value(node: Value) -> float:
    if not isinstance(node.value, Polynomial):
        return _number(node.value, node.decimal)
    total = 0.0
    for n, (monomial, coefficient) in enumerate(node.value.terms):
        total += OPERATOR if n else 0
        if coefficient not in (1, -1) or not monomial:
            total += _number(max(coefficient, -coefficient), node.decimal) + 1.7
        total += sum(_symbol(v) + (4.5 if p > 1 else 0) for v, p in powers(monomial))
    return total or DIGIT


def _matrix(node: Matrix) -> float:
    columns = zip(*node.rows, strict=True)
    widths = [max((width(cell) for cell in c if cell is not None), default=0.0) for c in columns]
    if node.highlights:
        widths = [
            w + 7 if any(c == n for _, c in node.highlights) else w for n, w in enumerate(widths)
        ]
    trimmed = len(widths) - 1 if len(widths) <= 10 else len(widths)
    if node.small:
        return SMALL * sum(widths) + SMALL_GAP * trimmed + 2 * BRACKET
    return sum(widths) + COLUMN_GAP * trimmed + 2 * BRACKET


def _bracketed(node: Math) -> bool:
    """Whether a factor is written in parentheses."""
    if isinstance(node, Value) and not isinstance(node.value, Polynomial):
        return node.value < 0
    several = isinstance(node, Value) and len(as_polynomial(node.value).terms) > 1
    return isinstance(node, Sum) or several


def _product(node: Product) -> float:
    gap = 7.4 if node.dot else 1.7
    brackets = 9.5 * sum(map(_bracketed, node.factors))
    return sum(width(f) for f in node.factors) + gap * (len(node.factors) - 1) + brackets


_MEASURES: dict[type, Callable[[Any], float]] = {
    Value: _value,
    Letter: lambda n: _symbol("_".join((n.name, *map(str, n.indices)))),
    Power: lambda n: width(n.base) + 6 * len(n.exponent) + (8 if type(n.base) is not Letter else 0),
    Product: _product,
    Inner: lambda n: width(n.left) + width(n.right) + 13,
    Sum: lambda n: sum(map(width, n.terms)) + OPERATOR * max(len(n.terms) - 1, 0),
    Dots: lambda n: 12.0,
    Matrix: _matrix,
    Struck: lambda n: DIGIT if n.inner is None else width(n.inner),
    Chain: lambda n: sum(map(width, n.sides)) + RELATION * len(n.relations),
    Element: lambda n: _symbol(n.name) + 0.8 * sum(width(i) + INDEX_COMMA for i in n.indices),
    BigSum: lambda n: max([14.4, *(0.8 * width(g) for g in n.guards)]) + 1.7 + width(n.body),
}


def width(node: Math) -> float:
    """An upper estimate of the width of a formula, in points."""
    return _MEASURES[type(node)](node)
