"""Every format that a page can be written in, by its name."""

from __future__ import annotations

from symconv.document import html, latex, markdown, notebook, text
from symconv.document.lines import Limits
from symconv.document.tree import Document

PAGES = ("text", "markdown", "latex", "html", "ipynb")
"""Formats that are text; `pdf` is made from LaTeX by pdflatex."""


def written(document: Document, kind: str, limits: Limits | None = None) -> str:
    """A page in a format of `PAGES`; `limits` are a writer's own when left out."""
    if kind == "text":
        return text.page(document, limits or text.SCREEN)
    if kind == "html":
        return html.page(document, limits or html.SCREEN)
    write = {"markdown": markdown.page, "latex": latex.fragment, "ipynb": notebook.page}[kind]
    return write(document, limits or latex.PAGE)
