"""The sentences of a text, and whether they say enough of sizes to be judged.

What judges them is loaded with the first one that does: most pages have none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from symconv.audit.claim import UNREAD, Finding

_SPEAKS = re.compile(r"\b(?:input|output|kernel|filter|stride|padding|dilation|size|shape)", re.I)
_BETWEEN = re.compile(r"[.!?](?=\s|$|\\par\b)|\n[ \t]*+\n|\n(?=[ \t]*+[-*+|#>]\s)|\\\\|&")
MOST_LENGTH = 600


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """The sentences of a text with where each begins."""
    start = 0
    for match in _BETWEEN.finditer(text):
        yield from _stripped(text, start, match.end())
        start = match.end()
    yield from _stripped(text, start, len(text))


def _stripped(text: str, start: int, end: int) -> Iterator[tuple[int, str]]:
    sentence = text[start:end]
    bare = sentence.strip()
    if bare:
        yield start + len(sentence) - len(sentence.lstrip()), bare


def judge_sentence(sentence: str) -> Finding | None:
    """What is to be held of a sentence; None if it says nothing about sizes."""
    if not re.search(r"\d", sentence) or not _SPEAKS.search(sentence):
        return None
    if len(sentence) > MOST_LENGTH:
        return Finding(UNREAD, "a sentence of sizes that is too long to be read")
    if len(re.findall(r"\d+", sentence)) < 3:
        return Finding(UNREAD, "a sentence of sizes with fewer than three numbers")
    low = sentence.lower()
    if not ("kernel" in low or "filter" in low or "k =" in low or "k=" in low):
        return Finding(UNREAD, "a sentence of sizes without: kernel size")
    from symconv.audit.sizes.spoken import judge_parameters

    return judge_parameters(sentence)
