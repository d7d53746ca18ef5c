r"""Formulas as LaTeX that pdflatex with amsmath, KaTeX (strict) and MathJax all accept.

Matrices of up to 10 columns are a `bmatrix`, or a `smallmatrix` where that is too wide. Wider ones
are an `array` with its columns spelled out, since amsmath stops at 10 columns and KaTeX supports
neither `MaxMatrixCols` nor `*{n}{c}`. No colours, no user macros, no package besides amsmath.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any

from symconv.core.names import GREEK
from symconv.core.polynomial import Polynomial, powers
from symconv.render.tree import (
    BigSum,
    Chain,
    Dots,
    Element,
    Inner,
    Letter,
    Math,
    Matrix,
    Power,
    Product,
    Struck,
    Sum,
    Value,
)

BMATRIX_COLUMNS = 10

RELATIONS = {
    "=": "=",
    "!=": r"\neq",
    "<": "<",
    ">": ">",
    "<=": r"\leq",
    ">=": r"\geq",
    "->": r"\to",
}
_DOTS = {"row": r"\vdots", "column": r"\cdots", "both": r"\ddots", "sum": r"\cdots"}


@lru_cache(maxsize=65536)
def symbol(name: str) -> str:
    r"""A name as LaTeX: `x_0_1` as `x_{0,1}`, `alpha` as `\alpha`, `ab` as `\mathit{ab}`."""
    base, *indices = name.split("_")
    if base in GREEK:
        base = "\\" + base
    elif len(base) > 1:
        base = rf"\mathit{{{base}}}"
    return f"{base}_{{{','.join(indices)}}}" if indices else base


@lru_cache(maxsize=65536)
def _monomial(monomial: tuple[str, ...]) -> str:
    parts = (symbol(n) if p == 1 else f"{symbol(n)}^{{{p}}}" for n, p in powers(monomial))
    return " ".join(parts)


def finite_decimal(value: Fraction) -> str | None:
    """The finite decimal expansion, such as `-0.25` for -1/4; None if it does not terminate."""
    twos = fives = 0
    rest = value.denominator
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return None
    places = max(twos, fives)
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def number(value: int | Fraction, decimal: bool = False) -> str:
    r"""An exact number: `3`, `-\frac{1}{2}`, or `-0.5` if `decimal` and the expansion is finite."""
    if value.denominator == 1:
        return str(value)
    shown = finite_decimal(Fraction(value)) if decimal else None
    if shown is not None:
        return shown
    return rf"{'-' if value < 0 else ''}\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"


def polynomial(value: Polynomial, decimal: bool = False) -> str:
    """The terms in canonical order; juxtaposed factors are multiplied."""
    parts: list[str] = []
    for monomial, coefficient in value.terms:
        if not monomial:
            text = number(coefficient, decimal)
        elif coefficient in (1, -1):
            text = ("-" if coefficient < 0 else "") + _monomial(monomial)
        else:
            text = f"{number(coefficient, decimal)} {_monomial(monomial)}"
        parts.append(_joined(text) if parts else text)
    return "".join(parts) or "0"


def _joined(text: str) -> str:
    """A term that follows another one, with its sign as the operator between them."""
    return f" - {text[1:]}" if text.startswith("-") else f" + {text}"


def _value(node: Value) -> str:
    if isinstance(node.value, Polynomial):
        return polynomial(node.value, node.decimal)
    return number(node.value, node.decimal)


def _letter(node: Letter) -> str:
    return symbol("_".join((node.name, *map(str, node.indices))))


def _power(node: Power) -> str:
    base = math(node.base)
    if not isinstance(node.base, Letter):
        base = rf"\left({base}\right)"
    return f"{base}^{{{node.exponent}}}"


def _factor(node: Math, first: bool) -> str:
    text = math(node)
    several = isinstance(node, (Sum, Chain)) or (
        isinstance(node, Value) and isinstance(node.value, Polynomial) and len(node.value.terms) > 1
    )
    return rf"\left({text}\right)" if several or (text.startswith("-") and not first) else text


def _product(node: Product) -> str:
    sign = r" \cdot " if node.dot else " "
    return sign.join(_factor(f, first=n == 0) for n, f in enumerate(node.factors))


def _sum(node: Sum) -> str:
    parts = [math(term) for term in node.terms]
    return "".join([parts[0], *map(_joined, parts[1:])]) if parts else "0"


def _matrix(node: Matrix) -> str:
    highlights = node.highlights
    # LaTeX drops a last row that consists of one empty cell
    blank = "{}" if len(node.rows[0]) == 1 else ""
    lines = []
    for r, row in enumerate(node.rows):
        cells = [math(cell) if cell is not None else blank for cell in row]
        if highlights:
            cells = [
                rf"\boxed{{{text}}}" if (r, c) in highlights else text
                for c, text in enumerate(cells)
            ]
        lines.append(" & ".join(cells))
    body = " \\\\\n".join(lines)
    columns = len(node.rows[0])
    if node.small:
        return f"\\left[\\begin{{smallmatrix}}\n{body}\n\\end{{smallmatrix}}\\right]"
    if columns <= BMATRIX_COLUMNS:
        return f"\\begin{{bmatrix}}\n{body}\n\\end{{bmatrix}}"
    return f"\\left[\\begin{{array}}{{{'c' * columns}}}\n{body}\n\\end{{array}}\\right]"


def _struck(node: Struck) -> str:
    """The formula struck through at half the height of lower-case letters.

    amsmath has no strike-through, so this is an overline over a box of the height of a full stop.
    """
    inner = math(node.inner) if node.inner is not None else r"\phantom{0}"
    return rf"\overline{{\smash{{{inner}}}\vphantom{{.}}}}"


def _chain(node: Chain) -> str:
    parts = [math(node.sides[0])]
    for relation, side in zip(node.relations, node.sides[1:], strict=True):
        parts.append(f"{RELATIONS[relation]} {math(side)}")
    return " ".join(parts)


def _element(node: Element) -> str:
    base = node.name.rstrip("0123456789")
    number_ = node.name[len(base) :]
    above = f"^{{({number_})}}" if number_ else ""
    return f"{symbol(base)}{above}_{{{', '.join(math(i) for i in node.indices)}}}"


def _big_sum(node: BigSum) -> str:
    guards = r" \\ ".join(math(g) for g in node.guards)
    return rf"\sum_{{\substack{{{guards}}}}} {math(node.body)}"


_WRITERS: dict[type, Any] = {
    Value: _value,
    Letter: _letter,
    Power: _power,
    Product: _product,
    Inner: lambda n: rf"\left\langle {math(n.left)}, {math(n.right)} \right\rangle",
    Sum: _sum,
    Dots: lambda n: _DOTS[n.kind],
    Matrix: _matrix,
    Struck: _struck,
    Chain: _chain,
    Element: _element,
    BigSum: _big_sum,
}


def math(node: Math) -> str:
    """The formula as LaTeX without math delimiters; only matrices span several lines."""
    return str(_WRITERS[type(node)](node))
