"""The tree of a formula, and the exception that gives the reason when there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction


class NotUnderstood(Exception):
    """The reason why a formula, or a part of it, is not read; never an error of the page."""


class Node:
    """A part of a formula; `at` is where its text begins."""

    __slots__ = ()
    at: int


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number as printed.

    Attributes:
        values: its exact value; a second one where a comma may be a thousands separator or a
            decimal one.
        digits: how many stand behind its decimal point, None for a whole number.
    """

    values: tuple[int | Fraction, ...]
    digits: int | None = None
    at: int = 0


@dataclass(frozen=True, slots=True)
class Symbol(Node):
    """A letter or word, with its indices: `x_0_1`, `H_out`, `bold W`."""

    name: str
    at: int = 0


@dataclass(frozen=True, slots=True)
class Grid(Node):
    """A matrix as printed; a blank cell is None."""

    rows: Sequence[Sequence[Node | None]]
    at: int = 0
    round_brackets: bool = False


@dataclass(frozen=True, slots=True)
class Listed(Node):
    """Items between brackets: `[1, 2]`, `(2, 1, 3)`."""

    items: Sequence[Node]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Sum(Node):
    """Terms with their signs."""

    terms: Sequence[tuple[int, Node]]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Product(Node):
    """Factors, each with the sign before it: `""` side by side, `/` for a quotient."""

    factors: Sequence[tuple[str, Node]]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Power(Node):
    """A base and its exponent."""

    base: Node
    exponent: Node
    at: int = 0


@dataclass(frozen=True, slots=True)
class Wrapped(Node):
    """One operation on one thing: `floor`, `ceil`, `transpose`, `struck`, or a function's name."""

    kind: str
    inner: Node | None
    at: int = 0


@dataclass(frozen=True, slots=True)
class Inner(Node):
    """The inner product of two vectors."""

    left: Node
    right: Node
    at: int = 0


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
