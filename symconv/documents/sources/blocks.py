"""Blocks of a document, and the search for formulas in a text."""

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
"""Number of characters of text that are kept before and after a formula."""


@dataclass(slots=True)
class Block:
    """A part of a document.

    Attributes:
        kind: one of the constants of this module.
        text: the source; a formula without its delimiters, a TEXT with the formulas in it.
        line: the line where it begins, counted from 1.
        cell: the cell of a notebook, counted from 1, or None.
        follows: whether only whitespace separates this display from the previous one.
        before: the text directly before a formula.
        after: the text directly after a formula.
        printed: whether a program printed it, so that its names belong to its cell.
        spans: the spans of the formulas in a TEXT; None if they are not yet known.
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
    """Maps offsets in a text to line numbers."""

    __slots__ = ("_starts", "first")

    def __init__(self, text: str, first: int = 1) -> None:
        self._starts = [m.end() for m in re.finditer("\n", text)]
        self.first = first

    def at(self, place: int) -> int:
        """The line number of an offset, counted from `first`."""
        return self.first + bisect_right(self._starts, place)


_OPENER = re.compile(rf"\\\\[\[(]|\\\\|\\\$|\\[\[(]|\\begin\{{({ENVIRONMENTS})(\*?)\}}|\$\$?|`+")


@dataclass(frozen=True, slots=True)
class Span:
    """The offsets of a formula in a text.

    Attributes:
        kind: DISPLAY, INLINE or CODE.
        outer: start of the opening delimiter.
        begin: start of the body.
        start: start of the closing delimiter, the end of the body.
        end: end of the closing delimiter.
    """

    kind: str
    outer: int
    begin: int
    start: int
    end: int


def with_formulas(text: str, line: int) -> Iterator[Block]:
    """The block of a LaTeX text, followed by its formulas; the spans are computed only once."""
    block = Block(TEXT, text, line)
    block.spans = list(spans(text, latex=True))
    yield block
    yield from formulas(text, line, known=block.spans)


def formulas(
    text: str, line: int = 1, *, markdown: bool = False, known: Iterable[Span] | None = None
) -> Iterator[Block]:
    """The formulas in a text as blocks; `known` are their spans, if already computed."""
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
    """Join each display that begins with a sign or relation to the display directly before it."""
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
    r"""Find the formulas in a text by their delimiters and, in Markdown, code in backticks.

    The text is scanned once, from left to right. In Markdown, `\[` begins a display only at the
    start of a line; elsewhere it is an escaped bracket.
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
    """Offset of the dollar sign that closes the formula opened before `start`; 0 if none does.

    A dollar sign may be a currency sign, unless `always` is set, as for LaTeX. If the opening sign
    ends its line, the closing one must begin its own line.
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
