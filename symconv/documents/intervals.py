r"""Interval arithmetic with printed decimals, each known to half a unit in the last place.

`0.71 \cdot 0.71` may be any value from 0.4970 to 0.5112. Two sides of an equation contradict each
other only if their intervals are disjoint. Integers are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from symconv.documents.tex.nodes import (
    Grid,
    Listed,
    Node,
    NotUnderstood,
    Number,
    PowerNode,
    ProductNode,
    SumNode,
    Symbol,
    Wrapped,
    children,
)

Interval = tuple[Fraction, Fraction]
Rows = list[list[Interval]]
Range = Interval | Rows
"""The possible values of a number, or of each cell of a matrix."""
MOST_EXPONENT = 32
MOST_CELLS = 2_000
ZERO, ONE = (Fraction(0), Fraction(0)), (Fraction(1), Fraction(1))


def has_decimals(node: Node | None) -> bool:
    """Whether a formula contains a decimal number."""
    if isinstance(node, Number):
        return node.digits is not None
    return node is not None and any(map(has_decimals, children(node)))


def interval(node: Node, names: Mapping[str, Node] | None = None) -> Range:
    """The possible values of a formula; `names` are the printed formulas of the names in it.

    Raises:
        NotUnderstood: it has a symbol without a value, or an operation that has no rule here.
    """
    names = names or {}
    if isinstance(node, Number):
        half = Fraction(1, 2 * 10**node.digits) if node.digits else Fraction(0)
        middle = Fraction(node.values[0])
        return middle - half, middle + half
    if isinstance(node, Symbol):
        if node.name not in names:
            raise NotUnderstood("a symbol")
        return interval(names[node.name])
    if isinstance(node, Grid):
        return _grid(
            [[ZERO if c is None else interval(c, names) for c in row] for row in node.rows]
        )
    if isinstance(node, Listed):
        items = [interval(item, names) for item in node.items]
        rows = [i for i in items if isinstance(i, list)]
        if rows and len(rows) == len(items) and all(len(r) == 1 for r in rows):
            return _grid([list(r[0]) for r in rows])
        return _grid([items])
    if isinstance(node, SumNode):
        total: Range | None = None
        for sign, part in node.terms:
            value = interval(part, names)
            value = value if sign == 1 else _mapped(value, lambda c: (-c[1], -c[0]))
            total = value if total is None else _added(total, value)
        assert total is not None
        return total
    if isinstance(node, ProductNode):
        return _product(node, names)
    if isinstance(node, PowerNode):
        return _power(interval(node.base, names), _exponent(node.exponent))
    if isinstance(node, Wrapped) and node.inner is not None and node.kind == "transpose":
        inner = interval(node.inner, names)
        return [list(c) for c in zip(*inner, strict=True)] if isinstance(inner, list) else inner
    raise NotUnderstood("an operation without interval arithmetic")


def meet(left: Range, right: Range, slack: Fraction = Fraction(0)) -> bool:
    """Whether two ranges overlap in every cell when they are at most `slack` apart.

    Raises:
        NotUnderstood: the sizes differ.
    """
    a, b = _cells(left), _cells(right)
    if [len(r) for r in a] != [len(r) for r in b]:
        raise NotUnderstood("sizes differ")
    return all(
        p[0] - slack <= q[1] and q[0] - slack <= p[1]
        for r, s in zip(a, b, strict=True)
        for p, q in zip(r, s, strict=True)
    )


def _cells(value: Range) -> Rows:
    return value if isinstance(value, list) else [[value]]


def _mapped(value: Range, change: Callable[[Interval], Interval]) -> Range:
    if isinstance(value, list):
        return [[change(c) for c in row] for row in value]
    return change(value)


def _added(a: Range, b: Range) -> Range:
    if isinstance(a, list) != isinstance(b, list):
        raise NotUnderstood("a matrix and a number added")
    rows, others = _cells(a), _cells(b)
    if [len(r) for r in rows] != [len(r) for r in others]:
        raise NotUnderstood("sizes differ")
    made = [
        [(p[0] + q[0], p[1] + q[1]) for p, q in zip(r, s, strict=True)]
        for r, s in zip(rows, others, strict=True)
    ]
    return made if isinstance(a, list) else made[0][0]


def _times(p: Interval, q: Interval) -> Interval:
    products = [x * y for x in p for y in q]
    return min(products), max(products)


def _multiplied(a: Range, b: Range) -> Range:
    if isinstance(a, list) and isinstance(b, list):
        if len(a[0]) != len(b) or len(a) * len(b[0]) > MOST_CELLS:
            raise NotUnderstood("sizes differ")
        made = []
        for row in a:
            cells = []
            for column in zip(*b, strict=True):
                total = ZERO
                for p, q in zip(row, column, strict=True):
                    one = _times(p, q)
                    total = total[0] + one[0], total[1] + one[1]
                cells.append(total)
            made.append(cells)
        return made
    if isinstance(a, list):
        assert not isinstance(b, list)
        factor = b
        return [[_times(c, factor) for c in row] for row in a]
    return _mapped(b, lambda c: _times(c, a))


def _inverted(b: Range) -> Interval:
    if isinstance(b, list) or b[0] <= 0 <= b[1]:
        raise NotUnderstood("a division by a number that may be zero")
    return 1 / b[1], 1 / b[0]


def _product(node: ProductNode, names: Mapping[str, Node]) -> Range:
    total: Range | None = None
    for sign, part in node.factors:
        value = interval(part, names)
        if total is None:
            total = value
        elif sign == "/":
            total = _multiplied(total, _inverted(value))
        elif sign in ("", "·", "×", "*", "∗"):
            total = _multiplied(total, value)
        else:
            raise NotUnderstood(sign)
    assert total is not None
    return total


def _exponent(node: Node) -> int:
    sign = 1
    if isinstance(node, SumNode) and len(node.terms) == 1:
        sign, node = node.terms[0]
    if not isinstance(node, Number) or not isinstance(node.values[0], int):
        raise NotUnderstood("an exponent")
    found = sign * node.values[0]
    if abs(found) > MOST_EXPONENT:
        raise NotUnderstood("an exponent")
    return found


def _power(base: Range, exponent: int) -> Range:
    if isinstance(base, list):
        if exponent == -1:
            return _inverse(base)
        if exponent < 1:
            raise NotUnderstood("a power of a matrix")
        total: Range = base
        for _ in range(exponent - 1):
            total = _multiplied(total, base)
        return total
    low, high = (base[0] ** abs(exponent), base[1] ** abs(exponent)) if exponent else ONE
    if exponent % 2 == 0 and exponent and base[0] < 0 < base[1]:
        low, high = Fraction(0), max(low, high)
    found = min(low, high), max(low, high)
    return _inverted(found) if exponent < 0 else found


def _inverse(rows: Rows) -> Rows:
    n = len(rows)
    if any(len(r) != n for r in rows):
        raise NotUnderstood("not square")
    wide = [list(r) + [ONE if i == j else ZERO for j in range(n)] for i, r in enumerate(rows)]
    for c in range(n):
        sure = [r for r in range(c, n) if not wide[r][c][0] <= 0 <= wide[r][c][1]]
        if not sure:
            raise NotUnderstood("no pivot")
        pivot = max(sure, key=lambda r: min(abs(wide[r][c][0]), abs(wide[r][c][1])))
        wide[c], wide[pivot] = wide[pivot], wide[c]
        factor = _inverted(wide[c][c])
        wide[c] = [_times(e, factor) for e in wide[c]]
        for r in range(n):
            if r != c:
                f = wide[r][c]
                wide[r] = [
                    (a[0] - p[1], a[1] - p[0])
                    for a, p in zip(wide[r], (_times(f, b) for b in wide[c]), strict=True)
                ]
    return [r[n:] for r in wide]


def _grid(cells: Sequence[Sequence[Range]]) -> Rows:
    """Build a matrix of intervals; matrices in its cells become blocks."""
    if not any(isinstance(c, list) for row in cells for c in row):
        return [list(row) for row in cells]  # type: ignore[arg-type] # no matrix among them
    found: Rows = []
    for row in cells:
        blocks = [_cells(c) for c in row]
        if len({len(b) for b in blocks}) != 1:
            raise NotUnderstood("blocks of different heights")
        found += [[c for block in blocks for c in block[n]] for n in range(len(blocks[0]))]
    if len({len(r) for r in found}) != 1:
        raise NotUnderstood("blocks of different widths")
    return found
