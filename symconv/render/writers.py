"""The output formats of a page, by name."""

from __future__ import annotations

from collections.abc import Sequence

from symconv.render import html, latex, markdown, notebook, pdf, text
from symconv.render.lines import Limits
from symconv.render.tree import Block, Document, Heading

PAGES = ("text", "markdown", "latex", "html", "ipynb", "pdf")


def written(document: Document, kind: str, limits: Limits | None = None) -> str | bytes:
    """The page in the format `kind`, one of `PAGES`; `limits` defaults to those of the format.

    Raises:
        EngineMissing: the format is PDF and pdflatex is not installed.
    """
    if kind == "text":
        return text.page(document, limits or text.SCREEN)
    if kind == "html":
        return html.page(document, limits or html.SCREEN)
    if kind == "pdf":
        return pdf.compile_latex(latex.standalone(document, limits or latex.PAGE))[0]
    write = {"markdown": markdown.page, "latex": latex.fragment, "ipynb": notebook.page}[kind]
    return write(document, limits or latex.PAGE)


def together(documents: Sequence[Document], kind: str) -> str | bytes:
    """Several pages as one: concatenated, or as sections of a single file in other formats."""
    if len(documents) == 1:
        return written(documents[0], kind)
    if kind in ("text", "markdown", "latex"):
        return "\n".join(str(written(document, kind)) for document in documents)
    blocks: list[Block] = []
    for document in documents:
        blocks += [Heading(1, document.title), *document.blocks]
    return written(Document(f"{len(documents)} pages", tuple(blocks)), kind)
