"""Parse the tokens of one side of a relation into a syntax tree.

The grammar has sums of products of factors, numbers with thousands separators, lists, matrices with
blank cells, rounding brackets and transposes. `Stream` holds the tokens, `Grids` parses brackets
and matrices, and `Parser` the rest by recursive descent. A formula outside the grammar raises
`NotUnderstood` with the reason; nothing is guessed and nothing is executed. The nesting depth is
limited, so that deep brackets cannot exhaust the stack.
"""

from __future__ import annotations

import re
from fractions import Fraction

from symconv.documents.tex.lexer import Token
from symconv.documents.tex.nodes import (
    Grid,
    InnerNode,
    Listed,
    Node,
    NotUnderstood,
    Number,
    PowerNode,
    ProductNode,
    SumNode,
    Symbol,
    Wrapped,
)

MOST_DIGITS = 400


def number(text: str, place: int = 0) -> Number:
    """Parse a printed number.

    It has two values if a separator is ambiguous: `1,728` is 1728, or 1.728 with a decimal comma.

    Raises:
        NotUnderstood: it has more than `MOST_DIGITS` characters.
    """
    if len(text) < 16 and text.isdecimal():
        return Number((int(text),), None, place)
    if len(text) > MOST_DIGITS:
        raise NotUnderstood(f"a number of more than {MOST_DIGITS} digits")
    plain = text.replace("{,}", ",").replace("\\,", ",")
    whole, _, digits = plain.partition(".")
    if "," in whole and not re.fullmatch(r"\d{1,3}(,\d{3})+", whole):
        return number(plain.replace(",", "."), place)
    if "," in whole:
        joined = whole.replace(",", "")
        values = [_exact(joined, digits)]
        if whole.count(",") == 1 and not digits and "\\" not in text:
            values.append(_exact(*whole.split(",")))
        return Number(tuple(values), len(digits) or None, place)
    values = [_exact(whole or "0", digits)]
    if len(digits) == 3 and len(whole) < 4 and whole.lstrip("0"):
        values.append(int(whole + digits))
    return Number(tuple(values), len(digits) or None, place)


def _exact(whole: str, digits: str) -> int | Fraction:
    if not digits:
        return int(whole)
    value = Fraction(int(whole + digits), 10 ** len(digits))
    return value.numerator if value.denominator == 1 else value


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
"""Largest number of tokens that is searched in a list or an index."""
OPEN = frozenset("([{⌊⌈⟨")
CLOSE = frozenset(")]}⌋⌉⟩")
_PLUS_MINUS = ("+", "-")
END: Token = ("eof", "", -1)


class Stream:
    """A list of tokens with the current position.

    Attributes:
        found: the tokens, followed by end tokens.
        at: index of the current token.
        depth: nesting depth of sums.
        matrices: number of matrices that contain the current token.
        called: names directly before a bracket, which may be a product or a function call.
    """

    def __init__(self, found: list[Token]) -> None:
        # several end tokens allow lookahead without bounds checks
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
        raise NotUnderstood(f"an index of more than {MOST_LIST:,} tokens")

    def _split_thousands(self) -> None:
        """Split numbers at commas inside a bracket: in `[1,728]` the comma separates two items."""
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


MATRICES = frozenset(
    "bmatrix pmatrix matrix Bmatrix smallmatrix bsmallmatrix psmallmatrix array".split()
)
MOST_CELLS = 40_000


