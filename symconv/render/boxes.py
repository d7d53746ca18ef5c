"""Formulas as boxes of ASCII characters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symconv.core.polynomial import Polynomial
from symconv.render.latexmath import finite_decimal
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

_DOTS = {"row": ":", "column": "...", "both": "...", "sum": "..."}


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of characters: lines of equal length."""

    lines: tuple[str, ...]

    @property
    def width(self) -> int:
        """The width in characters."""
        return len(self.lines[0])


def beside(boxes: list[Box]) -> Box:
    """Boxes side by side, centred vertically."""
    height = max(len(b.lines) for b in boxes)
    columns = []
    for b in boxes:
        above = (height - len(b.lines)) // 2
        below = height - len(b.lines) - above
        blank = " " * b.width
        columns.append([blank] * above + list(b.lines) + [blank] * below)
    return Box(tuple("".join(parts) for parts in zip(*columns, strict=True)))


def one(line: str) -> Box:
    """A box of a single line."""
    return Box((line,))


def _number(value: int | Fraction, decimal: bool) -> str:
    shown = finite_decimal(value) if decimal and isinstance(value, Fraction) else None
    return shown if shown is not None else str(value)


def _value(node: Value) -> Box:
    if isinstance(node.value, Polynomial):
        return one(str(node.value))
    return one(_number(node.value, node.decimal))


def _power(node: Power) -> Box:
    base = box(node.base)
    if not isinstance(node.base, Letter):
        base = beside([one("("), base, one(")")])
    return beside([base, one(f"^{node.exponent}")])


def _matrix(node: Matrix) -> Box:
    cells = [[box(c).lines[0] if c is not None else "" for c in row] for row in node.rows]
    for r, c in node.highlights:
        cells[r][c] = f"<{cells[r][c]}>"
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    widths = [max(w, 1) for w in widths]
    # entries that contain a space could not be told apart with a gap of one space
    gap = " " if node.small and not any(" " in c for row in cells for c in row) else "  "
    return Box(
        tuple(
            "[" + gap.join(c.rjust(w) for c, w in zip(row, widths, strict=True)) + "]"
            for row in cells
        )
    )


def _product(node: Product) -> Box:
    parts: list[Box] = []
    for n, factor in enumerate(node.factors):
        inner = box(factor)
        if n:
            parts.append(one("*" if node.dot and len(inner.lines) == 1 else " "))
        several = isinstance(factor, (Sum, Chain)) or " " in inner.lines[0].strip()
        negative = inner.lines[0].startswith("-") and n > 0
        closed = isinstance(factor, (Matrix, Element)) or len(inner.lines) > 1
        if not closed and (several or negative):
            inner = one(f"({inner.lines[0]})")
        parts.append(inner)
    return beside(parts)


def signed(sign: str, inner: Box) -> list[Box]:
    """An operator followed by its term; the leading minus of a term replaces a plus."""
    if sign == "+" and len(inner.lines) == 1 and inner.lines[0].startswith("-"):
        return [one(" - "), one(inner.lines[0][1:])]
    return [one(f" {sign} "), inner]


def _sum(node: Sum) -> Box:
    if not node.terms:
        return one("0")
    parts = [box(node.terms[0])]
    for term in node.terms[1:]:
        parts += signed("+", box(term))
    return beside(parts)


def _chain(node: Chain) -> Box:
    parts = [box(node.sides[0])]
    for relation, side in zip(node.relations, node.sides[1:], strict=True):
        parts += [one(f" {relation} "), box(side)]
    return beside(parts)


def _big_sum(node: BigSum) -> Box:
    """The body on the first line, the conditions that are summed over on the lines below."""
    lines = [f"sum of {box(node.body).lines[0]} over", *(box(g).lines[0] for g in node.guards)]
    most = max(map(len, lines))
    return Box(tuple(line.ljust(most) for line in lines))


_WRITERS: dict[type, Callable[[Any], Box]] = {
    Value: _value,
    Letter: lambda n: one("_".join((n.name, *map(str, n.indices)))),
    Power: _power,
    Product: _product,
    Inner: lambda n: beside([one("<"), box(n.left), one(", "), box(n.right), one(">")]),
    Sum: _sum,
    Dots: lambda n: one(_DOTS[n.kind]),
    Matrix: _matrix,
    Struck: lambda n: one(f"~{box(n.inner).lines[0]}~" if n.inner else "~"),
    Chain: _chain,
    Element: lambda n: one(f"{n.name}[{', '.join(box(i).lines[0] for i in n.indices)}]"),
    BigSum: _big_sum,
}


def box(node: Math) -> Box:
    """The formula as a box of ASCII characters."""
    return _WRITERS[type(node)](node)


def width(node: Math) -> float:
    """The width of a formula in characters."""
    return box(node).width
