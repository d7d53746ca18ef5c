"""Blocks of a document, and the formulas in a stretch of text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

DISPLAY = "display"
INLINE = "inline"
TEXT = "text"
HEADING = "heading"
REFUTED = "refuted"
CODE = "code"
OUTPUT = "output"

ENVIRONMENTS = (
    "equation|align|gather|eqnarray|multline|displaymath|alignat|flalign|math|dmath|aligned|split"
)


NEAR = 200
"""Characters of text that are looked at around a formula."""


@dataclass(slots=True)
class Block:
    """A part of a document.

    Attributes:
        kind: one of the constants of this module.
        text: without delimiters; of TEXT with its formulas in it.
        line: where it begins, counted from 1.
        cell: of a notebook, counted from 1, or None.
        follows: a display with nothing but space between it and the one before.
        before: the text right before a formula.
        after: the text right after it.
        spans: where the formulas of a TEXT are, None where that is not known yet.
        printed: a program printed it, so the names in it are those of its cell.
    """

    kind: str
    text: str
    line: int
    cell: int | None = None
    follows: bool = False
    before: str = ""
    after: str = ""
    printed: bool = False
    spans: list[Span] | None = None


class Lines:
    """Which line of a text a place is in."""

    __slots__ = ("_starts", "first")

    def __init__(self, text: str, first: int = 1) -> None:
        self._starts = [m.end() for m in re.finditer("\n", text)]
        self.first = first

    def at(self, place: int) -> int:
        """The line of a place, counted from `first`."""
        return self.first + bisect_right(self._starts, place)


_OPENER = re.compile(rf"\\\\[\[(]|\\\\|\\\$|\\[\[(]|\\begin\{{({ENVIRONMENTS})(\*?)\}}|\$\$?|`+")


@dataclass(frozen=True, slots=True)
class Span:
    """A formula in a text: its kind, where its body is, and where it ends with its delimiter."""

    kind: str
    outer: int
    begin: int
    start: int
    end: int


def with_formulas(text: str, line: int) -> Iterator[Block]:
    """A text, then its formulas; looked for once."""
    block = Block(TEXT, text, line)
    block.spans = list(spans(text, latex=True))
    yield block
    yield from formulas(text, line, known=block.spans)


def formulas(
    text: str, line: int = 1, *, markdown: bool = False, known: Iterable[Span] | None = None
) -> Iterator[Block]:
    """The formulas in a text as blocks; `known`: where they are."""
    lines = Lines(text, line)
    before = -1
    for span in spans(text, markdown=markdown) if known is None else known:
        follows = before >= 0 and not text[before : span.outer].strip()
        before = span.end if span.kind == DISPLAY else -1
        if span.kind != CODE:
            body = text[span.begin : span.start]
            found = Block(span.kind, body, lines.at(span.begin), follows=follows)
            found.before = text[max(0, span.outer - NEAR) : span.outer]
            found.after = text[span.end : span.end + NEAR]
            yield found


_CONTINUES = re.compile(
    r"(?:\s|&|\\begin\{aligned\}|\\q?quad\b)*(?:[=+]|\\(?:cdot|times|neq|approx)\b)"
)


def joined(blocks: Iterable[Block]) -> Iterator[Block]:
    """Displays that begin with a sign go on from the display right before them."""
    held: Block | None = None
    for block in blocks:
        if held is not None and block.follows and _CONTINUES.match(block.text):
            gap = block.line - held.line - held.text.count("\n")
            held.text += "\\\\" + "\n" * max(gap, 1) + block.text
            held.after = block.after
            continue
        if held is not None:
            yield held
        held = block if block.kind == DISPLAY else None
        if held is None:
            yield block
    if held is not None:
        yield held


def spans(text: str, *, markdown: bool = False, latex: bool = False) -> Iterator[Span]:
    """The formulas in a text by their delimiters, and in Markdown the code in backticks.

    The text is read once, from left to right. In Markdown a bracket with a backslash begins a
    display only where a line does: elsewhere it is a bracket that is printed.
    """
    missing: set[str] = set()
    at = 0
    while (match := _OPENER.search(text, at)) is not None:
        opener, begin = match[0], match.end()
        at = begin
        kind = DISPLAY
        if opener in ("\\\\", "\\$"):
            continue
        if opener[:2] == "\\\\":
            closer = {"\\\\(": "\\\\)", "\\\\[": "\\\\]"}[opener]
            end = text.find(closer, begin) if markdown and closer not in missing else -1
            if end < 0:
                missing.add(closer)
                continue
            at = end + len(closer)
            kind = INLINE if opener[-1] == "(" else DISPLAY
            yield Span(kind, match.start(), begin, end, at)
            continue
        if opener == "$":
            end = _dollar(text, begin, always=latex)
            if end:
                yield Span(INLINE, match.start(), begin, end, end + 1)
                at = end + 1
            continue
        if opener[0] == "`":
            if not markdown:
                continue
            closer, kind = opener, CODE
        elif match[1]:
            closer = f"\\end{{{match[1]}{match[2]}}}"
        else:
            closer = {"$$": "$$", "\\[": "\\]", "\\(": "\\)"}[opener]
            kind = INLINE if opener == "\\(" else DISPLAY
            if opener == "\\[" and markdown and _inside_a_line(text, match.start()):
                continue
        end = text.find(closer, begin) if closer not in missing else -1
        if end < 0:
            missing.add(closer)
            continue
        at = end + len(closer)
        if not text[begin : min(end, begin + 1_000)].isspace() and end > begin:
            yield Span(kind, match.start(), begin, end, at)


def _inside_a_line(text: str, place: int) -> bool:
    return bool(text[text.rfind("\n", 0, place) + 1 : place].strip(" >"))


_DOLLAR = re.compile(r"\\.|\$|\n[ \t]*\n", re.S)


def _dollar(text: str, start: int, *, always: bool = False) -> int:
    """Where inline mathematics that opened before `start` closes; 0 where a dollar is money.

    A formula over several lines has both dollars at the ends of lines; `always`: as in LaTeX,
    where a dollar is never money.
    """
    spaced = text[start : start + 1].isspace()
    if spaced and not always and text[start : start + 1] != "\n":
        return 0
    for match in _DOLLAR.finditer(text, start):
        if match[0][0] == "\\":
            continue
        if match[0] != "$" or match.start() == start:
            return 0
        end = match.start()
        if always:
            return end
        if text[end + 1 : end + 2].isdigit():
            return 0
        own_line = not text[text.rfind("\n", start, end) + 1 : end].strip(" \t>")
        if spaced:
            return end if own_line else 0
        return 0 if text[end - 1].isspace() else end
    return 0
