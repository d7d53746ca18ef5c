"""Pages as Jupyter notebooks in format 4.5: Markdown cells, and optionally one code cell."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from symconv.render import markdown
from symconv.render.format import PageFormat
from symconv.render.latex import PAGE
from symconv.render.lines import Limits
from symconv.render.tree import Block, Document, Heading


def page(document: Document, limits: Limits = PAGE, code: str = "") -> str:
    """The text of the `.ipynb` file, with a Markdown cell for the title and for each section.

    `code`, if any, becomes a code cell after the title; it should produce the page again.
    """
    cells = [_cell("markdown", markdown.block(Heading(1, document.title), limits), 0)]
    if code:
        cells.append(_cell("code", code, 1))
    group: list[Block] = []
    for node in document.blocks:
        if isinstance(node, Heading) and group:
            cells.append(_text(group, limits, len(cells)))
            group = []
        group.append(node)
    if group:
        cells.append(_text(group, limits, len(cells)))
    data = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(data, indent=1) + "\n"


def _text(group: list[Block], limits: Limits, place: int) -> dict[str, Any]:
    return _cell("markdown", "\n\n".join(markdown.block(b, limits) for b in group), place)


def _cell(kind: str, source: str, place: int) -> dict[str, Any]:
    name = hashlib.sha256(f"{place}/{source}".encode()).hexdigest()[:12]
    cell: dict[str, Any] = {
        "cell_type": kind,
        "id": name,
        "metadata": {},
        "source": source.splitlines(keepends=True),
    }
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    return cell


FORMAT = PageFormat("ipynb", (".ipynb",), PAGE, page, appends=False)
