"""Find arithmetic in plain text: `(4-1)*2 + 3 = 9`, `[[1, 2]] + [[3, 4]] = [[4, 6]]`.

Only runs of numbers, brackets and signs are read, line by line. The text before and after a run
must certainly not belong to it: the start or end of a line, punctuation, or an ordinary word. Next
to anything else (a symbol, an operator as a word, a unit) the first or last side is dropped; next
to a LaTeX command the whole equation is reported as not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from symconv.documents.units import is_unit, power_of_ten

UNKNOWN = "\x00"
"""Placeholder for text that is not read here, such as a formula between dollar signs."""
_SIGNS = r"\d()\[\],;.+\-−*∗/⁄÷×·⋅="
_RUN = re.compile(rf"[\s{_SIGNS}]{{3,}}")
_PLAIN = str.maketrans({"−": "-", "∗": "*", "⁄": "/", "÷": "/", "⋅": "·"})
_BREAK = re.compile(r"\n|[,;](?=\s)")
_BULLET = re.compile(r"\s*(?:[-*+]\s+|\(\d{1,2}\)\s+|\d{1,2}[.)]\s+)")
_TWO_SIGNS = re.compile(r"[-+/*×·]\s*[+/*×·]|[-+]\s*-|\d\s+\d|\)\s*[\d(]|\d\s*\(|\d-\d+-\d|\b0\d")
MOST_LENGTH = 4_000
_OPEN = tuple("+*/×·-([=")
_COMMANDS = re.compile(r"\\(?:cdot|times|div)(?![A-Za-z])\s?|\\\*")
_MEANING = {"\\cdot": "·", "\\times": "×", "\\div": "/", "\\*": "*"}
_HIDDEN = re.compile(
    r"&#?\w+;|https?://[^\s<>]+|~~.*?~~|<!--.*?-->|\{\{.*?\}\}|\\verb(.).*?\1|\A---\n.*?\n---\n"
    r"|<[A-Za-z/][^<>\n]*>",
    re.S,
)
_CLAUSE = re.compile(r"[.,;:!?](?=\s|$)|\n|\|")
_WORD = re.compile(r"\s*([^\W\d_][\w'°]*)")
_OPERATORS = frozenset(
    """
    times plus minus over divided multiplied squared cubed square cube root log ln exp sin cos tan
    twice half double triple average mean sum product difference quotient percent power mod modulo
    negative factorial thousand million x max min sqrt floor ceil roughly
    """.split()
)
"""Words that denote a computation: a number next to one may be part of it."""
_LEADING = frozenset(
    "is are was get gets gives give so then thus hence have has had and that equals obtain since"
    " because where compute computes of with yields be in from".split()
)
"""Words after which `3 - 1` is a difference; after others it may be a number and a dash."""


Found = tuple[int, str | None, int | None]
"""Offset of an equation, its text (None if it is not read), and the power of ten of a word after it
(`million`), if any."""


def arithmetic(text: str) -> Iterator[Found]:
    """The numeric equations in a text."""
    if "=" not in text:
        return
    text = _HIDDEN.sub(lambda m: re.sub(r"[^\n]", UNKNOWN, m[0]), text)
    text = _COMMANDS.sub(_translated, text)
    for match in _RUN.finditer(text):
        if "=" in match[0] and not re.search(r"=\s*=|[/!<>]=", match[0]):
            for at, part in _pieces(match[0]):
                begin = match.start() + at
                yield from _equation(text, begin, part)


def _translated(match: re.Match[str]) -> str:
    return _MEANING[match[0].rstrip()].ljust(len(match[0]))


def _pieces(run: str) -> Iterator[tuple[int, str]]:
    """Split a run at line ends, commas and semicolons outside brackets.

    A line end is not a split if the next line begins with `=`, or this line ends with a sign.
    """
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


def _equation(text: str, at: int, part: str) -> Iterator[Found]:
    end = at + len(part)
    head = text[max(0, at - 60) : at]
    line_begins = not head.rpartition("\n")[2].strip(" \t>")
    bullet = _BULLET.match(part) if line_begins else None
    if bullet:
        at, part = at + bullet.end(), part[bullet.end() :]
    if "=" not in part or len(part) > MOST_LENGTH or _TWO_SIGNS.search(part.translate(_PLAIN)):
        return
    sides = part.translate(_PLAIN).split("=")
    if not any(_computes(s) for s in sides) or not all(s.count("(") == s.count(")") for s in sides):
        return
    if _beside_command(text, at, end):
        yield at, None, None
        return
    starts = [0, *(m.end() for m in re.finditer("=", part))]
    first = 0 if bullet else _first(text, at, part, sides[0])
    power = power_of_ten(text[end : end + 40]) if part[-1:].isspace() else None
    last = len(sides) - (_taken_away(text, end, part) if power is None else 0)
    kept = [s.strip(" \t\n,;") for s in sides[first:last]]
    while kept and not kept[0]:
        kept, first = kept[1:], first + 1
    if len(kept) < 2 or not all(re.search(r"\d", s) for s in kept):
        if first or last < len(sides):
            yield at, None, None
        return
    kept[-1] = kept[-1].rstrip(".")
    if any(map(_is_range, kept)):
        yield at, None, None
    elif any(_computes(s) for s in kept):
        yield at + starts[first], " = ".join(kept), power


def _beside_command(text: str, at: int, end: int) -> bool:
    """Whether the clause around a run has a backslash: a LaTeX command may belong to the run."""
    before = _CLAUSE.split(text[max(0, at - 200) : at])[-1]
    after = _CLAUSE.split(text[end : end + 200])[0]
    return "\\" in before or "\\" in after


def _first(text: str, at: int, part: str, side: str) -> int:
    """1 if the first side may be the continuation of the text before it, else 0.

    The result is the index of the first side that is read.
    """
    before = text[max(0, at - 40) : at]
    line = before.rpartition("\n")[2].rstrip(" \t")
    bare = line.strip(" \t|`>([")
    if side.strip(" \t\n.,;")[:1] in tuple("+*/×·)]-") and bare:
        return 1
    if not bare or line[-1:] in "|`":
        return 0
    spaced = part[:1].isspace() or before[-1:].isspace()
    if line[-1:] in ".,:;!?":
        return int(not spaced and line[-1:] not in ":")
    word = re.search(r"([^\W\d_][\w']*)$", line)
    if word is None or not spaced or len(word[1]) < 2 or not word[1].isascii():
        return 1
    low = word[1].lower()
    numbered = re.match(r"\s*\d+\s+[-–]\s", part) is not None and low not in _LEADING
    behind = re.search(r"([^\W\d_]+)\s+of$", line) if low == "of" else None
    return int(numbered or low in _OPERATORS or (behind or word)[1].lower() in _OPERATORS)


def _taken_away(text: str, end: int, part: str) -> int:
    """1 if the text after the run may belong to the last side (a unit, symbol or sign), else 0.

    The result is the number of sides to drop at the end.
    """
    rest = text[end : end + 40].partition("\n")[0]
    bare = rest.lstrip(" \t")
    if part.rstrip()[-1:] in _OPEN:
        return 1
    ended = part.rstrip()[-1:] in tuple(".,;") and part[-1:].isspace()
    if not bare or ended or "\n" in part[len(part.rstrip()) :]:
        return 0
    glued = rest[:1] == bare[:1] and not part[-1:].isspace() and part[-1:] not in ",;."
    if bare[0] in "`|.,;:?)\"'*_":
        return 0
    if bare[0] == "!":
        return int(glued)  # a factorial, or an exclamation
    word = _WORD.match(rest)
    if glued or word is None or not word[1].isascii() or len(word[1]) < 2:
        return 1
    low = word[1].lower()
    to_power = re.match(r"\s*to the\b", rest) is not None
    return int(low in _OPERATORS or to_power or is_unit(word[1], rest[word.end() :]))


def _is_range(side: str) -> bool:
    """Whether a side has a range, as `10-20 * 3`: a dash between digits and a spaced sign."""
    side = re.sub(r"\([^()]*\)", "", side)
    return re.search(r"\d[-–]\d", side) is not None and re.search(r"\s[+*/×·]\s", side) is not None


def _computes(side: str) -> bool:
    """Whether a side has an operation; a hyphen between digits may be a range or a date."""
    if "[[" in side:
        return True
    plain = re.sub(r"(?<=\d)-(?=\d)", "", side) if "(" not in side else side
    plain = re.sub(r"^\s*-", "", plain)
    return re.search(r"\d\s*\)?\s*[+\-*/×·]\s*\(?\s*-?\d", plain) is not None
