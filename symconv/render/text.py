"""Pages as plain text for terminals, with formulas in ASCII."""

from __future__ import annotations

import textwrap

from symconv.render.boxes import Box, beside, box, signed, width
from symconv.render.format import PageFormat
from symconv.render.lines import Limits, Piece, broken, fitted
from symconv.render.tree import (
    Badge,
    Block,
    Chain,
    Code,
    Document,
    Equation,
    EquationList,
    Formula,
    Heading,
    Inline,
    Listing,
    Math,
    Matrix,
    Paragraph,
    Picture,
    Table,
)

SCREEN = Limits(96)


def _line(cut: list[Piece]) -> Box:
    parts: list[Box] = []
    for piece in cut:
        parts += signed(piece.sign, box(piece.math)) if piece.sign else [box(piece.math)]
    return beside(parts)


def display(node: Math, limits: Limits = SCREEN) -> str:
    """A formula on indented lines of its own; one that is too wide is broken or elided."""
    if isinstance(node, Matrix):
        lines = list(box(fitted(node, width, limits)).lines)
    elif isinstance(node, Chain):
        lines = []
        for n, cut in enumerate(broken(node, width, limits)):
            written = _line(cut)
            indent = 0 if n == 0 else box(node.sides[0]).width
            lines += [" " * indent + row for row in written.lines]
            lines += [""] if len(written.lines) > 1 else []
        lines = lines[:-1] if lines[-1] == "" else lines
    else:
        lines = list(box(node).lines)
    return "\n".join(f"    {row}".rstrip() for row in lines)


def inline(parts: tuple[Inline, ...]) -> str:
    """The parts of a paragraph or table cell as text, on one line."""
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
    """A formula on one line, with matrices as lists of rows."""
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
    """A table as aligned columns with wrapped cells."""
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
    """One block of a page as text."""
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
        case Picture(alt=alt):
            return textwrap.fill(f"({alt})", int(limits.width), break_long_words=False)
        case Badge(mark, detail):
            return textwrap.fill(f"[{mark}] {detail}", int(limits.width), break_long_words=False)


def page(document: Document, limits: Limits = SCREEN) -> str:
    """The whole page as text."""
    title = Heading(1, document.title)
    return "\n\n".join(block(b, limits) for b in (title, *document.blocks)) + "\n"


FORMAT = PageFormat("text", (".txt",), SCREEN, page, pictures=False)
