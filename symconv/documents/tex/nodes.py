"""The syntax tree of a formula, and the exception for formulas that are not understood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction


class NotUnderstood(Exception):
    """A formula is not understood or has no value; the message is the reason.

    This is a limitation of the reader, not an error of the page.
    """


class Node:
    """A part of a formula; `at` is its offset in the source."""

    __slots__ = ()
    at: int


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number as printed.

    Attributes:
        values: the exact value; a second one if a comma or point may be a thousands separator or a
            decimal separator.
        digits: number of digits after the decimal point; None for an integer.
    """

    values: tuple[int | Fraction, ...]
    digits: int | None = None
    at: int = 0


@dataclass(frozen=True, slots=True)
class Symbol(Node):
    """A symbol or word with its indices: `x_0_1`, `H_out`, `bold W`."""

    name: str
    at: int = 0


@dataclass(frozen=True, slots=True)
class Grid(Node):
    """A matrix as printed; a blank cell is None. `round_brackets`: a `pmatrix`."""

    rows: Sequence[Sequence[Node | None]]
    at: int = 0
    round_brackets: bool = False


@dataclass(frozen=True, slots=True)
class Listed(Node):
    """A list in brackets: `[1, 2]`, `(2, 1, 3)`."""

    items: Sequence[Node]
    at: int = 0


@dataclass(frozen=True, slots=True)
class SumNode(Node):
    """A sum: terms, each with the sign 1 or -1."""

    terms: Sequence[tuple[int, Node]]
    at: int = 0


@dataclass(frozen=True, slots=True)
class ProductNode(Node):
    """A product: factors, each with the sign before it; `""` if there is none, `/` to divide."""

    factors: Sequence[tuple[str, Node]]
    at: int = 0


@dataclass(frozen=True, slots=True)
class PowerNode(Node):
    """A power: a base and an exponent."""

    base: Node
    exponent: Node
    at: int = 0


@dataclass(frozen=True, slots=True)
class Wrapped(Node):
    """A unary operation: `floor`, `ceil`, `gauss`, `transpose`, `struck`, or a function's name."""

    kind: str
    inner: Node | None
    at: int = 0


@dataclass(frozen=True, slots=True)
class InnerNode(Node):
    """The inner product of two vectors."""

    left: Node
    right: Node
    at: int = 0


def children(node: Node) -> list[Node]:
    """The direct children of a node."""
    if isinstance(node, Grid):
        return [cell for row in node.rows for cell in row if cell is not None]
    if isinstance(node, Listed):
        return list(node.items)
    if isinstance(node, SumNode):
        return [part for _, part in node.terms]
    if isinstance(node, ProductNode):
        return [part for _, part in node.factors]
    if isinstance(node, PowerNode):
        return [node.base, node.exponent]
    if isinstance(node, InnerNode):
        return [node.left, node.right]
    if isinstance(node, Wrapped) and node.inner is not None:
        return [node.inner]
    return []


def symbols(node: Node, *, outside_cells: bool = False) -> set[str]:
    """The names in a formula; with `outside_cells`, without those in matrices and lists."""
    if isinstance(node, Symbol):
        return {node.name}
    if outside_cells and isinstance(node, (Grid, Listed)):
        return set()
    found: set[str] = set()
    for part in children(node):
        found |= symbols(part, outside_cells=outside_cells)
    return found


def has_list(node: Node) -> bool:
    """Whether a formula contains a list in brackets."""
    return isinstance(node, Listed) or any(map(has_list, children(node)))


def divides(node: Node) -> bool:
    """Whether a formula contains a quotient."""
    if isinstance(node, ProductNode) and any(sign == "/" for sign, _ in node.factors):
        return True
    return any(divides(part) for part in children(node))
