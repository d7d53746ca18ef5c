"""The tree of a formula, and the one exception that says why there is none.

Plain slotted classes, not dataclasses: reading a page is to cost little more than Python's own
start, and building dataclasses alone costs as much again.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


class NotUnderstood(Exception):
    """The reason why a formula, or a part of it, is not read; never an error of the page."""


class Node:
    """A part of a formula; `at` is where its text begins."""

    __slots__ = ("at",)

    def __init__(self, at: int = 0) -> None:
        self.at = at


class Number(Node):
    """A number as printed.

    Attributes:
        values: its exact value; a second one where a comma may be a thousands separator or a
            decimal one.
        digits: how many stand behind its decimal point, None for a whole number.
    """

    __slots__ = ("digits", "values")

    def __init__(
        self, values: tuple[int | Fraction, ...], digits: int | None = None, at: int = 0
    ) -> None:
        self.at = at
        self.values, self.digits = values, digits


class Symbol(Node):
    """A letter or word, with its indices: `x_0_1`, `H_out`, `bold W`."""

    __slots__ = ("name",)

    def __init__(self, name: str, at: int = 0) -> None:
        self.at = at
        self.name = name


class Grid(Node):
    """A matrix as printed; a blank cell is None."""

    __slots__ = ("round_brackets", "rows")

    def __init__(
        self, rows: Sequence[Sequence[Node | None]], at: int = 0, *, round_brackets: bool = False
    ) -> None:
        self.at = at
        self.rows, self.round_brackets = rows, round_brackets


class Listed(Node):
    """Items between brackets: `[1, 2]`, `(2, 1, 3)`."""

    __slots__ = ("items",)

    def __init__(self, items: Sequence[Node], at: int = 0) -> None:
        self.at = at
        self.items = items


class Sum(Node):
    """Terms with their signs."""

    __slots__ = ("terms",)

    def __init__(self, terms: Sequence[tuple[int, Node]], at: int = 0) -> None:
        self.at = at
        self.terms = terms


class Product(Node):
    """Factors, each with the sign before it: `""` side by side, `/` for a quotient."""

    __slots__ = ("factors",)

    def __init__(self, factors: Sequence[tuple[str, Node]], at: int = 0) -> None:
        self.at = at
        self.factors = factors


class Power(Node):
    """A base and its exponent."""

    __slots__ = ("base", "exponent")

    def __init__(self, base: Node, exponent: Node, at: int = 0) -> None:
        self.at = at
        self.base, self.exponent = base, exponent


class Wrapped(Node):
    """One operation on one thing: `floor`, `ceil`, `transpose`, `struck`, or a function's name."""

    __slots__ = ("inner", "kind")

    def __init__(self, kind: str, inner: Node | None, at: int = 0) -> None:
        self.at = at
        self.kind, self.inner = kind, inner


class Inner(Node):
    """The inner product of two vectors."""

    __slots__ = ("left", "right")

    def __init__(self, left: Node, right: Node, at: int = 0) -> None:
        self.at = at
        self.left, self.right = left, right


def children(node: Node) -> list[Node]:
    """The parts of a node that are nodes."""
    if isinstance(node, Grid):
        return [cell for row in node.rows for cell in row if cell is not None]
    if isinstance(node, Listed):
        return list(node.items)
    if isinstance(node, Sum):
        return [part for _, part in node.terms]
    if isinstance(node, Product):
        return [part for _, part in node.factors]
    if isinstance(node, Power):
        return [node.base, node.exponent]
    if isinstance(node, Inner):
        return [node.left, node.right]
    if isinstance(node, Wrapped) and node.inner is not None:
        return [node.inner]
    return []


def symbols(node: Node, *, outside_cells: bool = False) -> set[str]:
    """The names in a formula; `outside_cells` leaves those in matrices and lists out."""
    if isinstance(node, Symbol):
        return {node.name}
    if outside_cells and isinstance(node, (Grid, Listed)):
        return set()
    found: set[str] = set()
    for part in children(node):
        found |= symbols(part, outside_cells=outside_cells)
    return found


def has_list(node: Node) -> bool:
    """Whether a list in brackets occurs."""
    return isinstance(node, Listed) or any(map(has_list, children(node)))


def divides(node: Node) -> bool:
    """Whether a quotient occurs."""
    if isinstance(node, Product) and any(sign == "/" for sign, _ in node.factors):
        return True
    return any(divides(part) for part in children(node))
