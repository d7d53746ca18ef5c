"""What probably happened: a block set down in the wrong place, a matrix not transposed."""

from __future__ import annotations

from symconv.audit.judging.sides import Side
from symconv.audit.tex.nodes import (
    Grid,
    Node,
    NotUnderstood,
    Number,
    Power,
    Product,
    Sum,
    Wrapped,
)
from symconv.audit.values.entries import WORK, power, shown
from symconv.audit.values.evaluating import Evaluator
from symconv.audit.values.matrix import Matrix, Reading, Value, add

MOST_BLOCKS = 16
MOST_CELLS = 400


def told(reading: Reading, printed: Value, side: Side) -> tuple[str, int]:
    """What differs from a reading, and where it stands."""
    value, words = reading
    if isinstance(value, Matrix) and value.shape == (1, 1) and not isinstance(printed, Matrix):
        value = value.flat[0]
    head = f"as {words}: " if words else ""
    if isinstance(value, Matrix) and isinstance(printed, Matrix):
        if value.shape == printed.shape:
            note, at = wrong_cells(value, printed, side.node)
            return head + note, at
        return f"printed {printed.size}; {words or 'it'} gives {value.size}, {value}", side.at
    texts = [str(v) if isinstance(v, Matrix) else shown(v) for v in (printed, value)]
    return f"{head}printed {texts[0]}, should be {texts[1]}", side.at


def wrong_cells(exact: Matrix, printed: Matrix, node: Node | None) -> tuple[str, int]:
    """The cells that differ, with the printed and the right value; and where the first stands."""
    found: list[str] = []
    at = 0
    count = 0
    for r, (row, other) in enumerate(zip(exact.rows, printed.rows, strict=True)):
        for c, (right, given) in enumerate(zip(row, other, strict=True)):
            if right == given:
                continue
            count += 1
            if not found:
                at = _cell_at(node, r, c)
            if count <= 3:
                found.append(
                    f"row {r + 1}, column {c + 1}: printed {shown(given)}, should be {shown(right)}"
                )
    more = f"; {count - 3} more cells differ" if count > 3 else ""
    return "; ".join(found) + more, at


def _cell_at(node: Node | None, row: int, column: int) -> int:
    if isinstance(node, Grid):
        for cells in (node.rows[row][column : column + 1], node.rows[row]):
            for cell in cells:
                if cell is not None:
                    return cell.at
        return node.at
    return node.at if node is not None else 0


def hint(node: Node | None, printed: Value) -> str:
    """A likely cause, empty if none is seen."""
    if not isinstance(printed, Matrix):
        return ""
    return _moved_block(node, printed) or _transposed(node, printed) or _each_raised(node, printed)


def _each_raised(node: Node | None, printed: Matrix) -> str:
    """A power taken entry by entry."""
    if not isinstance(node, Power) or not isinstance(node.exponent, Number):
        return ""
    base, exponent = Evaluator().readings(node.base)[0][0], node.exponent.values[0]
    if isinstance(base, Matrix) and base.map(lambda e: power(e, exponent)) == printed:
        return "what is printed has each entry raised"
    return ""


def _placed(node: Node | None) -> list[list[list[Node | None]]]:
    """The blocks of a sum of matrices as printed, none if it is another sum."""
    if not isinstance(node, Sum) or not 2 <= len(node.terms) <= MOST_BLOCKS:
        return []
    blocks = [part for sign, part in node.terms if sign == 1 and isinstance(part, Grid)]
    if len(blocks) != len(node.terms):
        return []
    return [[list(row) for row in block.rows] for block in blocks]


def _moved_block(node: Node | None, printed: Matrix) -> str:
    """One block that, moved, makes the sum what is printed."""
    blocks = _placed(node)
    high, wide = printed.shape
    if not blocks or high * wide > MOST_CELLS:
        return ""
    if any((len(b), len(b[0])) != (high, wide) for b in blocks):
        return ""
    WORK.spend(20 * len(blocks) * high * wide)
    values = [Evaluator().readings(Grid(b))[0][0] for b in blocks]
    corners = [_corner(block) for block in blocks]
    for n, block in enumerate(blocks):
        corner = corners[n]
        if corner is None:
            continue
        rest: Value = printed
        for m, value in enumerate(values):
            if m != n:
                rest = add(rest, value.map(lambda e: -e) if isinstance(value, Matrix) else value)
        assert isinstance(rest, Matrix)
        for r in range(high - corner[2] + 1):
            for c in range(wide - corner[3] + 1):
                if (r, c) != corner[:2] and rest == _put(block, corner, r, c, printed.shape):
                    whose = _whose(n, corners, (r, c))
                    return (
                        f"block {n + 1} starts in row {corner[0] + 1}, column {corner[1] + 1}; "
                        f"in row {r + 1}, column {c + 1}{whose}, the sum would be what is printed"
                    )
    return ""


Corner = tuple[int, int, int, int]


def _corner(block: list[list[Node | None]]) -> Corner | None:
    """First row, first column, height and width of what is not blank."""
    cells = [(r, c) for r, row in enumerate(block) for c, cell in enumerate(row) if cell]
    if not cells:
        return None
    rows, columns = {r for r, _ in cells}, {c for _, c in cells}
    top, left = min(rows), min(columns)
    return top, left, max(rows) - top + 1, max(columns) - left + 1


def _put(
    block: list[list[Node | None]], corner: Corner, row: int, column: int, shape: tuple[int, int]
) -> Matrix | None:
    top, left, high, wide = corner
    cells: list[list[Node | None]] = [[None] * shape[1] for _ in range(shape[0])]
    for r in range(high):
        for c in range(wide):
            cells[row + r][column + c] = block[top + r][left + c]
    value = Evaluator().readings(Grid(cells))[0][0]
    return value if isinstance(value, Matrix) else None


def _whose(number: int, corners: list[Corner | None], place: tuple[int, int]) -> str:
    """`: it is x[1,0]'s`, where the blocks in order then stand on a grid."""
    places = [c[:2] if c is not None else None for c in corners]
    places[number] = place
    rows = sorted({p[0] for p in places if p})
    columns = sorted({p[1] for p in places if p})
    if places != [(r, c) for r in rows for c in columns]:
        return ""
    i, j = divmod(number, len(columns))
    return f", as the block of x[{i},{j}]"


def _transposed(node: Node | None, printed: Matrix) -> str:
    """One factor that, transposed, makes the product what is printed."""
    if isinstance(node, Wrapped) and node.kind == "transpose" and node.inner is not None:
        return _without_transpose(node.inner, printed)
    if not isinstance(node, Product):
        return ""
    for n, (_, part) in enumerate(node.factors):
        turned = (
            part.inner if isinstance(part, Wrapped) and part.inner else Wrapped("transpose", part)
        )
        factors = list(node.factors)
        factors[n] = (factors[n][0], turned)
        try:
            found = Evaluator(one_product=True).readings(Product(factors))
        except NotUnderstood:
            continue
        if any(value == printed for value, _ in found):
            which = "first second third fourth".split()[n] if n < 4 else f"{n + 1}th"
            return f"with the {which} factor transposed the product would be what is printed"
    return ""


def _without_transpose(inner: Node, printed: Matrix) -> str:
    try:
        if Evaluator().readings(inner)[0][0] == printed:
            return "what is printed is the matrix itself, not its transpose"
    except NotUnderstood:
        pass
    return ""
