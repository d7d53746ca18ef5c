"""A display as the statements that it makes: chains of sides with relations between them.

Aligned lines are joined where one goes on in the next, equations side by side are parted, and
words between them are kept: after `if` a statement holds under a condition.
"""

from __future__ import annotations

from symconv.audit.tex.lexer import CONDITIONS, Token, tokens
from symconv.audit.tex.macros import Macros, expand

EQUALITIES = frozenset("=≈")
RELATIONS = frozenset("=≈≠<>≤≥→∈∼⇒")
_JOINING = frozenset("+-·×*⊙⊗⋆⊛")
_WRAPPERS = frozenset(
    """
    aligned align split gather gathered equation eqnarray alignat alignedat flalign multline
    displaymath math dcases empheq
    """.split()
)
_OPEN = frozenset("([{⌊⌈⟨")
_CLOSE = frozenset(")]}⌋⌉⟩")


class Statement:
    """Sides with the relations between them.

    Attributes:
        sides: the tokens of each.
        relations: one fewer than sides.
        conditional: words such as `if` follow, or an implication does.
    """

    __slots__ = ("conditional", "relations", "sides")

    def __init__(
        self, sides: list[list[Token]], relations: list[str], conditional: bool = False
    ) -> None:
        self.sides, self.relations, self.conditional = sides, relations, conditional

    @property
    def claims(self) -> bool:
        """Whether two sides are said to be equal."""
        return any(relation in EQUALITIES for relation in self.relations)


def statements(source: str, macros: Macros | None = None) -> list[Statement]:
    """The statements of one display or inline formula.

    Raises:
        NotUnderstood: macros or the formula grow beyond all limits.
    """
    if macros:
        source = expand(source, macros)
    found: list[Statement] = []
    for line in _lines(tokens(source)):
        parts = _parts(line)
        for n, (part, _) in enumerate(parts):
            after = parts[n + 1][1] if n + 1 < len(parts) else ""
            conditional = bool(set(after.split()) & CONDITIONS)
            for number, chain in enumerate(pieces := _split(part, "⇒")):
                statement = _chain(chain)
                statement.conditional = conditional or number + 1 < len(pieces)
                found.append(statement)
    return found


def _lines(found: list[Token]) -> list[list[Token]]:
    """Top-level lines; one that starts or ends with an operation belongs to its neighbour."""
    lines: list[list[Token]] = [[]]
    depth = 0
    columns = False
    for token in found:
        kind, text, _ = token
        if columns:
            columns = text != "}"
            continue
        if kind in ("begin", "end") and text in _WRAPPERS:
            columns = kind == "begin" and text in ("alignat", "alignedat")
            lines.append([])
            continue
        depth += (kind == "begin") - (kind == "end")
        if depth <= 0:
            if kind == "nl":
                lines.append([])
                continue
            if kind == "chr" and text == "&":
                continue
        lines[-1].append(token)
    merged: list[list[Token]] = []
    for line in lines:
        while line and line[0][0] == "sep" and not line[0][1]:
            line = line[1:]
        if not line:
            continue
        if merged and (_joins(line[0]) or _joins(_last(merged[-1]))):
            merged[-1] += line
        else:
            merged.append(line)
    return merged


def _joins(token: Token) -> bool:
    return token[0] == "chr" and (token[1] in RELATIONS or token[1] in _JOINING)


def _last(line: list[Token]) -> Token:
    return next((t for t in reversed(line) if t[0] != "sep"), line[-1])


def _depths(line: list[Token]) -> list[int]:
    found, depth = [], 0
    for kind, text, _ in line:
        if kind == "begin" or (kind == "chr" and text in _OPEN):
            depth += 1
        elif kind == "end" or (kind == "chr" and text in _CLOSE):
            depth -= 1
        found.append(depth)
    return found


def _parts(line: list[Token]) -> list[tuple[list[Token], str]]:
    """Equations that stand side by side, each with the words before it."""
    depths = _depths(line)
    parts: list[tuple[list[Token], str]] = [([], "")]
    for token, depth in zip(line, depths, strict=True):
        if token[0] == "sep" and depth <= 0:
            parts.append(([], f"{parts[-1][1]} {token[1]}" if not parts[-1][0] else token[1]))
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
        if (
            joined
            and joined[-1][0]
            and not words
            and (_joins(part[0]) or _joins(joined[-1][0][-1]))
        ):
            joined[-1][0].extend(part)
        else:
            joined.append((part, words))
    split: list[tuple[list[Token], str]] = []
    for part, words in joined:
        for sign in ",;":
            pieces = [p for p in _split(part, sign) if p]
            if len(pieces) > 1 and all(_relates(p) for p in pieces):
                split += [(pieces[0], words), *((p, "") for p in pieces[1:])]
                break
        else:
            split.append((part, words))
    return split


def _relates(part: list[Token]) -> bool:
    return any(kind == "chr" and text in RELATIONS for kind, text, _ in part)


def _split(part: list[Token], sign: str) -> list[list[Token]]:
    pieces: list[list[Token]] = [[]]
    for token, depth in zip(part, _depths(part), strict=True):
        if depth <= 0 and token[:2] == ("chr", sign):
            pieces.append([])
        else:
            pieces[-1].append(token)
    return pieces


def _chain(part: list[Token]) -> Statement:
    while part and part[-1][0] == "chr" and part[-1][1] in ".,;:!?":
        part = part[:-1]
    cut_off = bool(part) and part[0][:2] != ("chr", "-") and _joins(part[0])
    sides: list[list[Token]] = [[]]
    relations: list[str] = []
    for token, depth in zip(part, _depths(part), strict=True):
        if depth <= 0 and token[0] == "chr" and token[1] in RELATIONS:
            if sides[-1] and sides[-1][-1][:2] == ("chr", ":"):
                sides[-1].pop()
            relations.append(token[1])
            sides.append([])
        else:
            sides[-1].append(token)
    if cut_off:
        sides[0] = []  # it begins with a sign: what stands before that is elsewhere
    return Statement(sides, relations)