class Grids(Stream):
    """Parser of brackets, lists and matrices; their items are parsed by `sum`."""

    def sum(self) -> Node:
        """Parse a formula up to the first token that cannot belong to it."""
        raise NotImplementedError

    def bracketed(self, closers: str) -> Node:
        """Parse a bracket: a single formula, a list, or rows separated by semicolons."""
        place, opener = self._peek()[2], self._peek()[1]
        self._split_thousands()
        self.at += 1
        rows: list[list[Node]] = [[self.sum()]]
        while self._is(",") or self._is(";"):
            if self._is(";"):
                rows.append([])
            self.at += 1
            if self._is(closers[0]) and not rows[-1]:
                rows.pop()
            elif not self._is(closers[0]):
                rows[-1].append(self.sum())
        self._expect(closers)
        if len(rows) > 1:
            return Grid(_padded(rows), place)
        (items,) = rows
        if len(items) == 1 and opener == "[" and _quotient(items[0]):
            return Wrapped("gauss", items[0], place)
        if len(items) == 1 and (
            opener == "(" or not isinstance(items[0], (Number, Symbol, Listed))
        ):
            return items[0]
        return Listed(items, place)

    def _column_letters(self) -> bool:
        """Whether the next bracket is the column alignment of a matrix, such as `[c]` or `[rr]`."""
        inside = [text for _, text, _ in self.found[self.at + 1 : self.at + 12]]
        end = inside.index("]") if "]" in inside else 0
        return end > 0 and set(inside[:end]) <= set("clr")

    def _two_terms(self, place: int) -> Node | None:
        """Parse a cell such as `x + 5` without the grammar, for speed; None for any other cell."""
        one, sign, other, after = self.found[self.at : self.at + 4]
        if (
            sign[1] not in ("+", "-")
            or one[0] not in _SIMPLE
            or other[0] not in _SIMPLE
            or not _ends(after[0], after[1])
        ):
            return None
        self.at += 3
        terms = [(1, _atom(one)), (1 if sign[1] == "+" else -1, _atom(other))]
        return SumNode(terms, place)

    def matrix(self, environment: str, place: int) -> Node:
        """Parse the rows of a matrix up to its end; short rows are filled with blank cells."""
        if environment == "array" and self._is("{"):
            self._raw()
        elif self._is("[") and self._column_letters():
            while self._peek()[0] != "eof" and not self._is("]"):
                self.at += 1
            self.at += 1
        rows: list[list[Node | None]] = [[]]
        found = self.found
        self.matrices += 1
        blank_row = False
        while True:
            kind, text, start = found[self.at]
            if kind == "eof":
                raise NotUnderstood(rf"\end{{{environment}}} is missing")
            after = found[self.at + 1]
            cell: Node | None = None
            empty = _ends(kind, text)
            if text == "{" and after[1] == "}":
                self.at += 2  # `{}` is a blank cell
            elif kind == "num" and _ends(after[0], after[1]):
                cell = number(text, start)  # a shortcut for nearly all cells
                self.at += 1
            elif kind in ("id", "name") and _ends(after[0], after[1]):
                cell = Symbol(text, start)
                self.at += 1
            elif not empty:
                cell = self._two_terms(place=start) or self.sum()
            rows[-1].append(cell)
            kind, text, start_of_break = found[self.at]
            if (kind, text) == ("chr", ".") and isinstance(cell, Number):
                self.at += 1
                kind, text, start_of_break = found[self.at]
            self.at += 1
            if kind == "nl":
                # `\\\\` is a single line break whose backslashes were doubled for Markdown
                touching = found[self.at]
                if touching[0] == "nl" and touching[2] == start_of_break + len(text):
                    self.at += 1
                if cell is None and empty and len(rows[-1]) == 1:
                    blank_row = True
                rows.append([])
            elif kind == "end":
                break
            elif (kind, text) != ("chr", "&"):
                self.at -= 1
                raise NotUnderstood(f"{self._shown()} in a cell")
        self.matrices -= 1
        if empty and len(rows[-1]) == 1 and len(rows) > 1:
            rows.pop()
        if blank_row:
            raise NotUnderstood("a blank row: either a row of zeros or an extra line break")
        return Grid(_padded(rows), place, round_brackets=environment == "pmatrix")


def _quotient(node: Node) -> bool:
    """Whether a formula is a number over a number: `[7/2]` may denote its integer part."""
    return (
        isinstance(node, ProductNode)
        and [sign for sign, _ in node.factors] == ["", "/"]
        and all(isinstance(part, Number) for _, part in node.factors)
    )


_SIMPLE = ("num", "id", "name")


def _ends(kind: str, text: str) -> bool:
    """Whether a token ends a cell."""
    return text == "&" if kind == "chr" else kind in ("nl", "end")


def _atom(token: Token) -> Node:
    kind, text, place = token
    return number(text, place) if kind == "num" else Symbol(text, place)


def _padded(rows: list[list[Node]] | list[list[Node | None]]) -> list[list[Node | None]]:
    """Fill short rows with blank cells."""
    width = max(len(row) for row in rows)
    if width * len(rows) > MOST_CELLS:
        raise NotUnderstood(f"a matrix of more than {MOST_CELLS:,} cells")
    return [[*row, *[None] * (width - len(row))] for row in rows]


