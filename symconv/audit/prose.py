"""Arithmetic that stands in plain text: `(4-1)*2 + 3 = 9`, `[[1, 2]] + [[3, 4]] = [[4, 6]]`.

Only runs of numbers, brackets and signs are read, and only the sides that no letter touches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_RUN = re.compile(r"[\d\s()\[\],;.+\-*/×·=]{3,}")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
MOST_LENGTH = 4_000


def arithmetic(text: str) -> Iterator[tuple[int, str]]:
    """The equations of numbers in a text, with where each begins."""
    if "=" not in text:
        return
    for match in _RUN.finditer(text):
        if "=" not in match[0]:
            continue
        begin, end = match.span()
        for part in _BLANK_LINE.split(match[0]):
            if "=" in part:
                yield from _equation(text, begin + match[0].index(part), begin, end, part)


def _equation(text: str, at: int, begin: int, end: int, part: str) -> Iterator[tuple[int, str]]:
    sides = re.split(r"=+", part)
    starts = [0, *(m.end() for m in re.finditer(r"=+", part))]
    last = len(sides)
    first = 0
    before, after = text[begin - 1 : begin] if at == begin else "", text[end : end + 1]
    if (sides[0].strip(" \t\n.,;")[:1] in tuple("+*/×·)]-=") and before.strip()) or _glued(before):
        first = 1
    if at + len(part) == end and (after == "%" or _glued(after) or part[-1:] in "+*/×·-(["):
        last -= 1
    kept = [s.strip(" \t\n,;") for s in sides[first:last]]
    while kept and not kept[0]:
        kept, first = kept[1:], first + 1
    if len(kept) < 2 or not all(re.search(r"\d", s) for s in kept) or len(part) > MOST_LENGTH:
        return
    kept[-1] = kept[-1].rstrip(".")
    if not any(_computes(s) for s in kept):
        return
    yield at + starts[first], " = ".join(kept)


def _glued(character: str) -> bool:
    return character.isalnum() or character in tuple("_'\"$\\^{}<>!&|@#~:")


def _computes(side: str) -> bool:
    """Whether something is reckoned: a hyphen between digits may be a range or a date."""
    if "[[" in side:
        return True
    plain = re.sub(r"(?<=\d)-(?=\d)", "", side) if "(" not in side else side
    plain = re.sub(r"^\s*-", "", plain)
    return re.search(r"\d\s*\)?\s*[+\-*/×·]\s*\(?\s*-?\d", plain) is not None
