"""Split LaTeX into blocks: without comments and listings, with headings and delimited formulas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from symconv.documents.sources.blocks import CODE, HEADING, REFUTED, Block, Lines, with_formulas

_COMMENT = r"(?<!\\)((?:\\\\)*)%[^\n]*"
_LISTINGS = ("lstlisting", "verbatim", "minted", "python", "comment", "tikzpicture", "picture")
_SECTION = re.compile(r"\\(?:part|chapter|section|subsection|subsubsection|paragraph)\*?\s*\{")
_MARK = re.compile(r"\\textbf\{REFUTED\}")
INPUT = re.compile(r"\\(?:input|include)\s*\{([^{}]*)\}")


def blocks(text: str) -> Iterator[Block]:
    r"""The blocks of a LaTeX file; `\input` and `\include` are not followed."""
    text = re.sub(_COMMENT, r"\1", text) if "%" in text else text
    text = _without_iffalse(text)
    text, listings = _without_listings(text)
    begin = text.find("\\begin{document}")
    body = text[begin:] if begin >= 0 else text
    lines = Lines(text)
    offset = max(begin, 0)
    marks = [(m.start(), HEADING) for m in _SECTION.finditer(body)]
    marks += [(m.start(), REFUTED) for m in _MARK.finditer(body)]
    cuts = sorted([*marks, (0, ""), (len(body), "")])
    yield from listings
    for (start, kind), (end, _) in pairwise(cuts):
        first = lines.at(offset + start)
        if kind:
            yield Block(kind, "", first)
        part = body[start:end]
        if part.strip():
            yield from with_formulas(part, first)


def _without_iffalse(text: str) -> str:
    r"""Replace each `\iffalse ... \fi` by the same number of empty lines."""
    parts: list[str] = []
    at = 0
    while (start := text.find("\\iffalse", at)) >= 0:
        end = text.find("\\fi", start + 8)
        if end < 0:
            break
        parts += [text[at:start], "\n" * text.count("\n", start, end)]
        at = end + 3
    return "".join([*parts, text[at:]])


def _without_listings(text: str) -> tuple[str, list[Block]]:
    """Replace listings and pictures by the same number of empty lines.

    Returns the text, and the listings that may be programs as CODE blocks.
    """
    found: list[Block] = []
    if not any(f"\\begin{{{name}" in text for name in _LISTINGS):
        return text, found
    listing = re.compile(rf"\\begin\{{({'|'.join(_LISTINGS)})\*?\}}")
    parts: list[str] = []
    at = 0
    while (match := listing.search(text, at)) is not None:
        end = text.find(f"\\end{{{match[1]}", match.end())
        if end < 0:
            break
        body = text[match.end() : end]
        if match[1] in ("python", "lstlisting", "minted", "verbatim"):
            found.append(Block(CODE, body, text.count("\n", 0, match.end()) + 1))
        parts += [text[at : match.start()], "\n" * text.count("\n", match.start(), end)]
        at = end
    return "".join([*parts, text[at:]]), found
