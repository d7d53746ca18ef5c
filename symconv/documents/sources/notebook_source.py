"""Split Jupyter notebooks into blocks: numbered cells with their stored outputs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from symconv.core.errors import ParseError
from symconv.documents.sources import markdown_source as markdown
from symconv.documents.sources.blocks import CODE, OUTPUT, Block, formulas


def blocks(text: str, name: str) -> Iterator[Block]:
    """The blocks of a notebook, version 3 or 4.

    Raises:
        ParseError: the text is not a notebook.
    """
    try:
        book = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"{name} is not a notebook: {str(error)[:100]}") from None
    cells = book.get("cells") if isinstance(book, dict) else None
    if cells is None and isinstance(book, dict):
        sheets = book.get("worksheets")
        found = [s.get("cells") for s in _listed(sheets) if isinstance(s, dict)]
        cells = [c for part in found for c in _listed(part)] if found else None
    if not isinstance(cells, list):
        raise ParseError(f"{name} is not a notebook: it has no list of cells")
    for number, cell in enumerate(cells, 1):
        if not isinstance(cell, dict):
            continue
        source = _joined(cell.get("source", cell.get("input", "")))
        if cell.get("cell_type") == "markdown":
            yield from markdown.blocks(source, 1, number)
        elif cell.get("cell_type") == "code":
            yield Block(CODE, source, 1, number)
            yield from _outputs(cell.get("outputs"), number)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _joined(text: Any) -> str:
    if isinstance(text, list):
        return "".join(part for part in text if isinstance(part, str))
    return text if isinstance(text, str) else ""


def _outputs(outputs: Any, number: int) -> Iterator[Block]:
    printed: list[str] = []
    for output in _listed(outputs):
        if not isinstance(output, dict) or output.get("name") == "stderr":
            continue
        data = output.get("data")
        data = data if isinstance(data, dict) else {}
        for kind in ("text/latex", "text/markdown"):
            for found in formulas(_joined(data.get(kind, ""))):
                found.cell, found.printed = number, True
                yield found
        text = _joined(output.get("text") or data.get("text/plain") or "")
        if text.strip():
            printed.append(text.rstrip("\n"))
    if printed:
        yield Block(OUTPUT, "\n".join(printed), 1, number)
