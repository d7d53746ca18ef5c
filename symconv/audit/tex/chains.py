"""A display as the statements that it makes: chains of sides with relations between them.

Aligned lines are joined where one goes on in the next, equations side by side are parted, and
words between them are kept: after `if` a statement holds under a condition.
"""

from __future__ import annotations

from symconv.audit.tex.lexer import CONDITIONS, SCALES, Token, tokens
from symconv.audit.tex.macros import Macros, expand
from symconv.audit.tex.nodes import NotUnderstood
from symconv.audit.tex.stream import CLOSE, OPEN

MOST_SIDES = 300
MOST_WORDS = 200
"""Characters of the words between two equations."""
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

    def cut_last(self) -> None:
        """What the last side is cannot be known: a unit or a percent sign stands behind it."""
        self.sides[-1] = []

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
        words = {word for _, said in parts[:MOST_SIDES] for word in said.split()}
        implied = "⇒" in [token[1] for token in line]
        for n, (part, _) in enumerate(parts):
            after = parts[n + 1][1].split() if n + 1 < len(parts) else []
            for chain in _split(part, "⇒", _places(part)) if implied else [part]:
                statement = _chain(chain)
                statement.conditional = implied or bool(words & CONDITIONS)
                if after and after[0] in SCALES:
                    statement.cut_last()
                found.append(statement)
    return found


def _lines(found: list[Token]) -> list[list[Token]]:
    """Top-level lines; one that goes on from the line before belongs to it."""
    merged: list[list[Token]] = []
    for line in _raw_lines(found):
        content = [t for t in line if t[0] != "amp"]
        while content and content[0][0] == "sep" and not content[0][1]:
            content = content[1:]
        if not content:
            continue
        if not merged:
            merged.append(content)
            continue
        first = content[0]
        signed = first[0] == "chr" and first[1] in _PLUS_OR_MINUS
        ahead = next(t for t in line if t[0] != "sep")[0] == "amp"
        if _ends_open(merged[-1]) or _joins(first) or (signed and (ahead or not _relates(content))):
            merged[-1] += content
        elif signed and (not any(t[0] == "amp" for t in line) or _one_term(content)):
            # it may go on or begin anew: what its first side is cannot be known
            merged.append([("cut", "", first[2]), *content])
        else:
            merged.append(content)
    return merged


def _one_term(content: list[Token]) -> bool:
    """Whether nothing but a signed term stands before the first relation: `- 1 &= 8`."""
    for kind, text, _ in content[1:]:
        if kind == "chr" and text in RELATIONS:
            return True
        if kind == "chr" and (text in _PLUS_OR_MINUS or text in _JOINING or text in OPEN):
            return False
    return False


def _raw_lines(found: list[Token]) -> list[list[Token]]:
    """Lines as they are broken, the marks of alignment in them."""
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
    """Whether a line that begins with this must go on from another."""
    return token[0] == "chr" and (token[1] in RELATIONS or token[1] in _JOINING)


def _ends_open(line: list[Token]) -> bool:
    """Whether a line ends with a sign, so that the next one belongs to it."""
    last = _last(line)
    return last[0] == "chr" and (_joins(last) or last[1] in _PLUS_OR_MINUS)


def _last(line: list[Token]) -> Token:
    return next((t for t in reversed(line) if t[0] != "sep"), line[-1])


def _places(line: list[Token]) -> list[int]:
    """Where tokens stand that are in no bracket and no matrix; what closes one is among them."""
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
    """Equations that stand side by side, each with the words before it."""
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
    while part and part[-1][0] == "chr" and part[-1][1] in ".,;:!?":
        part = part[:-1]
    cut_off = bool(part) and (part[0][0] == "cut" or part[0][:2] == ("chr", "+") or _joins(part[0]))
    part = [t for t in part if t[0] != "cut"]
    sides: list[list[Token]] = []
    relations: list[str] = []
    start = 0
    for n in _places(part):
        kind, text, _ = part[n]
        if kind == "chr" and text in RELATIONS:
            defined = n > start and part[n - 1][:2] == ("chr", ":")
            sides.append(part[start : n - defined])
            relations.append("≔" if defined else text)
            start = n + 1
    sides.append(part[start:])
    if len(sides) > MOST_SIDES:
        raise NotUnderstood(f"a chain of more than {MOST_SIDES} sides")
    if cut_off:
        sides[0] = []  # it begins with a sign: what stands before that is elsewhere
    return Statement(sides, relations)
