r"""Split a LaTeX formula into tokens, without spacing, colour and other formatting.

Commands that stand for a character become that character, so that `\cdot` or `\times` and the
Unicode sign give the same token; commands that only affect the appearance are dropped.
"""

from __future__ import annotations

import re

from symconv.core.names import GREEK
from symconv.documents.tex.nodes import NotUnderstood

Token = tuple[str, str, int]
"""Kind, text and offset. Kinds: begin, end, cmd, nl, num, id, word, name, sep, chr.

The text of a `name` is a symbol or word with its index, `x_0_1` for `x_{0,1}`, which is two
characters shorter than the source.
"""

MOST_TOKENS = 60_000

_TOKEN = re.compile(
    r"\s*(?:(\d+(?![\d.,{\\]))|([&=+\-^_{}()\[\]'/])"  # most tokens are one of these
    r"|((?:stride|padding|dilation|kernel|output|input)(?:_(?:size|padding))?|[A-Za-z])"
    r"(?:_\{([A-Za-z0-9]+(?:,[A-Za-z0-9]+)*)\})?"
    r"|\\(begin|end)\s*\{([A-Za-z]+)\*?\}"
    r"|\\(?:text|textrm|textnormal|textbf|textit|texttt|mbox)\s*\{([^{}$]*)\}"
    r"|\\([A-Za-z]+)\*?"
    r"|(\\\\\*?(?:\s*\[\s*-?[\d.]+\s*(?:pt|em|ex|mm|cm|in|\\[a-z]+)\s*\])?)"
    r"|\\(.)"
    r"|((?<![\d,])\d{1,3}(?:(?:\{,\}|\\,|,)\d{3}){1,9}(?!\d|,\d)(?:\.\d+)?"
    r"|\d+\{,\}\d+|\d+(?:\.\d+)?|\.\d+)"
    r"|(?<!\d)%[^\n]*"
    r"|(.))",
    re.S,
)

_CHARACTERS = {
    "cdot": "·",
    "times": "×",
    "ast": "∗",
    "star": "⋆",
    "circledast": "⊛",
    "otimes": "⊗",
    "odot": "⊙",
    "circ": "∘",
    "div": "/",
    "bmod": "mod",
    "lfloor": "⌊",
    "rfloor": "⌋",
    "lceil": "⌈",
    "rceil": "⌉",
    "langle": "⟨",
    "rangle": "⟩",
    "lbrack": "[",
    "rbrack": "]",
    "lbrace": "\\{",
    "rbrace": "\\}",
    "approx": "≈",
    "simeq": "≈",
    "doteq": "≈",
    "equiv": "∼",
    "coloneqq": "≔",
    "triangleq": "≔",
    "neq": "≠",
    "ne": "≠",
    "le": "≤",
    "leq": "≤",
    "ge": "≥",
    "leqslant": "≤",
    "geqslant": "≥",
    "geq": "≥",
    "lt": "<",
    "gt": ">",
    "to": "→",
    "mapsto": "→",
    "rightarrow": "→",
    "longrightarrow": "→",
    "leadsto": "→",
    "in": "∈",
    "sim": "∼",
    "ll": "<",
    "propto": "∼",
    "cong": "∼",
    "subset": "∈",
    "gg": ">",
    "Rightarrow": "⇒",
    "implies": "⇒",
    "Longrightarrow": "⇒",
    "iff": "⇒",
    "Leftrightarrow": "⇒",
    "therefore": "⇒",
    "top": "⊤",
    "intercal": "⊤",
    "prime": "'",
    "colon": ":",
    "cr": "nl",
    "newline": "nl",
    "tabularnewline": "nl",
}
_UNICODE = {
    "−": "-",
    "⋅": "·",
    "∗": "*",
    "⁎": "*",
    "∙": "·",
    "≃": "≈",
    "≅": "∼",
    "≡": "∼",
    "⟶": "→",
    "⟹": "⇒",
    "⇔": "⇒",
    "ᵀ": "ᵀ",
    "′": "'",
    "÷": "/",
    "\u2062": "·",
}
_DROPPED = frozenset(
    """
    left right middle big Big bigg Bigg bigl bigr bigm Bigl Bigr Bigm biggl biggr Biggl Biggr
    displaystyle textstyle scriptstyle nonumber notag hline limits nolimits small footnotesize
    normalsize large Large centering hfill strut bf rm it sf tt enspace enskip thinspace
    negthinspace allowbreak nobreak noindent par smallskip medskip hdots mathstrut toprule
    midrule bottomrule boldmath
    """.split()
)
_DROPPED_WITH_GROUP = {
    "label": 1,
    "tag": 1,
    "hspace": 1,
    "vspace": 1,
    "intertext": 1,
    "shortintertext": 1,
    "vphantom": 1,
    "hphantom": 1,
    "phantom": 1,
    "color": 1,
    "textcolor": 1,
    "colorbox": 1,
    "cellcolor": 1,
    "rowcolor": 1,
    "cline": 1,
    "fcolorbox": 2,
    "definecolor": 3,
    "href": 1,
    "footnote": 1,
    "cite": 1,
    "ref": 1,
    "eqref": 1,
    "mathchoice": 3,
    "rule": 2,
    "raisebox": 1,
    "setlength": 2,
    "addtolength": 2,
    "renewcommand": 2,
    "arraycolsep": 0,
    "class": 1,
    "cssId": 1,
    "style": 1,
    "htmlClass": 1,
}
_PARTING = {"hspace": "sep", "intertext": "nl", "shortintertext": "nl"}
_TRANSPARENT = frozenset(
    "boxed fbox ensuremath mathclap mathop mathbin mathrel mathord bbox underline".split()
)
_GREEK = GREEK | frozenset(
    "varepsilon vartheta varphi varrho varsigma ell hbar imath jmath Omega".split()
)


