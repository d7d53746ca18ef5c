"""Split plain text into blocks, including notebooks exported as text: `In [3]:`, code, output."""

from __future__ import annotations

import re
from collections.abc import Iterator

from symconv.documents.sources import markdown_source as markdown
from symconv.documents.sources import rst
from symconv.documents.sources.blocks import CODE, OUTPUT, TEXT, Block, formulas

_PROMPT = re.compile(r"\s*In \[[\d ]*\]:?[ \t]*\n?")
_ANSWER = re.compile(r"\s*Out\[\d+\]:?[ \t]*\n?")
MOST_JOINED = 4
"""Number of further paragraphs that a program may extend over."""


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a text, which may be reStructuredText, an exported notebook or Markdown."""
    if rst.is_rst(text):
        yield from rst.blocks(text)
    elif re.search(r"^In \[[\d ]*\]:", text, re.M):
        yield from _exported(text)
    elif "```" in text or "~~~" in text:
        yield from markdown.blocks(text)
    else:
        yield from _text(text, 1)


def _text(text: str, line: int) -> Iterator[Block]:
    yield Block(TEXT, text, line)
    yield from formulas(text, line)


def _paragraphs(text: str) -> list[tuple[int, str]]:
    found, line = [], 1
    for part in re.split(r"(\n[ \t]*\n)", text):
        if part.strip():
            found.append((line, part))
        line += part.count("\n")
    return found


def _exported(text: str) -> Iterator[Block]:
    parts = _paragraphs(text)
    inside = ""
    at = 0
    while at < len(parts):
        line, part = parts[at]
        at += 1
        prompt = _PROMPT.match(part)
        if prompt:
            line += prompt[0].count("\n")
            part = part[prompt.end() :]
            inside = CODE
            if not part.strip():
                continue
        answer = _ANSWER.match(part)
        if answer:
            line += answer[0].count("\n")
            part = part[answer.end() :]
        if inside and (answer or markdown.looks_printed(part)):
            inside = OUTPUT
            yield Block(OUTPUT, part, line)
            continue
        if inside == CODE:
            count = _program(part, [p for _, p in parts[at : at + MOST_JOINED]])
            if count:
                more = [p for _, p in parts[at : at + count - 1]]
                at += count - 1
                yield Block(CODE, "\n\n".join([part, *more]), line)
                continue
        inside = ""
        yield from _text(part, line)


def _program(part: str, following: list[str]) -> int:
    """How many paragraphs, beginning with `part`, form a Python program; 0 if none do."""
    for count in range(1, len(following) + 2):
        joined = "\n\n".join([part, *following[: count - 1]])
        if markdown.is_python(joined):
            return count
    return 0
