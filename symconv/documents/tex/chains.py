"""Split a display into statements: chains of sides with relations between them.

Lines that continue on the next line are joined, and equations next to each other are separated.
The words between equations are kept: after `if`, a statement holds only under a condition.
"""

from __future__ import annotations

from dataclasses import dataclass

from symconv.documents.tex.lexer import CONDITIONS, Token, tokens
from symconv.documents.tex.macros import Macros, expand
from symconv.documents.tex.nodes import NotUnderstood
from symconv.documents.tex.parser import CLOSE, OPEN
from symconv.documents.units import POWERS_OF_TEN, UNITS

MOST_SIDES = 300
MOST_WORDS = 200
"""Characters that are kept of the words between two equations."""
EQUALITIES = frozenset("=≈≔")
RELATIONS = frozenset("=≈≔≠<>≤≥→∈∼⇒")
_JOINING = frozenset("·×*⊙⊗⋆⊛∗")
_PLUS_OR_MINUS = frozenset("+-")
_WRAPPERS = frozenset(
    """
    aligned align split gather gathered equation eqnarray alignat alignedat flalign multline
    displaymath math dcases empheq
    """.split()
)


@dataclass(slots=True)
class Statement:
    """A chain of sides with relations between them, such as `a = b = c`.

    Attributes:
        sides: the tokens of each side.
        relations: the relations between neighbouring sides, one fewer than sides.
        conditional: whether its line has a word such as `if`, or an implication.
        asked: whether it ends with a question mark.
        scaled: the power of ten by which a word after the last side multiplies it, or 0.
    """

    sides: list[list[Token]]
    relations: list[str]
    conditional: bool = False
    asked: bool = False
    scaled: int = 0

    def cut_last(self) -> None:
        """Remove the last side, whose value a following unit or percent sign makes unknown."""
        self.sides[-1] = []

    def scale_last(self, power: int) -> None:
        """Multiply the last side by a power of ten; remove it if it is not a single number."""
        last = self.sides[-1]
        if len(last) != 1 or last[0][0] != "num":
            self.cut_last()
            return
        place = last[0][2]
        self.sides[-1] = [
            *last,
            ("chr", "×", place),
            ("num", "10", place),
            ("chr", "^", place),
            ("chr", "{", place),
            ("num", str(power), place),
            ("chr", "}", place),
        ]
        self.scaled = power

    @property
    def claims(self) -> bool:
        """Whether it states that two sides are equal."""
        return any(relation in EQUALITIES for relation in self.relations)


Tokens = list[Token]


def statements(source: str, macros: Macros | None = None) -> list[Statement]:
    """The statements of one display or inline formula, in the first reading of its lines.

    Raises:
        NotUnderstood: the formula, or its expanded macros, exceed a limit.
    """
    return [one for group in readings(source, macros) for one in group[0]]


def readings(source: str, macros: Macros | None = None) -> list[list[list[Statement]]]:
    """The statements of a display in groups, each with all readings of its lines.

    A line that begins with a sign and has a relation of its own, such as `-1 &= -1 + 0`, may
    continue the previous line or begin a new statement. A group without such lines has one reading.

    Raises:
        NotUnderstood: the formula, or its expanded macros, exceed a limit.
    """
    if macros:
        source = expand(source, macros)
    found: list[list[list[Statement]]] = []
    for column in _columns(_raw_lines(tokens(source))):
        for joined, apart in _lines(column):
            alternatives = [_statements_of(joined)]
            if apart:
                alternatives.append([one for line in apart for one in _statements_of(line)])
            found.append(alternatives)
    return found


def _statements_of(line: Tokens) -> list[Statement]:
    found = []
    parts = _parts(line)
    words = {word for _, said in parts[:MOST_SIDES] for word in said.split()}
    implied = "⇒" in [token[1] for token in line]
    for n, (part, _) in enumerate(parts):
        after = parts[n + 1][1].split() if n + 1 < len(parts) else []
        for chain in _split(part, "⇒", _places(part)) if implied else [part]:
            statement = _chain(chain)
            statement.conditional = implied or bool(words & CONDITIONS)
            unit = after[0].strip(".,;:()") if after else ""
            if unit in POWERS_OF_TEN and len(unit) > 1:
                statement.scale_last(POWERS_OF_TEN[unit])
            elif unit in UNITS or unit in POWERS_OF_TEN:
                statement.cut_last()
            found.append(statement)
    return found