def tokens(source: str) -> list[Token]:
    """Split a formula into tokens.

    Raises:
        NotUnderstood: there are more than `MOST_TOKENS` tokens.
    """
    found: list[Token] = []
    skipping = 0
    take = found.append
    for match in _TOKEN.finditer(source.rstrip()):
        kind = match.lastindex
        if kind is None:
            continue
        text, place = match[kind], match.start(kind)
        if kind == 1:
            take(("num", text, place))
        elif kind == 2:
            take(("chr", text, place))
        elif kind == 3:
            take(("id" if len(text) == 1 else "word", text, place))
        elif kind == 4:
            _indexed(match[3], text, match.start(3), found)
        elif kind == 6:
            take((match[5], text, match.start(5) - 1))
        elif kind == 7:
            found += _worded(text, place)
        elif kind == 8:
            skipping += _command(text, place - 1, found)
        elif kind == 9:
            take(("nl", text, place))
        elif kind == 10:
            if text in "{}|%#_&$":
                take(("chr", "\\" + text, place))
        elif kind == 11:
            take(("num", text, place))
        elif text != "~":
            take(("chr", _UNICODE.get(text, text), place))
        if len(found) > MOST_TOKENS:
            raise NotUnderstood(f"a formula of more than {MOST_TOKENS:,} tokens")
    return _without_dropped(found) if skipping or "{}" in source else found


def _indexed(name: str, index: str, place: int, found: list[Token]) -> None:
    """Append `x_{0,1}` as one name, or as separate tokens after a command, `^` or `_`.

    Those take only the first token, `x`, as their argument.
    """
    before = found[-1] if found else ("chr", "", 0)
    if before[0] != "cmd" and before[1] not in ("^", "_"):
        found.append(("name", f"{name}_{index.replace(',', '_')}", place))
        return
    start = place + len(name) + 2
    kind = "id" if len(name) == 1 else "word"
    found += [(kind, name, place), ("chr", "_", start - 2), ("chr", "{", start - 1)]
    found += [(kind, text, start + at) for kind, text, at in tokens(index)]
    found.append(("chr", "}", start + len(index)))


def _command(text: str, place: int, found: list[Token]) -> bool:
    """Append the token of a command: its character, nothing, or the command itself.

    Returns True if its argument must be dropped as well.
    """
    if text in _CHARACTERS:
        sign = _CHARACTERS[text]
        found.append(("nl", text, place) if sign == "nl" else ("chr", sign, place))
    elif text in _GREEK:
        found.append(("id", text, place))
    elif text in ("quad", "qquad"):
        found.append(("sep", "", place))
    elif text in _DROPPED_WITH_GROUP:
        if text in _PARTING:
            found.append((_PARTING[text], "", place))
        found.append(("drop", text, place))
        return True
    elif text in ("left", "right", "middle"):
        found.append(("drop", ".", place))
        return True
    elif text not in _DROPPED and text not in _TRANSPARENT:
        found.append(("cmd", text, place))
    return False


def _worded(raw: str, place: int) -> list[Token]:
    """The tokens of words in text style: a name, a number, or a separator with the words."""
    text = raw.strip()
    if not text.strip(".,;: "):
        return [("sep", "", place)] if raw else []
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return [("num", text, place)]
    name = re.fullmatch(r"[A-Za-z][\w.]*(\\_\w+)*", text)
    if name and raw == text and text.lower() not in CONNECTIVES | COUNTED:
        return [("word" if len(text) > 1 else "id", text.replace("\\_", "_"), place)]
    return [("sep", text.lower(), place)]


CONNECTIVES = frozenset("and or with where for if when so thus hence since but while then".split())
CONDITIONS = frozenset("for if when where with since while unless otherwise provided".split())
"""Words after which a statement holds only under a condition."""
COUNTED = frozenset(
    "px pixels parameters cells elements values weights entries units outputs".split()
)
"""Nouns for counted things; unlike a unit, they do not change the number before them."""


def _without_dropped(found: list[Token]) -> list[Token]:
    """Remove formatting commands together with their arguments, and free empty groups."""
    kept: list[Token] = []
    at = 0
    while at < len(found):
        kind, text, _ = found[at]
        if kind != "drop":
            if text == "{" and found[at + 1 : at + 2] and found[at + 1][1] == "}" and _free(kept):
                at += 2  # `+ {}` at the end of a line
                continue
            kept.append(found[at])
            at += 1
            continue
        at += 1
        if text == ".":
            if at < len(found) and found[at][1] == ".":
                at += 1
            continue
        if text == "cellcolor" and at < len(found) and found[at][1] == "[":
            while at < len(found) and found[at][1] != "]":
                at += 1
            at += 1
        for _ in range(_DROPPED_WITH_GROUP[text]):
            at = _after_group(found, at)
    return kept


def _free(kept: list[Token]) -> bool:
    """Whether an empty group at this point is not an argument, index or exponent."""
    return not kept or (kept[-1][0] == "chr" and kept[-1][1] in ("+", "-", "=", "&"))


def _after_group(found: list[Token], at: int) -> int:
    if at >= len(found) or found[at][:2] != ("chr", "{"):
        return at
    depth = 0
    while at < len(found):
        if found[at][0] == "chr":
            depth += (found[at][1] == "{") - (found[at][1] == "}")
        at += 1
        if depth == 0:
            break
    return at
