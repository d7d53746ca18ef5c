"""What is shown of a claim, and texts without their formulas."""

from __future__ import annotations

import re
from collections.abc import Iterable

from symconv.documents.sources.blocks import Span
from symconv.documents.tex.chains import Statement

_MATRIX = (
    r"(?s)\\begin\{(?:[bpB]?matrix|array)\}(?:\{[clr|]*\})?((?:(?!\\begin|\\end).){0,2000})"
    r"\\end\{(?:[bpB]?matrix|array)\}"
)
"""Compiled when a claim is shown, not with the module."""
_SPACING = re.compile(r"\\(?:left|right|[,;:!])|\\\\\s*&|&")
MOST_CLAIM = 110
MOST_READ = 4_000
"""Characters of a claim that are made short."""


def compact(text: str) -> str:
    """One line, matrices as `[1 2; 3 4]` with a dot for a blank cell."""
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
    """Where the text of a statement ends."""
    ends = [side[-1] for side in statement.sides if side]
    kind, text, at = max(ends, key=lambda t: t[2], default=("chr", "", 0))
    return at + len(text) + {"end": 6, "cmd": 1, "name": 2}.get(kind, 0)


def blanked(text: str, parts: Iterable[Span], filler: str = " ") -> str:
    """Formulas as fillers, so that places stay what they are."""
    pieces: list[str] = []
    at = 0
    for span in parts:
        gap = text[span.outer : span.end].split("\n")
        pieces += [text[at : span.outer], "\n".join(filler * len(line) for line in gap)]
        at = span.end
    return "".join([*pieces, text[at:]])
