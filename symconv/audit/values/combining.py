"""Small steps of evaluation: sums of readings, cells that count, remainders."""

from __future__ import annotations

from collections.abc import Container

from symconv.audit.tex.nodes import Grid, Node, NotUnderstood, Number, Sum, Symbol, Wrapped
from symconv.audit.values.entries import Entry, plain, signed_sum, variable
from symconv.audit.values.matrix import Matrix, Reading, SizesDiffer, Value, add

MOST_READINGS = 64


def modulo(left: Value, right: Value) -> Entry:
    """The remainder of whole numbers."""
    if isinstance(left, int) and isinstance(right, int) and right > 0:
        return left % right
    raise NotUnderstood("a remainder of what are no whole numbers")


def entry_of(node: Node, bindings: Container[str]) -> Entry | None:
    """The value of what most cells hold: numbers, letters without a value and sums of them; None
    for everything else.
    """
    if isinstance(node, Number):
        return node.values[0]
    if isinstance(node, Symbol):
        return None if node.name in bindings else variable(node.name)
    if not isinstance(node, Sum):
        return None
    terms = []
    for sign, part in node.terms:
        value = entry_of(part, bindings)
        if value is None:
            return None
        terms.append((sign, value))
    return signed_sum(terms)


def kept_cells(node: Grid) -> tuple[list[int], list[int]]:
    """Rows and columns that are not struck out as a whole."""

    def struck(cell: Node | None) -> bool:
        return isinstance(cell, Wrapped) and cell.kind == "struck"

    if not any(isinstance(cell, Wrapped) for row in node.rows for cell in row):
        return list(range(len(node.rows))), list(range(len(node.rows[0])))
    marks = [[struck(cell) for cell in row] for row in node.rows]
    rows = [r for r, row in enumerate(marks) if not all(row)]
    columns = [c for c in range(len(marks[0])) if rows and not all(marks[r][c] for r in rows)]
    if not rows or not columns or any(marks[r][c] for r in rows for c in columns):
        raise NotUnderstood("cells struck out that are no whole rows or columns")
    return rows, columns


def combined(left: list[Reading], right: list[Reading]) -> list[Reading]:
    """All sums of one reading of each side; sizes that no reading can add are said first."""
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
    """A row or column added to every row or column of a matrix, as array libraries do."""
    if not isinstance(a, Matrix) or not isinstance(b, Matrix):
        return None
    (h, w), (k, v) = a.shape, b.shape
    if 1 not in (h, w, k, v) or len({h, k} - {1}) > 1 or len({w, v} - {1}) > 1:
        return None
    if max(h, k) * max(w, v) > 400:
        return None
    rows = range(max(h, k))
    columns = range(max(w, v))
    return Matrix(
        [[plain(a.rows[r % h][c % w] + b.rows[r % k][c % v]) for c in columns] for r in rows]
    )


def unique(found: list[Reading]) -> list[Reading]:
    """Each value once, under its first reading."""
    if len(found) == 1:
        return found
    seen: dict[Value, str] = {}
    for value, words in found:
        seen.setdefault(value, words)
    return list(seen.items())[:MOST_READINGS]
