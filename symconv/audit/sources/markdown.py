"""Markdown: CommonMark's blocks by markdown-it-py, with displays in dollars and brackets.

Only the block structure is asked of it; formulas inside paragraphs are found by `formulas`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from symconv.audit.sources.blocks import (
    CODE,
    DISPLAY,
    HEADING,
    OUTPUT,
    REFUTED,
    TEXT,
    Block,
    formulas,
)

_PRINTED = re.compile(
    r"\s*(\(?tensor\(|\(?array\(|torch\.Size\(|\(?\[+[\s\d.\-,]|\(\d+,|-?\d[\d.e+\-]*\s*$|True\s*$|False\s*$)"
)
_PYTHON = re.compile(r"\{?\.?(python|py|ipython)\d*\b")
MARK = "**REFUTED**"
DISPLAYS = ("math_block", "math_block_label", "amsmath", "bracket_block")


def looks_printed(text: str) -> bool:
    """Whether a listing is what a program prints: a tensor, a number, a size."""
    return _PRINTED.match(text) is not None


def is_python(text: str) -> bool:
    """Whether a listing is a program."""
    try:
        return bool(ast.parse(text).body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def blocks(text: str, line: int = 1, cell: int | None = None) -> Iterator[Block]:
    """The blocks of a page."""
    tokens = _reader().parse(text)
    after_code = False
    for n, token in enumerate(tokens):
        if token.map is None:
            continue
        first = line + token.map[0]
        if token.type in DISPLAYS:
            follows = n > 0 and tokens[n - 1].type in DISPLAYS
            yield Block(DISPLAY, token.content, first + _skipped(token), cell, follows=follows)
            after_code = False
        elif token.type == "inline":
            yield from _paragraph(token.content, first, cell, tokens[n - 1].type)
            after_code = False
        elif token.type in ("fence", "code_block"):
            kind = _listing(token, after_code)
            after_code = kind == CODE
            begin = first + (1 if token.type == "fence" else 0)
            if kind:
                yield Block(kind, token.content, begin, cell)


def _skipped(token: Any) -> int:
    """Lines between the fence of a display and its text."""
    return 1 if token.content.startswith("\n") and token.type != "amsmath" else 0


def _paragraph(text: str, line: int, cell: int | None, before: str) -> Iterator[Block]:
    if MARK in text:
        yield Block(REFUTED, text, line, cell)
        return
    yield Block(HEADING if before == "heading_open" else TEXT, text, line, cell)
    for found in formulas(text, line, markdown=True):
        found.cell = cell
        yield found


def _listing(token: Any, after_code: bool) -> str:
    text, words = token.content, token.info.strip().lower()
    if token.type == "fence" and _PYTHON.match(words):
        return CODE
    if looks_printed(text):
        return OUTPUT
    if token.type == "fence" and not words and is_python(text):
        return CODE
    return OUTPUT if token.type == "code_block" and after_code else ""


def _reader() -> Any:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.amsmath import amsmath_plugin
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    reader = MarkdownIt("commonmark")
    dollarmath_plugin(reader, allow_labels=True, double_inline=True)
    amsmath_plugin(reader)
    reader.block.ruler.before("fence", "bracket_block", _bracket_block, {"alt": ["paragraph"]})
    reader.disable(["inline", "text_join", "reference"])
    return reader


def _bracket_block(state: Any, start: int, end: int, silent: bool) -> bool:
    r"""`\[` at the start of a line, up to the first `\]`."""
    begin = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith("\\[", begin):
        return False
    for line in range(start, end):
        text = state.getLines(line, line + 1, state.blkIndent, False)
        body = text.lstrip()[2:] if line == start else text
        if "\\]" in body:
            if body.partition("\\]")[2].strip(" .,"):
                return False
            if silent:
                return True
            whole = state.getLines(start, line + 1, state.blkIndent, False).lstrip()[2:]
            token = state.push("bracket_block", "", 0)
            token.content = whole.partition("\\]")[0]
            token.map = [start, line + 1]
            state.line = line + 1
            return True
        if not text.strip():
            return False
    return False
