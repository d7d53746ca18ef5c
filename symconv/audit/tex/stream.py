"""The tokens of one formula, read from left to right."""

from __future__ import annotations

from symconv.audit.tex.lexer import Token
from symconv.audit.tex.nodes import NotUnderstood

PLAIN_FONTS = frozenset("mathrm mathit mathsf mathtt mathnormal operatorname textsf text".split())
OTHER_FONTS = {
    "mathbf": "bold",
    "bm": "bold",
    "boldsymbol": "bold",
    "pmb": "bold",
    "mathcal": "cal",
    "mathbb": "bb",
    "mathscr": "scr",
    "mathfrak": "frak",
    "hat": "hat",
    "tilde": "tilde",
    "bar": "bar",
    "vec": "vec",
    "widehat": "hat",
    "widetilde": "tilde",
    "overline": "bar",
    "dot": "dot",
    "check": "check",
}
FONTS = PLAIN_FONTS | frozenset(OTHER_FONTS)
MOST_LIST = 4_000
"""Signs of a list in which a comma may part thousands."""
OPEN = frozenset("([{⌊⌈⟨")
CLOSE = frozenset(")]}⌋⌉⟩")
_PLUS_MINUS = ("+", "-")
END: Token = ("eof", "", -1)


class Stream:
    """Tokens with a place among them.

    Attributes:
        called: names that stand right before a bracket, which may be a product or a function.
    """

    def __init__(self, found: list[Token]) -> None:
        # ends, so that tokens behind any other can be looked at
        self.found = [*found, END, END, END, END]
        self.at = 0
        self.depth = 0
        self.matrices = 0
        self.called: set[str] = set()

    def _peek(self) -> Token:
        try:
            return self.found[self.at]
        except IndexError:
            return END

    def _shown(self) -> str:
        kind, text, _ = self._peek()
        if kind == "eof":
            return "the end of the formula"
        return repr(
            {"cmd": "\\" + text, "begin": rf"\begin{{{text}}}", "end": rf"\end{{{text}}}"}.get(
                kind, text
            )
        )

    def _is(self, text: str) -> bool:
        kind, found, _ = self._peek()
        return found == text and kind == "chr"

    def _expect(self, texts: str) -> None:
        kind, text, _ = self._peek()
        if kind != "chr" or text not in texts:
            raise NotUnderstood(f"{texts[0]!r} is missing before {self._shown()}")
        self.at += 1

    def _signed(self) -> bool:
        kind, text, _ = self._peek()
        return kind == "chr" and text in _PLUS_MINUS

    def _sign(self) -> int:
        sign = 1
        while self._signed():
            sign = -sign if self._is("-") else sign
            self.at += 1
        return sign

    def _raw(self) -> str:
        """The text of a group or of one token, without its braces and fonts."""
        while self._peek()[0] == "cmd" and self._peek()[1] in FONTS:
            self.at += 1
        if not self._is("{"):
            kind, text, place = self._peek()
            if kind in ("eof", "nl", "begin", "end"):
                raise NotUnderstood(f"an index is missing before {self._shown()}")
            self.at += 1
            if kind == "num" and len(text) > 1:
                self.at -= 1
                self.found[self.at] = ("num", text[1:], place + 1)
                return text[0]
            return text
        found, begin = self.found, self.at + 1
        parts: list[str] = []
        depth = 1
        for n in range(begin, min(len(found), begin + MOST_LIST)):
            kind, text, _ = found[n]
            if kind == "chr" and text in "{}":
                depth += 1 if text == "{" else -1
                if not depth:
                    self.at = n + 1
                    return "".join(parts)
            elif not (kind == "cmd" and text in FONTS):
                parts.append(text)
        self.at = min(len(found), begin + MOST_LIST)
        if self.at == len(found):
            raise NotUnderstood("'}' is missing")
        raise NotUnderstood(f"an index of more than {MOST_LIST:,} signs")

    def _split_thousands(self) -> None:
        """In `[1,728]` the comma parts two items."""
        depth = 0
        for n in range(self.at, min(len(self.found), self.at + MOST_LIST)):
            kind, text, place = self.found[n]
            if kind == "chr":
                depth += (text in OPEN) - (text in CLOSE)
                if depth <= 0:
                    return
            elif kind == "num" and depth == 1 and text.count(",") == 1 and "{" not in text:
                head, _, rest = text.partition(",")
                if "\\" not in head:
                    self.found[n : n + 1] = [
                        ("num", head, place),
                        ("chr", ",", place),
                        ("num", rest, place),
                    ]
                    self._split_thousands()
                    return
