"""Pages as LaTeX: blocks, fragments to paste into an article, and complete articles."""

from __future__ import annotations

from symconv.render.format import PageFormat
from symconv.render.latexmath import RELATIONS, math
from symconv.render.latexpicture import picture
from symconv.render.latexwidth import TEXT_WIDTH, width
from symconv.render.latexwords import cut, text
from symconv.render.lines import Limits, Piece, broken, fitted, grouped
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

QUAD = 10.0
PAGE = Limits(TEXT_WIDTH - QUAD)
"""The text width of an article, less the quad that a continuation line starts with."""


def _line(cut: list[Piece], first: bool, align_at: str = "&") -> str:
    """One line of a display; if `first`, it starts with the left-hand side of its chain."""
    parts = []
    for n, piece in enumerate(cut):
        text = math(piece.math)
        sign = piece.sign
        if sign == "+" and text.startswith("-"):
            sign, text = "-", text[1:]
        sign = RELATIONS.get(sign, sign)
        align = align_at if n == int(first) else ""
        gap = r"\quad " if align and piece.sign == "+" else ""
        parts.append(f"{align}{gap}{sign} {text}" if sign else text)
    return " ".join(parts)


def displays(chains: tuple[Math, ...], limits: Limits = PAGE) -> list[str]:
    """Displays of formulas below each other, without delimiters.

    A matrix that is too wide is elided, a chain that is too wide is broken into lines, and lines
    that are too high for one display are split into several.
    """
    if len(chains) == 1 and not isinstance(chains[0], Chain):
        alone = chains[0]
        return [math(fitted(alone, width, limits) if isinstance(alone, Matrix) else alone)]
    cut = [broken(c if isinstance(c, Chain) else Chain((c,), ()), width, limits) for c in chains]
    if len(cut) == 1 and len(cut[0]) == 1:
        return [_line(cut[0][0], first=True, align_at="")]
    return [
        "\\begin{aligned}\n"
        + " \\\\\n".join(_line(line, first) for first, line in group)
        + "\n\\end{aligned}"
        for group in grouped(cut, limits)
    ]


def inline(parts: tuple[Inline, ...]) -> str:
    """The parts of a paragraph or table cell as LaTeX."""
    written = []
    for part in parts:
        if isinstance(part, str):
            written.append(text(part))
        elif isinstance(part, Code):
            written.append(rf"\texttt{{{text(part.text)}}}")
        else:
            written.append(f"${math(part)}$")
    return "".join(written)


def _table(node: Table) -> str:
    """A table as one `tabular` per row, so that a page break can fall between any two rows."""
    room = 1 - 12 * len(node.widths) / TEXT_WIDTH - 0.01
    shares = [room * share / sum(node.widths) for share in node.widths]
    columns = "".join(f"p{{{share:.3f}\\linewidth}}" for share in shares)
    rows = [tuple((cell,) for cell in node.header), *node.rows]
    written = []
    for n, row in enumerate(rows):
        cells = " & ".join(f"\\raggedright {inline(cell)}" for cell in row)
        rule = "\\hline" if n < 2 else ""
        written.append(
            f"\\noindent\\begin{{tabular}}{{{columns}}}{rule}\n{cells} \\tabularnewline\n"
            "\\end{tabular}\\par"
        )
    return "{\\footnotesize\n" + "\n".join(written) + "\n}"


def _displayed(chains: tuple[Math, ...], limits: Limits) -> str:
    return "\n".join(f"\\[\n{formula}\n\\]" for formula in displays(chains, limits))


def block(node: Block, limits: Limits = PAGE, *, colour: bool = False) -> str:
    """One block of a page as LaTeX; `colour` if the article loads the package `color`."""
    match node:
        case Heading(level, words):
            return f"\\{'sub' * (min(level, 3) - 1)}section*{{\\raggedright {text(words)}}}"
        case Paragraph(parts):
            words = inline(parts)
            if any(isinstance(part, Code) for part in parts):
                # TeX breaks no line inside \texttt; sloppypar prefers wide spaces to a wide line.
                return f"\\begin{{sloppypar}}\n{words}\n\\end{{sloppypar}}"
            return words
        case Equation(formula):
            return _displayed((formula,), limits)
        case EquationList(chains):
            return _displayed(chains, limits)
        case Table():
            return _table(node)
        case Listing(code, _):
            return f"{{\\footnotesize\n\\begin{{verbatim}}\n{cut(code)}\n\\end{{verbatim}}\n}}"
        case Formula(formula, _):
            return f"\\[\n{formula}\n\\]"
        case Picture():
            return picture(node, colour)
        case Badge(mark, detail):
            return f"{{\\raggedright\\noindent\\textbf{{{text(mark)}}} --- {text(detail)}\\par}}"


def fragment(document: Document, limits: Limits = PAGE, *, colour: bool = False) -> str:
    """The page as LaTeX to paste into an article.

    The article needs amsmath, and the package `color` if `colour`.
    """
    title = Heading(1, document.title)
    blocks = (title, *document.blocks)
    return "\n\n".join(block(b, limits, colour=colour) for b in blocks) + "\n"


def standalone(document: Document, limits: Limits = PAGE) -> str:
    """The page as a complete article."""
    colour = any(isinstance(b, Picture) for b in document.blocks)
    packages = "\\usepackage{amsmath}\n" + ("\\usepackage{color}\n" if colour else "")
    return (
        f"\\documentclass{{article}}\n{packages}\\setlength{{\\parindent}}{{0pt}}\n"
        "\\setlength{\\parskip}{5pt}\n"
        f"\\begin{{document}}\n\n{fragment(document, limits, colour=colour)}\n\\end{{document}}\n"
    )


FORMAT = PageFormat("latex", (".tex",), PAGE, fragment)
