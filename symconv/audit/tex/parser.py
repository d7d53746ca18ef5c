"""The grammar: a sum of products of factors, matrices with blank cells, floors, transposes.

It reads or it refuses with a reason; nothing is guessed and nothing is executed. Nesting is
counted, so that no depth of brackets can exhaust the machine.
"""

from __future__ import annotations

from symconv.audit.tex.grids import MATRICES, Grids
from symconv.audit.tex.nodes import (
    Grid,
    Inner,
    Listed,
    Node,
    NotUnderstood,
    Number,
    Power,
    Product,
    Sum,
    Symbol,
    Wrapped,
)
from symconv.audit.tex.numbers import number
from symconv.audit.tex.stream import END, OPEN, OTHER_FONTS, PLAIN_FONTS

MOST_NESTING = 100
MOST_MARKS = 20
_SIGNS = frozenset("·×*∗⋆⊛⊗⊙∘/") | {"mod"}
_MARKS = frozenset("^_'ᵀ[(")
"""What may stand behind a factor and belong to it."""
_CLOSERS = {"(": ")]", "[": "])"}
BOLD = frozenset("mathbf bm boldsymbol pmb mathbb".split())
MARKS_ABOVE = frozenset("hat tilde bar vec widehat widetilde overline dot check".split())
_DOTS = frozenset("cdots vdots ddots dots ldots dotsc dotsb".split())
FUNCTIONS = frozenset("vec flatten".split())


class Parser(Grids):
    """Recursive descent over the tokens of one side of a relation."""

    def whole(self) -> Node:
        """The one formula that all tokens make.

        Raises:
            NotUnderstood: why they do not.
        """
        node = self.sum()
        if self._peek()[0] != "eof":
            raise NotUnderstood(f"{self._shown()} is not expected here")
        return node

    def sum(self) -> Node:
        """Terms between plus and minus."""
        self.depth += 1
        if self.depth > MOST_NESTING:
            raise NotUnderstood(f"brackets nested more than {MOST_NESTING} deep")
        start = self._peek()[2]
        terms = [(self._sign(), self._product())]
        while self._signed():
            terms.append((self._sign(), self._product()))
        self.depth -= 1
        return terms[0][1] if len(terms) == 1 and terms[0][0] == 1 else Sum(terms, start)

    def _product(self) -> Node:
        start = self._peek()[2]
        factors: list[tuple[str, Node]] = [("", self._factor())]
        while True:
            kind, text, place = self._peek()
            if kind == "chr" and text in _SIGNS:
                self.at += 1
                sign = self._sign()
                factor = self._factor()
                if sign == -1 and isinstance(factor, Power):
                    raise NotUnderstood("a sign before a power can be read in two ways")
                factors.append((text, factor if sign == 1 else Sum([(-1, factor)], place)))
            elif self._starts(kind, text):
                before = factors[-1]
                factor = self._factor()
                if isinstance(before[1], Number) and isinstance(factor, Number):
                    raise NotUnderstood("two numbers side by side")
                if before[0] == "/" and not isinstance(factor, Grid):
                    raise NotUnderstood("a/b c can be read in two ways")
                factors.append(("mixed" if _mixed(before[1], factor) else "", factor))
            else:
                return factors[0][1] if len(factors) == 1 else Product(factors, start)

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
        raise NotUnderstood(f"more than {MOST_MARKS} indices and exponents on one thing")

    def _indexed(self) -> bool:
        """`stride[0]`: an index in brackets is left off."""
        here = self.found[self.at : self.at + 3]
        return len(here) == 3 and here[0][1] == "[" and here[1][0] == "num" and here[2][1] == "]"

    def _raised(self, base: Node) -> Node:
        self.at += 1
        before = self.at
        kind, digits, _ = self._peek()
        if kind == "num" and len(digits) > 1:
            raise NotUnderstood(f"^{digits} without braces raises to its first digit")
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
            raise NotUnderstood("an exponent that is no formula")
        return Power(base, exponent, base.at)

    def _argument(self) -> Node:
        r"""A group, or TeX's single token: in `\frac12` the digits 1 and 2."""
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
            return Inner(left, right, place)
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
            return Product([("", above), ("/", self._argument())], place)
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
            raise NotUnderstood("dots stand for something that is not written out")
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
            raise NotUnderstood(f"\\{text} of nothing")
        name = f"{OTHER_FONTS[text]} {name}" if text in OTHER_FONTS else name
        if name in FUNCTIONS and self._is("("):
            return Wrapped(name, self.bracketed(")"), place)
        return Symbol(name, place)


def _mixed(before: Node, factor: Node) -> bool:
    """`2 1/2` with the fraction stacked: two and a half, or their product."""
    return (
        isinstance(before, Number)
        and isinstance(factor, Product)
        and all(isinstance(part, Number) for _, part in factor.factors)
    )


def _name(node: Node) -> str:
    if isinstance(node, Symbol):
        return node.name
    raise NotUnderstood("an index on something that is no name")


def _matrix_like(node: Node) -> bool:
    if isinstance(node, Symbol):
        return node.name[-1:].isupper() or node.name.startswith("bold")
    return isinstance(node, (Grid, Listed, Product, Wrapped))
