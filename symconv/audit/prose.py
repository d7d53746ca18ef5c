"""Arithmetic that stands in plain text: `(4-1)*2 + 3 = 9`, `[[1, 2]] + [[3, 4]] = [[4, 6]]`.

Only runs of numbers, brackets and signs are read, line by line, and only the sides that nothing
else touches: a letter, a unit or a sign that is not known here takes its side away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from symconv.audit.tex.lexer import SCALES

_SIGNS = r"\d()\[\],;.+\-−*∗/⁄÷×·⋅="
_RUN = re.compile(rf"[\s{_SIGNS}]{{3,}}")
_PLAIN = str.maketrans({"−": "-", "∗": "*", "⁄": "/", "÷": "/", "⋅": "·"})
_BREAK = re.compile(r"\n|[,;](?=\s)")
_BULLET = re.compile(r"\s*(?:[-*+]\s+|\(\d{1,2}\)\s+|\d{1,2}[.)]\s+)")
_TWO_SIGNS = re.compile(r"[-+/*×·]\s*[+/*×·]|[-+]\s*-|\d\s+\d|\)\s*[\d(]|\d\s*\(|\d-\d+-\d|\b0\d")
_WORD_AFTER = re.compile(r"\s*([A-Za-z%']+)")
MOST_LENGTH = 4_000
_OPEN = tuple("+*/×·-([=")
_BEFORE = re.compile(r"(?:\A|[\w.,:;!?|`)])\Z")
"""What may stand before an equation, spaces aside, and not belong to it."""


def arithmetic(text: str) -> Iterator[tuple[int, str]]:
    """The equations of numbers in a text, with where each begins."""
    if "=" not in text:
        return
    for match in _RUN.finditer(text):
        if "=" in match[0] and "==" not in match[0]:
            for at, part in _pieces(match[0]):
                begin = match.start() + at
                yield from _equation(text, begin, part)


def _pieces(run: str) -> Iterator[tuple[int, str]]:
    """A run cut at line ends, commas and semicolons outside brackets; a line may go on with `=`."""
    start = depth = 0
    scanned = 0
    for match in _BREAK.finditer(run):
        between = run[scanned : match.start()]
        depth += sum((c in "([") - (c in ")]") for c in between)
        scanned = match.start()
        rest = run[match.end() : match.end() + 40].lstrip(" \t")
        if depth > 0 or (match[0] == "\n" and rest[:1] == "="):
            continue
        open_end = run[start : match.start()].rstrip()[-1:] in _OPEN
        if match[0] == "\n" and open_end and "=" not in rest.partition("\n")[0]:
            continue
        yield start, run[start : match.start()]
        start = match.end()
    yield start, run[start:]


def _equation(text: str, at: int, part: str) -> Iterator[tuple[int, str]]:
    end = at + len(part)
    head = text[max(0, at - 60) : at]
    line_begins = not head.rpartition("\n")[2].strip()
    bullet = _BULLET.match(part) if line_begins else None
    if bullet:
        at, part = at + bullet.end(), part[bullet.end() :]
    if "=" not in part or len(part) > MOST_LENGTH or _TWO_SIGNS.search(part.translate(_PLAIN)):
        return
    sides = part.translate(_PLAIN).split("=")
    starts = [0, *(m.end() for m in re.finditer("=", part))]
    first = 0 if bullet else _first(text, at, part, sides[0])
    last = len(sides) - _taken_away(text, end, part)
    kept = [s.strip(" \t\n,;") for s in sides[first:last]]
    while kept and not kept[0]:
        kept, first = kept[1:], first + 1
    if len(kept) < 2 or not all(re.search(r"\d", s) for s in kept):
        return
    kept[-1] = kept[-1].rstrip(".")
    if any(_computes(s) for s in kept) and all(s.count("(") == s.count(")") for s in kept):
        yield at + starts[first], " = ".join(kept)


def _first(text: str, at: int, part: str, side: str) -> int:
    """1 where the first side goes on from something that is not read."""
    before = text[max(0, at - 40) : at]
    line = before.rpartition("\n")[2].rstrip(" \t")
    glued = not part[:1].isspace() and before[-1:].strip(" \t\n(`|") != ""
    signed = side.strip(" \t\n.,;")[:1] in tuple("+*/×·)]-") and line.strip(" \t|`") != ""
    return int(glued or signed or _BEFORE.search(line) is None or line[-1:].isdigit())


def _taken_away(text: str, end: int, part: str) -> int:
    """1 where what stands behind belongs to the last side: a unit, a letter, a sign."""
    rest = text[end : end + 20].partition("\n")[0]
    word = _WORD_AFTER.match(rest)
    glued = not part[-1:].isspace() and rest[:1].strip(" \t\n`|,.;:!?)") != ""
    scaled = word is not None and word[1].lower() in SCALES
    return int(
        glued or scaled or part.rstrip()[-1:] in _OPEN or rest.lstrip()[:1] in ("%", "[", "…")
    )


def _computes(side: str) -> bool:
    """Whether something is reckoned: a hyphen between digits may be a range or a date."""
    if "[[" in side:
        return True
    plain = re.sub(r"(?<=\d)-(?=\d)", "", side) if "(" not in side else side
    plain = re.sub(r"^\s*-", "", plain)
    return re.search(r"\d\s*\)?\s*[+\-*/×·]\s*\(?\s*-?\d", plain) is not None
