"""The nodes of a page. Content builds them; writers read them; neither knows the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from symconv.core.polynomial import Polynomial
from symconv.render.drawing import Drawing


@dataclass(frozen=True, slots=True)
class Value:
    """An exact entry; `decimal` shows finite decimals as such instead of fractions."""

    value: int | Fraction | Polynomial
    decimal: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """A name with indices: `X`, `y_{0,1}`."""

    name: str
    indices: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Power:
    """`base^exponent`; exponents are words such as `T` and `-1`."""

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
    """Terms with signs between them."""

    terms: tuple[Math, ...]


@dataclass(frozen=True, slots=True)
class Dots:
    """Something is left out: `kind` is `row`, `column` or `both` in a matrix, `sum` in a sum."""

    kind: str = "sum"


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows of equal length; a cell that is None stays blank and means 0.

    Attributes:
        rows: cells.
        highlights: `(row, column)` of cells to point at.
        small: set in small type, which writers may have.
    """

    rows: tuple[tuple[Math | None, ...], ...]
    highlights: frozenset[tuple[int, int]] = frozenset()
    small: bool = False


@dataclass(frozen=True, slots=True)
class Struck:
    """A cell that is cut off, blank or not: a matrix is what is left without struck rows and
    columns.
    """

    inner: Math | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """`side = side = side`; `relations` has one entry fewer than `sides`."""

    sides: tuple[Math, ...]
    relations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Element:
    """An entry of a tensor, at indices that are formulas."""

    name: str
    indices: tuple[Math, ...]


@dataclass(frozen=True, slots=True)
class BigSum:
    """A sum over everything that satisfies the guards."""

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
"""What a matrix can be made from."""


@dataclass(frozen=True, slots=True)
class Code:
    """Literal text inside a sentence."""

    text: str


Inline = str | Code | Math
"""What a paragraph or table cell is made of: words, literal text and formulas."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; `level` 1 is the page's title."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words and formulas."""

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
    """A table; `widths` are the shares of the columns."""

    header: tuple[str, ...]
    rows: tuple[tuple[tuple[Inline, ...], ...], ...]
    widths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """Program text or its output, line by line."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that is given twice, in LaTeX and in plain characters."""

    latex: str
    plain: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing and what it shows, in words; `frames` are its parts, to be seen in turn."""

    drawing: Drawing
    alt: str
    frames: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Badge:
    """How something is known: the mark of a verdict and its scope."""

    mark: str
    detail: str


Block = Heading | Paragraph | Equation | EquationList | Table | Listing | Formula | Picture | Badge


@dataclass(frozen=True, slots=True)
class Document:
    """A page."""

    title: str
    blocks: tuple[Block, ...]


def equals(*sides: Math) -> Chain:
    """`a = b = c`."""
    return Chain(tuple(sides), ("=",) * (len(sides) - 1))


def paragraph(*parts: Inline) -> Paragraph:
    """A paragraph from its parts."""
    return Paragraph(tuple(parts))


def _cell(entry: Entry, decimal: bool) -> Math | None:
    return Value(entry, decimal) if isinstance(entry, (int, Fraction, Polynomial)) else entry


def matrix(rows: Sequence[Sequence[Entry]], decimal: bool = False) -> Matrix:
    """A matrix of entries: numbers and polynomials become `Value`, None stays blank."""
    return Matrix(tuple(tuple(_cell(entry, decimal) for entry in row) for row in rows))