def _columns(lines: list[Tokens]) -> list[list[Tokens]]:
    """The lines of each column of equations, from left to right.

    In `align`, every second alignment mark begins a new column. Such a mark is recognised by its
    context: the text before it has a relation, and the text after it begins neither with a relation
    nor with a sign that continues the equation.
    """
    columns: list[list[Tokens]] = []
    for line in lines:
        for n, segment in enumerate(_segments(line)):
            if n == len(columns):
                columns.append([])
            columns[n].append(segment)
    return columns


def _segments(line: Tokens) -> list[Tokens]:
    cells: list[Tokens] = [[]]
    for token in line:
        cells.append([]) if token[0] == "amp" else cells[-1].append(token)
    segments: list[Tokens] = [[]]
    blank = False
    for n, cell in enumerate(cells):
        content = [t for t in cell if t[0] != "sep" or t[1]]
        before = [t for t in segments[-1] if t[0] not in ("amp", "sep")]
        if content and before and _ends_relation(before) is False:
            first = content[0]
            own = _relates(content) or any(_relates(c) for c in cells[n + 1 :])
            signed = first[0] == "chr" and first[1] in _PLUS_OR_MINUS
            goes_on = _joins(first) or (signed and not own and not blank)
            if not goes_on and (blank or own):
                segments.append([])
        if n and segments[-1] is not None:
            segments[-1].append(("amp", "&", cell[0][2] if cell else -1))
        segments[-1] += cell
        blank = bool(n) and not content
    return segments


def _ends_relation(tokens_before: Tokens) -> bool | None:
    """Whether a column ends with a relation; None if it has no relation yet."""
    if not _relates(tokens_before):
        return None
    last = _last(tokens_before)
    return last[0] == "chr" and last[1] in RELATIONS


def _lines(lines: list[Tokens]) -> list[tuple[Tokens, list[Tokens]]]:
    """Join each line that continues the previous one to it.

    Every joined line comes with the separate lines if it is not certain that they belong together,
    else with an empty list.
    """
    merged: list[tuple[Tokens, list[Tokens]]] = []
    for line in lines:
        content = [t for t in line if t[0] != "amp"]
        while content and content[0][0] == "sep" and not content[0][1]:
            content = content[1:]
        if not content:
            continue
        if not merged:
            merged.append((content, []))
            continue
        first = content[0]
        signed = first[0] == "chr" and first[1] in _PLUS_OR_MINUS
        ahead = next(t for t in line if t[0] != "sep")[0] == "amp"
        before, apart = merged[-1]
        if signed and _relates(content) and not _ends_open(before):
            if ahead or any(t[0] == "amp" for t in line) is False or _one_term(content):
                merged[-1] = [*before, *content], [*(apart or [list(before)]), content]
            else:
                merged.append((content, []))
        elif _ends_open(before) or _joins(first) or signed:
            if apart:
                apart[-1] = [*apart[-1], *content]
            merged[-1] = [*before, *content], apart
        else:
            merged.append((content, []))
    return merged


def _one_term(content: list[Token]) -> bool:
    """Whether only one signed term precedes the first relation, as in `- 1 &= 8`."""
    for kind, text, _ in content[1:]:
        if kind == "chr" and text in RELATIONS:
            return True
        if kind == "chr" and (text in _PLUS_OR_MINUS or text in _JOINING or text in OPEN):
            return False
    return False


def _raw_lines(found: Tokens) -> list[Tokens]:
    """Split the tokens at line breaks; alignment marks become `amp` tokens."""
    lines: list[list[Token]] = [[]]
    depth = 0
    columns = False
    for token in found:
        kind, text, place = token
        if columns:
            columns = text != "}"
            continue
        if kind in ("begin", "end") and text in _WRAPPERS:
            columns = kind == "begin" and text in ("alignat", "alignedat")
            lines.append([])
            continue
        depth += (kind == "begin") - (kind == "end")
        if depth <= 0 and kind == "nl":
            lines.append([])
        elif depth <= 0 and kind == "chr" and text == "&":
            lines[-1].append(("amp", "&", place))
        else:
            lines[-1].append(token)
    return [line for line in lines if line]


def _joins(token: Token) -> bool:
    """Whether a line that begins with this token must continue another line."""
    return token[0] == "chr" and (token[1] in RELATIONS or token[1] in _JOINING)


