"""Evaluate a formula: one value for each reading of its signs, the plainest reading first."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

from symconv.documents.tex.nodes import (
    Grid,
    InnerNode,
    Listed,
    Node,
    NotUnderstood,
    Number,
    PowerNode,
    ProductNode,
    SumNode,
    Symbol,
    Wrapped,
)
from symconv.documents.values import entries
from symconv.documents.values.entries import Entry, plain, signed_sum, variable
from symconv.documents.values.matrix import (
    EntryMatrix,
    Reading,
    SizesDiffer,
    Value,
    add,
    blocks,
    divided,
    inverse,
    multiply,
    scale,
)
from symconv.documents.values.signs import products

MOST_READINGS = 64


def modulo(left: Value, right: Value) -> Entry:
    """The remainder of two integers, the second one positive.

    Raises:
        NotUnderstood: anything else.
    """
    if isinstance(left, int) and isinstance(right, int) and right > 0:
        return left % right
    raise NotUnderstood("a remainder that is not of two integers")


def entry_of(node: Node, bindings: Container[str]) -> Entry | None:
    """Evaluate a simple cell directly: a number, an unbound symbol or a sum of these.

    A shortcut for most cells; None for any other formula.
    """
    if isinstance(node, Number):
        return node.values[0]
    if isinstance(node, Symbol):
        return None if node.name in bindings else variable(node.name)
    if not isinstance(node, SumNode):
        return None
    terms = []
    for sign, part in node.terms:
        value = entry_of(part, bindings)
        if value is None:
            return None
        terms.append((sign, value))
    return signed_sum(terms)


def kept_cells(node: Grid) -> tuple[list[int], list[int]]:
    """Indices of the rows and of the columns that are not struck out.

    Raises:
        NotUnderstood: the struck-out cells are not entire rows and columns.
    """

    def struck(cell: Node | None) -> bool:
        return isinstance(cell, Wrapped) and cell.kind == "struck"

    if not any(isinstance(cell, Wrapped) for row in node.rows for cell in row):
        return list(range(len(node.rows))), list(range(len(node.rows[0])))
    marks = [[struck(cell) for cell in row] for row in node.rows]
    rows = [r for r, row in enumerate(marks) if not all(row)]
    columns = [c for c in range(len(marks[0])) if rows and not all(marks[r][c] for r in rows)]
    if not rows or not columns or any(marks[r][c] for r in rows for c in columns):
        raise NotUnderstood("cells struck out that are not whole rows or columns")
    return rows, columns


def combined(left: list[Reading], right: list[Reading]) -> list[Reading]:
    """All sums of one reading of each side; a row or column may be broadcast.

    Raises:
        NotUnderstood: no sum exists; differing sizes take precedence as the reason.
    """
    found: list[Reading] = []
    reason: NotUnderstood | None = None
    for a, before in left:
        for b, after in right:
            words = "; ".join(dict.fromkeys(w for w in (before, after) if w))
            try:
                found.append((add(a, b), words))
            except NotUnderstood as error:
                wide = _broadcast(a, b)
                if wide is not None:
                    found.append((wide, "a row or column added to each"))
                if reason is None or isinstance(error, SizesDiffer):
                    reason = error
    if not found:
        assert reason is not None
        raise reason
    return unique(found)


def _broadcast(a: Value, b: Value) -> Value | None:
    """Add a row or column to every row or column of a matrix, as array libraries do.

    None if the shapes cannot be broadcast or the result has more than 400 cells.
    """
    if not isinstance(a, EntryMatrix) or not isinstance(b, EntryMatrix):
        return None
    (h, w), (k, v) = a.shape, b.shape
    if 1 not in (h, w, k, v) or len({h, k} - {1}) > 1 or len({w, v} - {1}) > 1:
        return None
    if max(h, k) * max(w, v) > 400:
        return None
    rows = range(max(h, k))
    columns = range(max(w, v))
    return EntryMatrix(
        [[plain(a.rows[r % h][c % w] + b.rows[r % k][c % v]) for c in columns] for r in rows]
    )


def unique(found: list[Reading]) -> list[Reading]:
    """Keep each value once, under its first reading, and at most `MOST_READINGS` of them."""
    if len(found) == 1:
        return found
    seen: dict[Value, str] = {}
    for value, words in found:
        seen.setdefault(value, words)
    return list(seen.items())[:MOST_READINGS]


Bound = Mapping[str, Sequence[Reading]]
"""Maps a name to its values, each with a note on where the document states it."""


class Evaluator:
    """Evaluates the formulas of one statement.

    Attributes:
        bindings: names with values; other names are symbols.
        rounding_down: whether to round every quotient down, as size formulas do.
        one_product: whether to read every product of matrices as the matrix product.
        wanted: the size of the result; if the whole formula is a product, readings of another size
            are not computed.
    """

    def __init__(
        self,
        bindings: Bound | None = None,
        *,
        rounding_down: bool = False,
        one_product: bool = False,
        wanted: tuple[int, int] | None = None,
    ) -> None:
        self.wanted = wanted
        self._root: Node | None = None
        self.bindings = bindings or {}
        self.rounding_down = rounding_down
        self.one_product = one_product

    def readings(self, node: Node) -> list[Reading]:
        """All different values of a formula, each with a description of its reading.

        Raises:
            NotUnderstood: the formula has no value; the message is the reason.
        """
        self._root = self._root or node
        found = self._readings(node)
        if len(found) < 2:
            return found
        kept: list[Reading] = []
        seen: set[Value] = set()
        for value, words in found:
            if value not in seen:
                seen.add(value)
                kept.append((value, words))
        return kept[:MOST_READINGS]

    def _readings(self, node: Node) -> list[Reading]:
        if isinstance(node, Number):
            if len(node.values) == 1:
                return [(node.values[0], "")]
            others = "a point or comma read the other way"
            return [(node.values[0], ""), *((value, others) for value in node.values[1:])]
        if isinstance(node, Symbol):
            bound = self.bindings.get(node.name)
            return list(bound) if bound else [(entries.variable(node.name), "")]
        if isinstance(node, Grid):
            return [(self._grid(node), "")]
        if isinstance(node, Listed):
            return [(self._listed(node), "")]
        if isinstance(node, SumNode):
            return self._sum(node)
        if isinstance(node, ProductNode):
            return self._product(node)
        if isinstance(node, PowerNode):
            return self._power(node)
        if isinstance(node, InnerNode):
            return self._inner(node)
        assert isinstance(node, Wrapped)
        return self._wrapped(node)

    def _first(self, node: Node) -> Value:
        return self.readings(node)[0][0]

    def _grid(self, node: Grid) -> EntryMatrix:
        if all(cell.__class__ is Number for row in node.rows for cell in row):
            return EntryMatrix([[cell.values[0] for cell in row] for row in node.rows])  # type: ignore[union-attr] # just asked
        rows, columns = kept_cells(node)
        found: list[list[Value]] = []
        for r in rows:
            found.append([self._cell(node.rows[r][c]) for c in columns])
        if any(isinstance(value, EntryMatrix) for row in found for value in row):
            return blocks(found)
        return EntryMatrix(found)  # type: ignore[arg-type] # no matrix among them

    def _cell(self, cell: Node | None) -> Value:
        if cell is None:
            return 0
        entry = entry_of(cell, self.bindings)
        return self._first(cell) if entry is None else entry

    def _listed(self, node: Listed) -> EntryMatrix:
        values = [self._first(item) for item in node.items]
        lists = [value for value in values if isinstance(value, EntryMatrix)]
        if not lists:
            return EntryMatrix([values], listed=True)  # type: ignore[list-item] # entries only
        rows = [m for m in lists if m.listed and m.shape[0] == 1]
        if len(rows) == len(values) and len({m.shape for m in rows}) == 1:
            return EntryMatrix([m.rows[0] for m in rows])
        return blocks([values])

    def _sum(self, node: SumNode) -> list[Reading]:
        total: list[Reading] | None = None
        for sign, part in node.terms:
            values = [(v if sign == 1 else scale(v, -1), words) for v, words in self.readings(part)]
            total = values if total is None else combined(total, values)
        return total or []

    def _product(self, node: ProductNode) -> list[Reading]:
        total: list[Reading] = []
        for n, (sign, part) in enumerate(node.factors):
            values = self.readings(part)
            if n == 0:
                total = values
                continue
            found: list[Reading] = []
            reason = NotUnderstood("a product whose sizes fit in no reading")
            for left, before in total:
                for right, after in values:
                    words = "; ".join(dict.fromkeys(w for w in (before, after) if w))
                    try:
                        found += self._two(
                            sign,
                            left,
                            right,
                            words,
                            node is self._root and n + 1 == len(node.factors),
                        )
                    except entries.TooMuch:
                        raise
                    except NotUnderstood as error:
                        reason = error
                    if len(found) > 4 * MOST_READINGS:
                        break
            if not found:
                raise reason
            total = unique(found)
        return total

    def _two(self, sign: str, left: Value, right: Value, words: str, whole: bool) -> list[Reading]:
        if sign == "/":
            value = divided(left, right)
            if self.rounding_down and not isinstance(value, EntryMatrix):
                value = entries.floor(value)
            return [(value, words)]
        if isinstance(left, EntryMatrix) and isinstance(right, EntryMatrix):
            if self.one_product:
                return [(multiply(left, right), words)]
            found = products(sign, left, right, self.wanted if whole else None)
            return [(v, f"{words}; {name}" if words else name) for v, name in found]
        if sign == "mixed":
            return [(add(left, right), "a mixed number"), (scale(left, right), words)]  # type: ignore[arg-type] # numbers alone
        if sign == "mod":
            return [(modulo(left, right), words)]
        if sign in ("⊗", "⋆", "⊛", "∘", "⊙", "∗"):
            raise NotUnderstood(f"{sign} with a number")
        if isinstance(right, EntryMatrix):
            left, right = right, left
        assert not isinstance(right, EntryMatrix)
        return [(scale(left, right), words)]

    def _power(self, node: PowerNode) -> list[Reading]:
        exponent = self._first(node.exponent)
        if isinstance(exponent, EntryMatrix):
            raise NotUnderstood("an exponent that is a matrix")
        found: list[Reading] = []
        for value, words in self.readings(node.base):
            if not isinstance(value, EntryMatrix):
                found.append((entries.power(value, exponent), words))
                continue
            if exponent == -1:
                found.append((inverse(value), words))
            elif isinstance(exponent, int) and 1 <= exponent <= 8:
                if value.shape[0] == value.shape[1]:
                    power = value
                    for _ in range(exponent - 1):
                        power = multiply(power, value)
                    found.append((power, words))
                elif not self.one_product:
                    # a non-square matrix has no matrix power
                    each = value.map(lambda entry: entries.power(entry, exponent))
                    found.append((each, "each entry raised to the power"))
            else:
                raise NotUnderstood("a power of a matrix")
        if not found:
            raise NotUnderstood("a power of a matrix that is not square")
        return found

    def _inner(self, node: InnerNode) -> list[Reading]:
        left, right = self._first(node.left), self._first(node.right)
        if not isinstance(left, EntryMatrix) or not isinstance(right, EntryMatrix):
            raise NotUnderstood("an inner product of operands that are not vectors")
        if len(left.flat) != len(right.flat):
            raise NotUnderstood("an inner product of vectors of different lengths")
        pairs = zip(left.flat, right.flat, strict=True)
        return [(entries.total([entries.times(a, b) for a, b in pairs]), "")]

    def _wrapped(self, node: Wrapped) -> list[Reading]:
        if node.kind == "struck" or node.inner is None:
            raise NotUnderstood("a struck-out expression")
        found: list[Reading] = []
        for value, words in self.readings(node.inner):
            if node.kind == "transpose":
                if not isinstance(value, EntryMatrix):
                    if not entries.is_number(value):
                        raise NotUnderstood("a transpose of a symbol")
                    found.append((value, words))
                else:
                    found.append((value.transpose, words))
            elif node.kind in ("vec", "flatten"):
                if not isinstance(value, EntryMatrix):
                    raise NotUnderstood(f"{node.kind} of something that is not a matrix")
                found.append((EntryMatrix([[e] for e in value.flat]), words))
                found.append((EntryMatrix([[e] for e in value.transpose.flat]), "column by column"))
            elif isinstance(value, EntryMatrix):
                raise NotUnderstood(f"{node.kind} of a matrix")
            elif node.kind == "gauss":
                found.append((value, words))
                found.append((entries.floor(value), "the whole part of the bracket"))
            elif node.kind == "floor":
                found.append((entries.floor(value), words))
            else:
                found.append((entries.times(-1, entries.floor(entries.times(-1, value))), words))
        return found
