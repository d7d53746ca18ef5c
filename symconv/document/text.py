"""Plain ASCII for terminals: formulas as boxes of characters."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symconv.document.latexmath import finite_decimal
from symconv.document.lines import Limits, Piece, broken, fitted
from symconv.document.tree import (
    Badge,
    BigSum,
    Block,
    Chain,
    Code,
    Document,
    Dots,
    Element,
    Equation,
    EquationList,
    Formula,
    Heading,
    Inline,
    Inner,
    Letter,
    Listing,
    Math,
    Matrix,
    Paragraph,
    Power,
    Product,
    Sum,
    Table,
    Value,
)
from symconv.polynomial import Polynomial

SCREEN = Limits(96)

_DOTS = {"row": ":", "column": "...", "both": "...", "sum": "..."}


@dataclass(frozen=True, slots=True)
class Box:
    """Lines of equal length; they are centred beside higher neighbours."""

    lines: tuple[str, ...]

    @property
    def width(self) -> int:
        """In characters."""
        return len(self.lines[0])


def _beside(boxes: list[Box]) -> Box:
    height = max(len(b.lines) for b in boxes)
    columns = []
    for b in boxes:
        above = (height - len(b.lines)) // 2
        below = height - len(b.lines) - above
        blank = " " * b.width
        columns.append([blank] * above + list(b.lines) + [blank] * below)
    return Box(tuple("".join(parts) for parts in zip(*columns, strict=True)))


def _one(line: str) -> Box:
    return Box((line,))


def _number(value: int | Fraction, decimal: bool) -> str:
    shown = finite_decimal(value) if decimal and isinstance(value, Fraction) else None
    return shown if shown is not None else str(value)


def _value(node: Value) -> Box:
    if isinstance(node.value, Polynomial):
        return _one(str(node.value))
    return _one(_number(node.value, node.decimal))


def _power(node: Power) -> Box:
    base = box(node.base)
    if not isinstance(node.base, Letter):
        base = _beside([_one("("), base, _one(")")])
    return _beside([base, _one(f"^{node.exponent}")])


def _matrix(node: Matrix) -> Box:
    cells = [[box(c).lines[0] if c is not None else "" for c in row] for row in node.rows]
    for r, c in node.highlights:
        cells[r][c] = f"<{cells[r][c]}>"
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    widths = [max(w, 1) for w in widths]
    return Box(
        tuple(
            "[" + "  ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)) + "]"
            for row in cells
        )
    )


def _product(node: Product) -> Box:
    parts: list[Box] = []
    for n, factor in enumerate(node.factors):
        inner = box(factor)
        if n:
            parts.append(_one("*" if node.dot and len(inner.lines) == 1 else " "))
        several = isinstance(factor, (Sum, Chain)) or " " in inner.lines[0].strip()
        negative = inner.lines[0].startswith("-") and n > 0
        closed = isinstance(factor, (Matrix, Element)) or len(inner.lines) > 1
        if not closed and (several or negative):
            inner = _one(f"({inner.lines[0]})")
        parts.append(inner)
    return _beside(parts)


def _signed(sign: str, inner: Box) -> list[Box]:
    if sign == "+" and len(inner.lines) == 1 and inner.lines[0].startswith("-"):
        return [_one(" - "), _one(inner.lines[0][1:])]
    return [_one(f" {sign} "), inner]


def _sum(node: Sum) -> Box:
    if not node.terms:
        return _one("0")
    parts = [box(node.terms[0])]
    for term in node.terms[1:]:
        parts += _signed("+", box(term))
    return _beside(parts)


def _chain(node: Chain) -> Box:
    parts = [box(node.sides[0])]
    for relation, side in zip(node.relations, node.sides[1:], strict=True):
        parts += [_one(f" {relation} "), box(side)]
    return _beside(parts)


def _big_sum(node: BigSum) -> Box:
    """The body above, everything that is summed over below it."""
    lines = [f"sum of {box(node.body).lines[0]} over", *(box(g).lines[0] for g in node.guards)]
    most = max(map(len, lines))
    return Box(tuple(line.ljust(most) for line in lines))


_WRITERS: dict[type, Callable[[Any], Box]] = {
    Value: _value,
    Letter: lambda n: _one("_".join((n.name, *map(str, n.indices)))),
    Power: _power,
    Product: _product,
    Inner: lambda n: _beside([_one("<"), box(n.left), _one(", "), box(n.right), _one(">")]),
    Sum: _sum,
    Dots: lambda n: _one(_DOTS[n.kind]),
    Matrix: _matrix,
    Chain: _chain,
    Element: lambda n: _one(f"{n.name}[{', '.join(box(i).lines[0] for i in n.indices)}]"),
    BigSum: _big_sum,
}


def box(node: Math) -> Box:
    """A formula as characters."""
    return _WRITERS[type(node)](node)


def _width(node: Math) -> float:
    return box(node).width


def _line(cut: list[Piece]) -> Box:
    parts: list[Box] = []
    for piece in cut:
        parts += _signed(piece.sign, box(piece.math)) if piece.sign else [box(piece.math)]
    return _beside(parts)


def display(node: Math, limits: Limits = SCREEN) -> str:
    """A formula on lines of its own, broken or with dots where it is too wide."""
    if isinstance(node, Matrix):
        lines = list(box(fitted(node, _width, limits)).lines)
    elif isinstance(node, Chain):
        lines = []
        for n, cut in enumerate(broken(node, _width, limits)):
            written = _line(cut)
            indent = 0 if n == 0 else box(node.sides[0]).width
            lines += [" " * indent + row for row in written.lines]
            lines += [""] if len(written.lines) > 1 else []
        lines = lines[:-1] if lines[-1] == "" else lines
    else:
        lines = list(box(node).lines)
    return "\n".join(f"    {row}".rstrip() for row in lines)


def inline(parts: tuple[Inline, ...]) -> str:
    """The parts of a paragraph or cell, on one line."""
    written = []
    for part in parts:
        if isinstance(part, str):
            written.append(part)
        elif isinstance(part, Code):
            written.append(part.text)
        else:
            written.append(_flat(part))
    return "".join(written)


def _flat(node: Math) -> str:
    """A formula in one line: matrices as lists of rows."""
    if isinstance(node, Matrix):
        rows = (", ".join(_flat(c) if c is not None else "0" for c in row) for row in node.rows)
        return "[" + ", ".join(f"[{row}]" for row in rows) + "]"
    if isinstance(node, Chain):
        parts = [_flat(node.sides[0])]
        for relation, side in zip(node.relations, node.sides[1:], strict=True):
            parts.append(f"{relation} {_flat(side)}")
        return " ".join(parts)
    return box(node).lines[0]


def table(node: Table, limits: Limits = SCREEN) -> str:
    """Columns side by side, cells wrapped."""
    room = int(limits.width) - 2 * (len(node.widths) - 1)
    widths = [max(4, room * share // sum(node.widths)) for share in node.widths]

    def row(cells: list[str]) -> list[str]:
        wrapped = [
            textwrap.wrap(c, w, break_on_hyphens=False) or [""]
            for c, w in zip(cells, widths, strict=True)
        ]
        height = max(map(len, wrapped))
        filled = [column + [""] * (height - len(column)) for column in wrapped]
        joined = zip(*filled, strict=True)
        return [
            "  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip()
            for line in joined
        ]

    lines = [*row(list(node.header)), "  ".join("-" * w for w in widths)]
    for cells in node.rows:
        lines += row([inline(cell) for cell in cells])
    return "\n".join(lines)


def block(node: Block, limits: Limits = SCREEN) -> str:
    """One block of a page."""
    match node:
        case Heading(level, words):
            return f"{words}\n{('=' if level == 1 else '-') * len(words)}"
        case Paragraph(parts):
            return textwrap.fill(inline(parts), int(limits.width), break_long_words=False)
        case Equation(formula):
            return display(formula, limits)
        case EquationList(chains):
            return "\n".join(display(chain, limits) for chain in chains)
        case Table():
            return table(node, limits)
        case Listing(code, _):
            return textwrap.indent(code, "    ")
        case Formula(_, plain):
            return textwrap.indent(plain, "    ")
        case Badge(mark, detail):
            return textwrap.fill(f"[{mark}] {detail}", int(limits.width), break_long_words=False)


def page(document: Document, limits: Limits = SCREEN) -> str:
    """The whole page."""
    title = Heading(1, document.title)
    return "\n\n".join(block(b, limits) for b in (title, *document.blocks)) + "\n"
