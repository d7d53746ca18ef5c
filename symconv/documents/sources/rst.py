"""Split reStructuredText into blocks; literals, code and comments claim nothing.

Formulas are math directives and roles. The text is read line by line according to the docutils
specification: the indented lines below a directive are its body, and a paragraph that ends with
`::` introduces a literal block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from symconv.documents.sources.blocks import (
    CODE,
    DISPLAY,
    HEADING,
    INLINE,
    NEAR,
    TEXT,
    Block,
    Lines,
    Span,
)

_DIRECTIVE = re.compile(r"([ \t]*)\.\.[ \t]+([\w:.-]+)::[ \t]*(.*)")
_COMMENT = re.compile(r"[ \t]*\.\.(?:[ \t]|$)")
_OPTION = re.compile(r"[ \t]*:[\w-]+:")
_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1{2,}[ \t]*$")
_ROLE = re.compile(r":math:`([^`]+)`")
_LITERAL = re.compile(r"``.+?``", re.S)
CODES = frozenset("code code-block sourcecode ipython doctest testcode highlight".split())
TEXTS = frozenset(
    "note warning tip hint important admonition seealso versionadded versionchanged topic sidebar"
    " danger attention caution error rubric container only".split()
)
"""Directives whose body is text; of other directives, only math and code are read."""


def is_rst(text: str) -> bool:
    """Whether a plain text is reStructuredText, by a math directive or role in it."""
    return re.search(r"^[ \t]*\.\. math::|:math:`", text, re.M) is not None


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a reStructuredText file."""
    yield from _blocks(text.splitlines(), 1)


def _blocks(lines: list[str], first: int) -> Iterator[Block]:
    at = 0
    while at < len(lines):
        line = lines[at]
        directive, comment = _DIRECTIVE.match(line), _COMMENT.match(line)
        if directive or comment:
            indent = len(line) - len(line.lstrip())
            end = _body_end(lines, at + 1, indent)
            if directive:
                yield from _directive(directive, lines[at + 1 : end], first + at)
            at = end
        elif not line.strip():
            at += 1
        elif (
            at + 1 < len(lines)
            and _ADORNMENT.match(lines[at + 1])
            and len(lines[at + 1].rstrip()) >= len(line.rstrip())
        ):
            yield Block(HEADING, line, first + at)
            at += 2
        elif line.lstrip().startswith(">>>"):
            at = _paragraph_end(lines, at)
        else:
            end = _paragraph_end(lines, at)
            paragraph = "\n".join(lines[at:end])
            yield from _text(paragraph, first + at)
            at = end
            if paragraph.rstrip().endswith("::"):
                at = _body_end(lines, end, len(line) - len(line.lstrip()))


def _body_end(lines: list[str], start: int, indent: int) -> int:
    """Index of the line after the block indented by more than `indent`, blank lines included."""
    end = start
    while end < len(lines):
        line = lines[end]
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            break
        end += 1
    return end


def _paragraph_end(lines: list[str], start: int) -> int:
    end = start
    while end < len(lines) and lines[end].strip() and not _DIRECTIVE.match(lines[end]):
        end += 1
    return max(end, start + 1)


def _directive(match: re.Match[str], body: list[str], line: int) -> Iterator[Block]:
    name, argument = match[2].rpartition(":")[2], match[3]
    options = 0
    while options < len(body) and _OPTION.match(body[options]):
        options += 1
    if name == "math":
        if argument.strip():
            yield Block(DISPLAY, argument, line)
        yield from _displays(body[options:], line + 1 + options)
    elif name in CODES:
        yield Block(CODE, "\n".join(body[options:]), line + 1 + options)
    elif name in TEXTS:
        if not options:
            yield from _blocks([argument, *body], line)
        else:
            yield from _blocks(body[options:], line + 1 + options)


def _displays(body: list[str], line: int) -> Iterator[Block]:
    """Split the body of a math directive at blank lines; each part is a separate display."""
    part: list[str] = []
    for n, content in enumerate([*body, ""]):
        if content.strip():
            part.append(content)
        elif part:
            yield Block(DISPLAY, "\n".join(part), line + n - len(part))
            part = []


def _text(text: str, line: int) -> Iterator[Block]:
    hidden = _LITERAL.sub(lambda m: re.sub(r"[^\n]", "\x00", m[0]), text)
    block = Block(TEXT, hidden, line)
    block.spans = []
    lines = Lines(text, line)
    formulas = []
    for match in _ROLE.finditer(hidden):
        block.spans.append(Span(INLINE, match.start(), match.start(1), match.end(1), match.end()))
        found = Block(INLINE, match[1], lines.at(match.start(1)))
        found.before = hidden[max(0, match.start() - NEAR) : match.start()]
        found.after = hidden[match.end() : match.end() + NEAR]
        formulas.append(found)
    yield block
    yield from formulas
