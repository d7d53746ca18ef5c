"""The nodes of a page.

Modules with content build nodes and writers read them; neither imports the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from symconv.core.polynomial import Polynomial
from symconv.render.drawing import Drawing


@dataclass(frozen=True, slots=True)
class Value:
    """An exact number or polynomial; `decimal` shows finite decimals instead of fractions."""

    value: int | Fraction | Polynomial
    decimal: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """A symbol with optional indices: `X`, `y_{0,1}`."""

    name: str
    indices: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Power:
    """`base^exponent`; the exponent is text such as `T` or `-1`."""

    base: Math
    exponent: str


@dataclass(frozen=True, slots=True)
class Product:
    """Factors side by side, with a dot between them when `dot`."""

    factors: tuple[Math, ...]
    dot: bool = False


@dataclass(frozen=True, slots=True)
class Inner:
    """The inner product of two vectors."""

    left: Math
    right: Math


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum of terms; no terms are shown as 0."""

    terms: tuple[Math, ...]


@dataclass(frozen=True, slots=True)
class Dots:
    """Dots for what is left out: `kind` is `row`, `column` or `both` in a matrix, else `sum`."""

    kind: str = "sum"


@dataclass(frozen=True, slots=True)
class Matrix:
    """A matrix as rows of equal length; a cell that is None is blank and means 0.

    Attributes:
        rows: the cells, row by row.
        highlights: `(row, column)` of the cells to mark.
        small: whether to use small type, in formats that have it.
    """

    rows: tuple[tuple[Math | None, ...], ...]
    highlights: frozenset[tuple[int, int]] = frozenset()
    small: bool = False


@dataclass(frozen=True, slots=True)
class Struck:
    """A matrix cell, blank if `inner` is None, that is struck through because cropping removes it.

    The rows and columns that are not struck through form the cropped matrix.
    """

    inner: Math | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """Sides joined by relations, such as `a = b <= c`; there is one relation fewer than sides."""

    sides: tuple[Math, ...]
    relations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Element:
    """An entry of a tensor; the indices are formulas."""

    name: str
    indices: tuple[Math, ...]


@dataclass(frozen=True, slots=True)
class BigSum:
    """The sum of `body` over all indices that satisfy the conditions `guards`."""

    guards: tuple[Math, ...]
    body: Math


Math = (
    Value
    | Letter
    | Power
    | Product
    | Inner
    | Sum
    | Dots
    | Matrix
    | Struck
    | Chain
    | Element
    | BigSum
)

Entry = Math | int | Fraction | Polynomial | None
"""What `matrix` accepts as a cell; None is a blank cell."""


@dataclass(frozen=True, slots=True)
class Code:
    """Literal text inside a sentence."""

    text: str


Inline = str | Code | Math
"""A part of a paragraph or table cell: text, literal text or a formula."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; `level` 1 is the page's title."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of text and formulas."""

    parts: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Equation:
    """A formula on its own line."""

    math: Math


@dataclass(frozen=True, slots=True)
class EquationList:
    """Chains below each other, aligned at their first relation."""

    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `widths` are the relative widths of the columns."""

    header: tuple[str, ...]
    rows: tuple[tuple[tuple[Inline, ...], ...], ...]
    widths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """Source code or program output, shown verbatim."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula given both as LaTeX and as plain text, for formats without LaTeX."""

    latex: str
    plain: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing with its description as text; `frames` are the steps it consists of, if any."""

    drawing: Drawing
    alt: str
    frames: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Badge:
    """How a statement is known: the mark of its verdict, such as PROVED, and the details."""

    mark: str
    detail: str


Block = Heading | Paragraph | Equation | EquationList | Table | Listing | Formula | Picture | Badge


@dataclass(frozen=True, slots=True)
class Document:
    """A page: its title and its blocks."""

    title: str
    blocks: tuple[Block, ...]


def equals(*sides: Math) -> Chain:
    """The chain `a = b = c` of the given sides."""
    return Chain(tuple(sides), ("=",) * (len(sides) - 1))


def paragraph(*parts: Inline) -> Paragraph:
    """A paragraph from its parts."""
    return Paragraph(tuple(parts))


def _cell(entry: Entry, decimal: bool) -> Math | None:
    return Value(entry, decimal) if isinstance(entry, (int, Fraction, Polynomial)) else entry


def matrix(rows: Sequence[Sequence[Entry]], decimal: bool = False) -> Matrix:
    """A matrix of the entries: numbers and polynomials become `Value`, None stays blank."""
    return Matrix(tuple(tuple(_cell(entry, decimal) for entry in row) for row in rows))
