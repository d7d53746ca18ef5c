"""Pages as Markdown with formulas in `$` and `$$`, as GitHub and Jupyter render them.

No line of a display may start with an operator: Markdown parses lists and headings before
formulas and would take `+` for a list item and `=` for the underline of a heading.
"""

from __future__ import annotations

import base64
import re

from symconv.render import latex, svg
from symconv.render.format import PageFormat
from symconv.render.latexmath import math
from symconv.render.lines import Limits
from symconv.render.tree import (
    Badge,
    Block,
    Code,
    Document,
    Equation,
    EquationList,
    Formula,
    Heading,
    Inline,
    Listing,
    Math,
    Paragraph,
    Picture,
    Table,
)

_SPECIAL = re.compile(r"([\\`*_<>$|\[\]#])")


def _displayed(chains: tuple[Math, ...], limits: Limits) -> str:
    return "\n\n".join(f"$$\n{formula}\n$$" for formula in latex.displays(chains, limits))


def text(words: str) -> str:
    """The text with Markdown's special characters escaped."""
    return _SPECIAL.sub(r"\\\1", words)


def inline(parts: tuple[Inline, ...]) -> str:
    """The parts of a paragraph or table cell as Markdown, on one line."""
    written = []
    for part in parts:
        if isinstance(part, str):
            written.append(text(part))
        elif isinstance(part, Code):
            written.append(f"`{part.text}`")
        else:
            written.append(f"${math(part)}$".replace("\n", " "))
    return "".join(written)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def block(node: Block, limits: Limits = latex.PAGE) -> str:
    """One block of a page as Markdown."""
    match node:
        case Heading(level, words):
            return f"{'#' * level} {text(words)}"
        case Paragraph(parts):
            return inline(parts)
        case Equation(formula):
            return _displayed((formula,), limits)
        case EquationList(chains):
            return _displayed(chains, limits)
        case Table(header, rows, _):
            lines = [_row([text(h) for h in header]), _row(["---"] * len(header))]
            return "\n".join(lines + [_row([inline(cell) for cell in row]) for row in rows])
        case Listing(code, language):
            return f"```{language}\n{code}\n```"
        case Formula(formula, _):
            return f"$$\n{formula}\n$$"
        case Picture():
            data = base64.b64encode(svg.picture(node).encode()).decode()
            return f"![{text(node.alt)}](data:image/svg+xml;base64,{data})"
        case Badge(mark, detail):
            return f"> **{text(mark)}**: {text(detail)}"


def page(document: Document, limits: Limits = latex.PAGE) -> str:
    """The whole page as Markdown."""
    title = Heading(1, document.title)
    return "\n\n".join(block(b, limits) for b in (title, *document.blocks)) + "\n"


FORMAT = PageFormat("markdown", (".md", ".markdown"), latex.PAGE, page)