def _ends_open(line: list[Token]) -> bool:
    """Whether a line ends with a sign or relation, so that the next line continues it."""
    last = _last(line)
    return last[0] == "chr" and (_joins(last) or last[1] in _PLUS_OR_MINUS)


def _last(line: list[Token]) -> Token:
    return next((t for t in reversed(line) if t[0] != "sep"), line[-1])


def _places(line: list[Token]) -> list[int]:
    """Indices of the tokens outside brackets and matrices, including closing brackets."""
    found, depth = [], 0
    for n, (kind, text, _) in enumerate(line):
        if kind == "chr":
            if text in OPEN:
                depth += 1
            elif text in CLOSE:
                depth -= 1
        elif kind == "begin":
            depth += 1
        elif kind == "end":
            depth -= 1
        if depth <= 0:
            found.append(n)
    return found


def _parts(line: list[Token]) -> list[tuple[list[Token], str]]:
    """Split a line into equations next to each other, each with the words before it."""
    parts: list[tuple[list[Token], str]] = [([], "")]
    seps = any(token[0] == "sep" for token in line)
    if not seps:
        parts = [(line, "")]
    outside = set(_places(line)) if seps else set()
    for n, token in enumerate(line) if seps else ():
        if token[0] == "sep" and n in outside:
            before = parts[-1][1][:MOST_WORDS] if not parts[-1][0] else ""
            parts.append(([], f"{before} {token[1][:MOST_WORDS]}"))
        elif token[0] == "sep":
            continue
        else:
            parts[-1][0].append(token)
    joined: list[tuple[list[Token], str]] = []
    for part, words in parts:
        if not part:
            if words and joined:
                joined.append(([], words))
            continue
        if joined and joined[-1][0] and not words and _goes_on(joined[-1][0], part):
            joined[-1][0].extend(part)
        else:
            joined.append((part, words))
    split: list[tuple[list[Token], str]] = []
    for part, words in joined:
        places = _places(part)
        for sign in ",;":
            pieces = [p for p in _split(part, sign, places) if p]
            if len(pieces) > 1 and all(_relates(p) for p in pieces):
                split += [(pieces[0], words), *((p, "") for p in pieces[1:])]
                break
        else:
            split.append((part, words))
    return split


def _goes_on(before: list[Token], part: list[Token]) -> bool:
    first = part[0]
    signed = first[0] == "chr" and first[1] in _PLUS_OR_MINUS
    return _ends_open(before) or _joins(first) or (signed and not _relates(part))


def _relates(part: list[Token]) -> bool:
    return any(kind == "chr" and text in RELATIONS for kind, text, _ in part)


def _split(part: list[Token], sign: str, places: list[int]) -> list[list[Token]]:
    pieces, start = [], 0
    for n in places:
        if part[n][1] == sign and part[n][0] == "chr":
            pieces.append(part[start:n])
            start = n + 1
    pieces.append(part[start:])
    return pieces


def _chain(part: list[Token]) -> Statement:
    asked = False
    while part and part[-1][0] == "chr" and part[-1][1] in ".,;:?":
        asked = asked or part[-1][1] == "?"
        part = part[:-1]
    cut_off = bool(part) and (part[0][:2] == ("chr", "+") or _joins(part[0]))
    sides: list[list[Token]] = []
    relations: list[str] = []
    start = 0
    for n in _places(part):
        kind, text, _ = part[n]
        if kind == "chr" and text in RELATIONS:
            odd = [t[1] for t in part[start:n]] in (["/"], ["!"])
            if (n == start or odd) and sides:
                relations[-1] = "?"  # `==`, `!=`, `=/=` are program code and claim nothing here
                start = n + 1
                continue
            defined = n > start and part[n - 1][:2] == ("chr", ":")
            denied = n > start and part[n - 1][:2] == ("chr", "!")
            sides.append(part[start : n - (defined or denied)])
            relations.append("≔" if defined else "≠" if denied else text)
            start = n + 1
    sides.append(part[start:])
    if len(sides) > MOST_SIDES:
        raise NotUnderstood(f"a chain of more than {MOST_SIDES} sides")
    if cut_off:
        sides[0] = []  # the chain begins with a sign: its first side is written elsewhere
    made = Statement(sides, relations)
    made.asked = asked
    return made
