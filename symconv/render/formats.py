"""The formats that a page can be written in.

A format is a module of this package with a constant `FORMAT`; its name is listed in `MODULES`.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import PurePath

from symconv.render.format import PageFormat
from symconv.render.lines import Limits
from symconv.render.tree import Block, Document, Heading

MODULES = ("text", "markdown", "latex", "html", "notebook", "pdf")
"""The modules of the formats, in the order in which `--help` lists them."""


@cache
def formats() -> Mapping[str, PageFormat]:
    """Every format by its name."""
    found = [importlib.import_module(f"symconv.render.{name}").FORMAT for name in MODULES]
    return {form.name: form for form in found}


def format_of_suffix(path: str) -> str | None:
    """The name of the format that the suffix of a file stands for, None for an unknown suffix.

    >>> format_of_suffix("page.tex")
    'latex'
    """
    suffix = PurePath(path).suffix.lower()
    return next((form.name for form in formats().values() if suffix in form.suffixes), None)


def render(document: Document, name: str, limits: Limits | None = None) -> str | bytes:
    """Write a page in a format; `limits` replaces the format's own.

    Raises:
        EngineMissing: the format needs a program that is not installed, such as pdflatex.
    """
    form = formats()[name]
    return form.write(document, limits or form.limits)


def render_all(documents: Sequence[Document], name: str) -> str | bytes:
    """Write several pages as one file: one after the other, or as chapters of one document."""
    if len(documents) == 1:
        return render(documents[0], name)
    if formats()[name].appends:
        return "\n".join(str(render(document, name)) for document in documents)
    blocks: list[Block] = []
    for document in documents:
        blocks += [Heading(1, document.title), *document.blocks]
    return render(Document(f"{len(documents)} pages", tuple(blocks)), name)
