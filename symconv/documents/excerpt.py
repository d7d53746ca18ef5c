"""Shorten the text of a claim for display, and blank the formulas in a text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from symconv.documents.sources.blocks import Span
from symconv.documents.tex.chains import Statement

_MATRIX = (
    r"(?s)\\begin\{(?:[bpB]?matrix|array)\}(?:\{[clr|]*\})?((?:(?!\\begin|\\end).){0,2000})"
    r"\\end\{(?:[bpB]?matrix|array)\}"
)
"""A string: compiled when a claim is first shown, not on import."""
_SPACING = re.compile(r"\\(?:left|right|[,;:!])|\\\\\s*&|&")
MOST_CLAIM = 110
MOST_READ = 4_000
"""Number of characters of a claim that are read for its short form."""


def compact(text: str) -> str:
    """A formula on one line of at most `MOST_CLAIM` characters.

    Matrices are written as `[1 2; 3 4]`, with a dot for a blank cell.
    """
    text = text[:MOST_READ]
    text = re.sub(_MATRIX, _one_line, text) if "\\begin" in text else text
    line = " ".join(_SPACING.sub(" ", text).split())
    if len(line) <= MOST_CLAIM:
        return line
    return re.sub(r"\\[A-Za-z]*\Z", "", line[: MOST_CLAIM - 3]).rstrip() + "..."


def _one_line(match: re.Match[str]) -> str:
    rows = [[cell.strip() or "." for cell in row.split("&")] for row in match[1].split("\\\\")]
    if rows[-1] == ["."] and len(rows) > 1:
        rows.pop()
    return f"[{'; '.join(' '.join(row) for row in rows)}]"


def end_of(statement: Statement) -> int:
    """Offset of the end of a statement in its source."""
    ends = [side[-1] for side in statement.sides if side]
    kind, text, at = max(ends, key=lambda t: t[2], default=("chr", "", 0))
    return at + len(text) + {"end": 6, "cmd": 1, "name": 2}.get(kind, 0)


def blanked(text: str, parts: Iterable[Span], filler: str = " ") -> str:
    """Replace the given spans by a filler of the same length, so that offsets stay valid.

    Line breaks are kept.
    """
    pieces: list[str] = []
    at = 0
    for span in parts:
        gap = text[span.outer : span.end].split("\n")
        pieces += [text[at : span.outer], "\n".join(filler * len(line) for line in gap)]
        at = span.end
    return "".join([*pieces, text[at:]])
