"""Brackets, lists and matrices with blank cells."""

from __future__ import annotations

from symconv.audit.tex.lexer import Token
from symconv.audit.tex.nodes import (
    Grid,
    Listed,
    Node,
    NotUnderstood,
    Number,
    Product,
    Sum,
    Symbol,
    Wrapped,
)
from symconv.audit.tex.numbers import number
from symconv.audit.tex.stream import Stream

MATRICES = frozenset(
    "bmatrix pmatrix matrix Bmatrix smallmatrix bsmallmatrix psmallmatrix array".split()
)
MOST_CELLS = 40_000


class Grids(Stream):
    """What stands in brackets; what stands in cells is read by `sum`."""

    def sum(self) -> Node:
        """A formula, up to what cannot belong to it."""
        raise NotImplementedError

    def bracketed(self, closers: str) -> Node:
        """A bracket: one thing, a list, or rows parted by semicolons."""
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
        """`[c]` or `[rr]` after a matrix begins says how its columns stand."""
        inside = [text for _, text, _ in self.found[self.at + 1 : self.at + 12]]
        end = inside.index("]") if "]" in inside else 0
        return end > 0 and set(inside[:end]) <= set("clr")

    def _two_terms(self, place: int) -> Node | None:
        """`x + 5`, a frequent cell, without the grammar; None for any other."""
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
        return Sum(terms, place)

    def matrix(self, environment: str, place: int) -> Node:
        """The rows of a matrix, up to its end; short rows are filled up."""
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
                cell = number(text, start)  # nearly every cell: no grammar is needed for it
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
                # `\\\\\\\\` is one line break whose backslashes were doubled for Markdown
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
            raise NotUnderstood("a blank row: a row of zeros, or a line break too many")
        return Grid(_padded(rows), place, round_brackets=environment == "pmatrix")


def _quotient(node: Node) -> bool:
    """A number over a number: `[7/2]` may be the whole part of it."""
    return (
        isinstance(node, Product)
        and [sign for sign, _ in node.factors] == ["", "/"]
        and all(isinstance(part, Number) for _, part in node.factors)
    )


_SIMPLE = ("num", "id", "name")


def _ends(kind: str, text: str) -> bool:
    """Whether a cell ends before this."""
    return text == "&" if kind == "chr" else kind in ("nl", "end")


def _atom(token: Token) -> Node:
    kind, text, place = token
    return number(text, place) if kind == "num" else Symbol(text, place)


def _padded(rows: list[list[Node]] | list[list[Node | None]]) -> list[list[Node | None]]:
    """Short rows are filled up with blank cells."""
    width = max(len(row) for row in rows)
    if width * len(rows) > MOST_CELLS:
        raise NotUnderstood(f"a matrix of more than {MOST_CELLS:,} cells")
    return [[*row, *[None] * (width - len(row))] for row in rows]
