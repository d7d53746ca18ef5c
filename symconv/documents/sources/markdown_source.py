r"""Split Markdown into blocks: CommonMark, with displays in `$$`, `\[` or an environment.

markdown-it-py gives the block structure; formulas inside paragraphs are found by `formulas`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from symconv.documents.sources.blocks import (
    CODE,
    DISPLAY,
    ENVIRONMENTS,
    HEADING,
    NEAR,
    OUTPUT,
    REFUTED,
    TEXT,
    Block,
    formulas,
)

_PRINTED = re.compile(
    r"\s*(\(?tensor\(|\(?array\(|torch\.Size\(|\(?\[+[\s\d.\-,]|\(\d+,|-?\d[\d.e+\-]*\s*$|True\s*$|False\s*$)"
)
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n.*?\n---[ \t]*\n", re.S)
_PYTHON = re.compile(r"\{?\.?(python|py|ipython)\d*\b")
MARK = "**REFUTED**"
DISPLAYS = ("math_block", "math_block_label", "display_block")
MOST_LINES = 400
"""Largest number of lines of a display."""


def looks_printed(text: str) -> bool:
    """Whether a listing looks like the output of a program: a tensor, number or size."""
    return _PRINTED.match(text) is not None


def is_python(text: str) -> bool:
    """Whether a listing is a Python program."""
    try:
        return bool(ast.parse(text).body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def blocks(text: str, line: int = 1, cell: int | None = None) -> Iterator[Block]:
    """The blocks of a Markdown text that starts at `line`, in the notebook cell `cell` if given."""
    text = _FRONT_MATTER.sub(lambda m: "\n" * m[0].count("\n"), text, count=1)
    tokens = _reader().parse(text)
    after_code = False
    for n, token in enumerate(tokens):
        if token.map is None:
            continue
        first = line + token.map[0]
        if token.type in DISPLAYS:
            follows = n > 0 and tokens[n - 1].type in DISPLAYS
            found = Block(DISPLAY, token.content, first, cell, follows=follows)
            found.before = next(
                (t.content[-NEAR:] for t in tokens[max(0, n - 2) : n] if t.type == "inline"), ""
            )
            yield found
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
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    reader = MarkdownIt("commonmark")
    dollarmath_plugin(reader, allow_labels=True, double_inline=True)
    reader.block.ruler.before("fence", "display_block", _display_block, {"alt": ["paragraph"]})
    reader.disable(["inline", "text_join", "reference"])
    return reader


_OPENER = re.compile(rf"\\\[|\\begin\{{({ENVIRONMENTS})(\*?)\}}")


def _display_block(state: Any, start: int, end: int, silent: bool) -> bool:
    r"""Block rule of markdown-it: `\[` or an environment at the start of a line, up to its end."""
    begin = state.bMarks[start] + state.tShift[start]
    opener = _OPENER.match(state.src, begin)
    if opener is None:
        return False
    closer = f"\\end{{{opener[1]}{opener[2]}}}" if opener[1] else "\\]"
    missing = state.env.setdefault("missing", set())
    if closer in missing:
        return False
    place = state.src.find(closer, opener.end())
    if place < 0:
        missing.add(closer)  # search only once, not again from every line
    if place < 0 or state.src.count("\n", opener.end(), place) > MOST_LINES:
        return False
    last = start + state.src.count("\n", opener.end(), place)
    if last >= end or (not opener[1] and any(map(state.isEmpty, range(start, last)))):
        return False
    if state.getLines(last, last + 1, 0, False).partition(closer)[2].strip(" .,\n"):
        return False
    if not silent:
        whole = state.getLines(start, last + 1, state.blkIndent, False).lstrip()
        token = state.push("display_block", "", 0)
        token.content = whole[len(opener[0]) :].partition(closer)[0]
        token.map = [start, last + 1]
        state.line = last + 1
    return True
