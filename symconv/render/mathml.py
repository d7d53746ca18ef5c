"""Formulas as MathML Core, which browsers render without scripts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from html import escape, unescape
from typing import Any

from symconv.core.names import GREEK
from symconv.core.polynomial import Polynomial, powers
from symconv.render.latexmath import finite_decimal
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

RELATIONS = {
    "=": "=",
    "!=": "\u2260",
    "<": "<",
    ">": ">",
    "<=": "\u2264",
    ">=": "\u2265",
    "->": "\u2192",
}
BLANK = "<mphantom><mn>0</mn></mphantom>"
"""An invisible digit, which keeps the height and width of a blank cell."""
COMMA = '<mo separator="true">,</mo>'
MINUS, DOT, INVISIBLE_TIMES = "\u2212", "\u22c5", "\u2062"
_DOTS = {"row": "\u22ee", "column": "\u22ef", "both": "\u22f1", "sum": "\u22ef"}


def _operator(sign: str) -> str:
    return f"<mo>{escape(sign)}</mo>"


def _row(*parts: str) -> str:
    return f"<mrow>{''.join(parts)}</mrow>"


def symbol(name: str) -> str:
    """The name `x_0_1` as x with the indices 0, 1; the name of a Greek letter as that letter."""
    base, *indices = name.split("_")
    letter = unescape(f"&{base};") if base in GREEK else base
    written = f"<mi>{escape(letter)}</mi>"
    if not indices:
        return written
    parts = [f"<mn>{i}</mn>" if i.isdigit() else f"<mi>{escape(i)}</mi>" for i in indices]
    return f"<msub>{written}{_row(COMMA.join(parts))}</msub>"


def number(value: int | Fraction, decimal: bool = False) -> str:
    """An exact number, with a minus sign as a prefix operator."""
    sign = _operator(MINUS) if value < 0 else ""
    size: int | Fraction = -value if value < 0 else value
    shown = finite_decimal(size) if decimal and isinstance(size, Fraction) else None
    if size.denominator == 1 or shown is not None:
        return f"{sign}<mn>{shown or size}</mn>"
    return f"{sign}<mfrac><mn>{size.numerator}</mn><mn>{size.denominator}</mn></mfrac>"


def _monomial(monomial: tuple[str, ...]) -> str:
    return f"<mo>{INVISIBLE_TIMES}</mo>".join(
        symbol(n) if p == 1 else f"<msup>{symbol(n)}<mn>{p}</mn></msup>"
        for n, p in powers(monomial)
    )


def polynomial(value: Polynomial, decimal: bool = False) -> str:
    """The terms in canonical order, joined by + and -."""
    parts = []
    for n, (monomial, coefficient) in enumerate(value.terms):
        size: int | Fraction = -coefficient if coefficient < 0 else coefficient
        if n or coefficient < 0:
            parts.append(_operator(MINUS if coefficient < 0 else "+"))
        factors = [number(size, decimal)] if size != 1 or not monomial else []
        factors += [_monomial(monomial)] if monomial else []
        parts.append(f"<mo>{INVISIBLE_TIMES}</mo>".join(factors))
    return "".join(parts) or "<mn>0</mn>"


def _value(node: Value) -> str:
    if isinstance(node.value, Polynomial):
        return _row(polynomial(node.value, node.decimal))
    return _row(number(node.value, node.decimal))


def _brackets(inner: str) -> str:
    return _row(_operator("("), inner, _operator(")"))


def _negative(node: Math) -> bool:
    if isinstance(node, Value):
        if isinstance(node.value, Polynomial):
            return bool(node.value.terms) and node.value.terms[0][1] < 0
        return node.value < 0
    if isinstance(node, Product):
        return _negative(node.factors[0])
    return False


def _several(node: Math) -> bool:
    long = isinstance(node, Value) and isinstance(node.value, Polynomial)
    return isinstance(node, (Sum, Chain)) or (long and len(node.value.terms) > 1)  # type: ignore[union-attr]


def _factor(node: Math, first: bool) -> str:
    inner = math(node)
    return _brackets(inner) if _several(node) or (_negative(node) and not first) else inner


def _product(node: Product) -> str:
    sign = DOT if node.dot else INVISIBLE_TIMES
    return _row(f"<mo>{sign}</mo>".join(_factor(f, n == 0) for n, f in enumerate(node.factors)))


def _sum(node: Sum) -> str:
    parts = [math(node.terms[0])] if node.terms else ["<mn>0</mn>"]
    for term in node.terms[1:]:
        # the minus of a negative term serves as the operator
        parts += [_behind(term)] if _negative(term) else [_operator("+"), math(term)]
    return _row(*parts)


def _behind(term: Math) -> str:
    """A negative term with its minus as an infix operator between it and the preceding term."""
    return math(term).replace(_operator(MINUS), f'<mo form="infix">{MINUS}</mo>', 1)


def _matrix(node: Matrix) -> str:
    rows = []
    for r, row in enumerate(node.rows):
        cells = []
        for c, cell in enumerate(row):
            mark = ' class="marked"' if (r, c) in node.highlights else ""
            cells.append(f"<mtd{mark}>{math(cell) if cell is not None else BLANK}</mtd>")
        rows.append(f"<mtr>{''.join(cells)}</mtr>")
    return _row(_operator("["), f"<mtable>{''.join(rows)}</mtable>", _operator("]"))


def _chain(node: Chain) -> str:
    parts = [math(node.sides[0])]
    for relation, side in zip(node.relations, node.sides[1:], strict=True):
        parts += [_operator(RELATIONS[relation]), math(side)]
    return _row(*parts)


def _power(node: Power) -> str:
    base = math(node.base) if isinstance(node.base, Letter) else _brackets(math(node.base))
    exponent = node.exponent
    if exponent.startswith("-"):
        return f"<msup>{base}{_row(_operator(MINUS), f'<mn>{exponent[1:]}</mn>')}</msup>"
    return f"<msup>{base}<mi>{escape(exponent)}</mi></msup>"


def _element(node: Element) -> str:
    base = node.name.rstrip("0123456789")
    digits = node.name[len(base) :]
    letter = symbol(base)
    index = _row(COMMA.join(math(i) for i in node.indices))
    if digits:
        return f"<msubsup>{letter}{index}{_row(_brackets(f'<mn>{digits}</mn>'))}</msubsup>"
    return f"<msub>{letter}{index}</msub>"


def _big_sum(node: BigSum) -> str:
    guards = "".join(f"<mtr><mtd>{math(g)}</mtd></mtr>" for g in node.guards)
    under = f'<mtable rowspacing="0">{guards}</mtable>'
    sign = f'<munder><mo largeop="true" movablelimits="false">\u2211</mo>{under}</munder>'
    return _row(sign, math(node.body))


_WRITERS: dict[type, Callable[[Any], str]] = {
    Value: _value,
    Letter: lambda n: symbol("_".join((n.name, *map(str, n.indices)))),
    Power: _power,
    Product: _product,
    Inner: lambda n: _row(
        _operator("\u27e8"), math(n.left), _operator(","), math(n.right), _operator("\u27e9")
    ),
    Sum: _sum,
    Dots: lambda n: _operator(_DOTS[n.kind]),
    Matrix: _matrix,
    Struck: lambda n: f'<mrow class="struck">{math(n.inner) if n.inner else BLANK}</mrow>',
    Chain: _chain,
    Element: _element,
    BigSum: _big_sum,
}


def math(node: Math) -> str:
    """The formula as MathML without the enclosing `math` element."""
    return _WRITERS[type(node)](node)


def inline(node: Math) -> str:
    """The formula as a `math` element within a sentence."""
    return f"<math>{math(node)}</math>"


def display(node: Math) -> str:
    """The formula as a `math` element on a line of its own."""
    return f'<math display="block">{math(node)}</math>'


Line = tuple[Math | None, tuple[tuple[str, Math], ...]]
"""The formula left of the alignment point, if any, and the `(sign, formula)` pairs after it."""


def aligned(lines: Sequence[Line]) -> str:
    """Lines below each other in one `math` element, aligned at their first relation."""
    rows = []
    for left, rest in lines:
        pieces = []
        for n, (sign, part) in enumerate(rest):
            own = sign == "+" and _negative(part)
            indent = '<mspace width="1em"/>' if n == 0 and sign == "+" else ""
            shown = "" if own or not sign else _operator(RELATIONS.get(sign, sign))
            pieces.append(indent + shown + (_behind(part) if own else math(part)))
        rows.append(
            f'<mtr><mtd class="right">{math(left) if left is not None else ""}</mtd>'
            f'<mtd class="left">{_row(*pieces)}</mtd></mtr>'
        )
    return f'<math display="block"><mtable>{"".join(rows)}</mtable></math>'