MOST_NESTING = 100
MOST_MARKS = 20
_SIGNS = frozenset("·×*∗⋆⊛⊗⊙∘/") | {"mod"}
_MARKS = frozenset("^_'ᵀ[(")
"""Signs after a factor that may belong to it."""
_CLOSERS = {"(": ")]", "[": "])"}
BOLD = frozenset("mathbf bm boldsymbol pmb mathbb".split())
MARKS_ABOVE = frozenset("hat tilde bar vec widehat widetilde overline dot check".split())
_DOTS = frozenset("cdots vdots ddots dots ldots dotsc dotsb".split())
FUNCTIONS = frozenset("vec flatten".split())


class Parser(Grids):
    """Recursive-descent parser of one side of a relation."""

    def whole(self) -> Node:
        """Parse all tokens as one formula.

        Raises:
            NotUnderstood: they are not a formula of this grammar; the message is the reason.
        """
        node = self.sum()
        if self._peek()[0] != "eof":
            raise NotUnderstood(f"{self._shown()} is not expected here")
        return node

    def sum(self) -> Node:
        """Parse terms separated by plus and minus signs."""
        self.depth += 1
        if self.depth > MOST_NESTING:
            raise NotUnderstood(f"brackets nested more than {MOST_NESTING} levels deep")
        start = self._peek()[2]
        terms = [(self._sign(), self._product())]
        while self._signed():
            terms.append((self._sign(), self._product()))
        self.depth -= 1
        return terms[0][1] if len(terms) == 1 and terms[0][0] == 1 else SumNode(terms, start)

    def _product(self) -> Node:
        start = self._peek()[2]
        factors: list[tuple[str, Node]] = [("", self._factor())]
        while True:
            kind, text, place = self._peek()
            if kind == "chr" and text in _SIGNS:
                self.at += 1
                sign = self._sign()
                factor = self._factor()
                if sign == -1 and isinstance(factor, PowerNode):
                    raise NotUnderstood("a sign before a power can be read in two ways")
                factors.append((text, factor if sign == 1 else SumNode([(-1, factor)], place)))
            elif self._starts(kind, text):
                before = factors[-1]
                factor = self._factor()
                if isinstance(before[1], Number) and isinstance(factor, Number):
                    raise NotUnderstood("two numbers side by side")
                if before[0] == "/" and not isinstance(factor, Grid):
                    raise NotUnderstood("a/b c can be read in two ways")
                factors.append(("mixed" if _mixed(before[1], factor) else "", factor))
            else:
                return factors[0][1] if len(factors) == 1 else ProductNode(factors, start)

    @staticmethod
    def _starts(kind: str, text: str) -> bool:
        if kind == "chr":
            return text in OPEN
        if kind == "cmd":
            return text not in _DOTS
        return kind in ("num", "id", "word", "name", "begin")

    def _factor(self) -> Node:
        node = self._atom()
        for _ in range(MOST_MARKS):
            kind, text, _place = self._peek()
            if kind != "chr" or text not in _MARKS:
                return node
            if text == "^":
                node = self._raised(node)
            elif text == "_":
                self.at += 1
                text = self._raw()
                if isinstance(node, Number):
                    raise NotUnderstood("a number with an index")
                node = Symbol(f"{_name(node)}_{text.replace(',', '_')}", node.at)
            elif text == "'":
                self.at += 1
                node = Symbol(_name(node) + "'", node.at)
            elif text == "ᵀ":
                self.at += 1
                node = Wrapped("transpose", node, node.at)
            elif isinstance(node, Symbol) and self._indexed():
                self.at += 3
            else:
                if isinstance(node, Symbol) and text == "(":
                    self.called.add(node.name)
                return node
        raise NotUnderstood(f"more than {MOST_MARKS} indices and exponents on one symbol")

    def _indexed(self) -> bool:
        """Whether an index in brackets follows, as in `stride[0]`; it is ignored."""
        here = self.found[self.at : self.at + 3]
        return len(here) == 3 and here[0][1] == "[" and here[1][0] == "num" and here[2][1] == "]"

    def _raised(self, base: Node) -> Node:
        self.at += 1
        before = self.at
        kind, digits, _ = self._peek()
        if kind == "num" and len(digits) > 1:
            raise NotUnderstood(f"^{digits} without braces raises only to its first digit")
        text = self._raw()
        if text in ("⊤", "T", "ᵀ") or (text == "t" and _matrix_like(base)):
            return Wrapped("transpose", base, base.at)
        if text in ("'", "*", "+", "dagger", "") or text.startswith("("):
            return Symbol(f"{_name(base)}^{text}", base.at)
        after, self.at = self.at, before
        if self._is("{"):
            self.at += 1
            exponent = self.sum()
            self._expect("}")
        else:
            exponent = self._argument()
            after = self.at
        if self.at != after:
            raise NotUnderstood("an exponent that is not a formula")
        return PowerNode(base, exponent, base.at)

    def _argument(self) -> Node:
        r"""Parse a group or, as TeX does, a single token: in `\frac12` the digits 1 and 2."""
        if self._is("{"):
            self.at += 1
            node = self.sum()
            self._expect("}")
            return node
        kind, text, place = self._peek()
        if kind == "num" and len(text) > 1 and text.isdigit():
            self.found[self.at] = ("num", text[1:], place + 1)
            return Number((int(text[0]),), None, place)
        if kind not in ("num", "id", "word"):
            raise NotUnderstood(f"an argument is missing before {self._shown()}")
        return self._atom()

    def _atom(self) -> Node:
        kind, text, place = self._peek()
        self.at += 1
        if kind == "num":
            return number(text, place)
        if kind in ("id", "word", "name"):
            if text in FUNCTIONS and self._is("("):
                return Wrapped(text, self.bracketed(")"), place)
            return Symbol(text, place)
        if kind == "chr" and text == "{":
            node = self.sum()
            self._expect("}")
            return node
        if kind == "chr" and text in "([":
            self.at -= 1
            return self.bracketed(_CLOSERS[text])
        if kind == "chr" and text in "⌊⌈":
            node = self.sum()
            self._expect("⌋" if text == "⌊" else "⌉")
            return Wrapped("floor" if text == "⌊" else "ceil", node, place)
        if kind == "chr" and text == "⟨":
            left = self.sum()
            self._expect(",")
            right = self.sum()
            self._expect("⟩")
            return InnerNode(left, right, place)
        if kind == "begin" and text in MATRICES:
            return self.matrix(text, place)
        if kind == "cmd":
            return self._command(text, place)
        self.at -= 1
        raise NotUnderstood(
            f"{self._shown()} is not understood" if kind != "eof" else "the formula ends too early"
        )

    def _command(self, text: str, place: int) -> Node:
        if text in ("frac", "tfrac", "dfrac", "cfrac"):
            above = self._argument()
            return ProductNode([("", above), ("/", self._argument())], place)
        if text == "overline" and [t[1] for t in self.found[self.at : self.at + 2]] == [
            "{",
            "smash",
        ]:
            self.at += 1
            inner = self._smashed()
            self._expect("}")
            return Wrapped("struck", inner, place)
        if text in ("underbrace", "overbrace"):
            node = self._argument()
            if self._is("_") or self._is("^"):
                self.at += 1
                self._raw()
            return node
        if text in PLAIN_FONTS or text in OTHER_FONTS:
            return self._fonted(text, place)
        if text in _DOTS:
            raise NotUnderstood("dots in place of omitted parts")
        raise NotUnderstood(f"\\{text} is not understood")

    def _smashed(self) -> Node | None:
        self.at += 1
        self._expect("{")
        if self._is("}"):
            self.at += 1
            return None
        inner = self.sum()
        self._expect("}")
        return inner

    def _fonted(self, text: str, place: int) -> Node:
        opened = self.at + self._is("{")
        first = self.found[opened] if opened < len(self.found) else END
        if text in BOLD and first[0] == "num" and not self.matrices:
            return Symbol(f"bold {self._raw()}", place)  # a vector of ones, or of zeros
        if text in MARKS_ABOVE and first[0] == "num":
            raise NotUnderstood(f"\\{text} over a number")
        if first[0] == "num" or first[1] in ("-", "\\"):
            return self._argument()
        name = self._raw()
        if not name:
            raise NotUnderstood(f"\\{text} without an argument")
        name = f"{OTHER_FONTS[text]} {name}" if text in OTHER_FONTS else name
        if name in FUNCTIONS and self._is("("):
            return Wrapped(name, self.bracketed(")"), place)
        return Symbol(name, place)


def _mixed(before: Node, factor: Node) -> bool:
    """Whether this may be a mixed number: an integer and a fraction, as in `2 1/2`."""
    return (
        isinstance(before, Number)
        and isinstance(factor, ProductNode)
        and all(isinstance(part, Number) for _, part in factor.factors)
    )


def _name(node: Node) -> str:
    if isinstance(node, Symbol):
        return node.name
    raise NotUnderstood("an index on something that is not a symbol")


def _matrix_like(node: Node) -> bool:
    if isinstance(node, Symbol):
        return node.name[-1:].isupper() or node.name.startswith("bold")
    return isinstance(node, (Grid, Listed, ProductNode, Wrapped))
