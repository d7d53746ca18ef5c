"""One side of a chain: read, evaluated, and whether its value rests on names outside matrices.

Two sides compared: in every pair of readings, then as the page may have rounded.

Whether a sign between two matrices could mean something that is not known here.

What probably happened: a block set down in the wrong place, a matrix not transposed.

Two sides with values: right, wrong, or why neither can be said.

One statement judged: its sides against each other, then against what its names stand for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from math import comb, prod

from symconv.documents.bindings import Bindings
from symconv.documents.claim import DEFINES, DOUBTFUL, GENERAL, RIGHT, UNREAD, WRONG, Finding
from symconv.documents.intervals import has_decimals, interval, meet
from symconv.documents.size_formulas import role, roles
from symconv.documents.tex.chains import EQUALITIES, Statement
from symconv.documents.tex.lexer import Token
from symconv.documents.tex.nodes import (
    Grid,
    Listed,
    Node,
    NotUnderstood,
    Number,
    Power,
    Product,
    Sum,
    Symbol,
    Wrapped,
    divides,
    has_list,
    symbols,
)
from symconv.documents.tex.parser import Parser
from symconv.documents.values.entries import WORK, TooMuch, is_number, letters, power, shown
from symconv.documents.values.evaluating import Bound, Evaluator
from symconv.documents.values.matrix import Matrix, Reading, SizesDiffer, Value, add
from symconv.documents.values.signs import MATRIX_PRODUCT, sizes

LIMITS = frozenset("lim limsup liminf sup inf max min argmax argmin varlimsup".split())


class Side:
    """What stands between two relations.

    Attributes:
        node: the formula, None if it is not understood.
        reason: why it is not.
        outer: names outside matrices.
        called: names before a bracket, which may be functions.
        plain: its value where no outer name occurs and between matrices the matrix product is
            meant; empty where that has none.
        misfit: matrices of different sizes are added.
        limit: it holds a limit, a maximum or the like, whose value is not computed.
        at: where it begins.
    """

    __slots__ = (
        "_readings",
        "at",
        "called",
        "limit",
        "misfit",
        "node",
        "outer",
        "plain",
        "reason",
    )

    def __init__(self, found: list[Token]) -> None:
        self.at = found[0][2] if found else 0
        self.node: Node | None = None
        self.reason = ""
        self.outer: set[str] = set()
        self.called: set[str] = set()
        self.plain: list[Reading] = []
        self._readings: list[Reading] | None = None
        self.misfit = False
        self.limit = any(kind == "cmd" and text in LIMITS for kind, text, _ in found)
        if not found:
            return  # it stands elsewhere
        parser = Parser(list(found))
        try:
            self.node = parser.whole()
        except NotUnderstood as error:
            self.reason = str(error)
            return
        self.called = parser.called
        self.outer = symbols(self.node, outside_cells=True)
        if not self.outer:
            self._evaluate(self.node)

    def _evaluate(self, node: Node) -> None:
        try:
            self.plain = Evaluator(one_product=True).readings(node)
            return
        except NotUnderstood:
            pass
        try:
            self._readings = Evaluator().readings(node)
        except NotUnderstood as error:
            self.reason = str(error)
            self.misfit = isinstance(error, SizesDiffer) and not has_list(node)

    @property
    def readings(self) -> list[Reading]:
        """Its values in every reading, where no outer name occurs; reckoned when asked for."""
        if self._readings is None:
            self._readings = []
            if self.plain and self.node is not None:
                self._readings = Evaluator().readings(self.node)
        return self._readings

    @property
    def missing(self) -> bool:
        """Whether it stands elsewhere, or what it is cannot be known."""
        return self.node is None and not self.reason

    @property
    def ground(self) -> bool:
        """Whether it has a value of its own."""
        return bool(self.plain or self._readings)

    @property
    def name(self) -> str | None:
        """The name that the whole side is, if it is one."""
        return self.node.name if isinstance(self.node, Symbol) else None

    @property
    def written_out(self) -> bool:
        """Whether it is a matrix or number as printed, with no operation on it."""
        return is_literal(self.node)

    @property
    def value(self) -> Value:
        """Its plainest value, of a side that has one."""
        return (self.plain or self.readings)[0][0]

    def bound(self, bindings: Bound, wanted: tuple[int, int] | None = None) -> list[Reading]:
        """Its values under names that were given a value elsewhere; of a wanted size, if given.

        Raises:
            NotUnderstood: there is none.
        """
        assert self.node is not None
        return Evaluator(bindings, wanted=wanted).readings(self.node)


def is_literal(node: Node | None) -> bool:
    """A printed number, matrix or list, perhaps with a minus sign."""
    if isinstance(node, Sum) and len(node.terms) == 1:
        return isinstance(node.terms[0][1], Number)
    return isinstance(node, (Number, Grid, Listed))


def computes(node: Node | None) -> bool:
    """Whether an operation stands outside the cells."""
    return isinstance(node, (Sum, Product, Wrapped)) and not is_literal(node)


MOST_EXPONENT = 400


def agree(left: Side, right: Side) -> str | None:
    """The words for the first readings of two sides that agree, the matrix product tried first."""
    plain = agreement(left.plain, right.plain)
    return plain if plain is not None else agreement(left.readings, right.readings)


def agreement(left: list[Reading], right: list[Reading]) -> str | None:
    """The words for the first readings that agree, None if none do."""
    for value, words in left:
        for other, others in right:
            how = _same(value, other)
            if how is not None:
                return "; ".join(dict.fromkeys(w for w in (words, others, how) if w))
    return None


def _same(value: Value, other: Value) -> str | None:
    if value == other:
        return ""
    if not isinstance(value, Matrix) or not isinstance(other, Matrix):
        for one, two in ((value, other), (other, value)):
            if isinstance(one, Matrix) and one.shape == (1, 1) and one.flat[0] == two:
                return "a 1x1 matrix as its number"
            if isinstance(one, Matrix) and two == 0 and not any(one.flat):
                return "0 for a matrix of zeros"
        return None
    if value.flat != other.flat:
        return None
    if value.listed or other.listed:
        return "a list as a row or column" if 1 in value.shape + other.shape else None
    return "row by row" if (1 in value.shape) != (1 in other.shape) else None


def rounded(exact: Side, printed: Side, *, loosely: bool) -> str | None:
    """How the printed side follows from the exact one by rounding, None if it does not.

    A quotient may be rounded down, as sizes are; a value may be rounded to the digits that are
    printed, cut off after them, or be what binary floating point prints for it. `loosely`: the page
    says that they are about equal.
    """
    node = exact.node
    assert node is not None
    value, shown = exact.readings[0][0], printed.readings[0][0]
    if not isinstance(value, Matrix) and not isinstance(shown, Matrix):
        if not is_number(value) or not is_number(shown):
            return None
        a, b = Fraction(value), Fraction(shown)  # type: ignore[arg-type] # numbers
        literal = isinstance(printed.node, Number) and printed.node.digits is None
        if literal and b.denominator == 1 and b >= 1 and a // 1 == b and _is_quotient(node):
            return "the quotient rounded down"
        return _near(a, b, printed.node, decimals=has_decimals(node), loosely=loosely)
    if not isinstance(value, Matrix) or not isinstance(shown, Matrix):
        return None
    cells = _cells(printed.node)
    if value.shape != shown.shape or len(cells) != len(shown.flat):
        return None
    words = ""
    for a_cell, b_cell, cell in zip(value.flat, shown.flat, cells, strict=True):
        if a_cell == b_cell:
            continue
        if not is_number(a_cell) or not is_number(b_cell) or cell is None:
            return None
        pair = Fraction(a_cell), Fraction(b_cell)  # type: ignore[arg-type] # numbers
        how = _near(*pair, cell, decimals=False, loosely=False)
        if how is None:
            return None
        words = how
    return words


def _is_quotient(node: Node) -> bool:
    """One quotient, alone or in a sum, at the top: what sizes are; or a decimal number."""
    parts = [part for _, part in node.terms] if isinstance(node, Sum) else [node]
    quotients = [p for p in parts if isinstance(p, Product) and p.factors[-1][0] == "/"]
    rest = [p for p in parts if p not in quotients]
    if not quotients:
        return False
    return (
        len(quotients) == 1
        and not any(divides(p) for p in rest)
        and not any(isinstance(p, Wrapped) for p in parts)
    )


def _near(
    value: Fraction, shown: Fraction, node: Node | None, *, decimals: bool, loosely: bool
) -> str | None:
    """Why a printed number stands for a value; `decimals`: that comes from decimals."""
    apart = abs(value - shown)
    printed = _printed(node)
    if printed is not None:
        places, unit = printed
        if places >= 12 and apart <= abs(value) / 10**12:
            return "as binary floating point prints it"
        if places > 0 or decimals or loosely:
            if apart * 2 <= unit:
                return f"rounded to {places} decimal{'' if places == 1 else 's'}"
            if places >= 2 and 0 <= abs(value) - abs(shown) < unit:
                return f"cut off after {places} decimals"
    if loosely and value and apart * 5 <= abs(value):
        return "about equal"
    return None


def _printed(node: Node | None) -> tuple[int, Fraction] | None:
    """The decimals of a printed number and one unit in its last one; of `2.4 x 10^6` too."""
    if isinstance(node, Sum) and len(node.terms) == 1:
        return _printed(node.terms[0][1])
    if isinstance(node, Number):
        places = node.digits or 0
        return places, Fraction(1, 10**places)
    if isinstance(node, Product) and len(node.factors) == 2:
        (_, head), (sign, tail) = node.factors
        base = tail.base if isinstance(tail, Power) else None
        if sign in ("·", "×") and isinstance(head, Number) and isinstance(base, Number):
            exponent = tail.exponent if isinstance(tail, Power) else None
            if isinstance(exponent, Sum) and len(exponent.terms) == 1:
                sign_of, exponent = exponent.terms[0]
            else:
                sign_of = 1
            if base.values[0] == 10 and isinstance(exponent, Number):
                power = sign_of * int(exponent.values[0])
                if abs(power) <= MOST_EXPONENT:
                    places = head.digits or 0
                    return max(places, 1), Fraction(10) ** (power - places)
    return None


def _cells(node: Node | None) -> list[Node | None]:
    """The cells of a printed matrix."""
    return [cell for row in node.rows for cell in row] if isinstance(node, Grid) else []


def open_reading(node: Node | None, size: tuple[int, int] | None) -> str:
    """Why another reading could have the printed size; empty if the matrix product alone can."""
    if isinstance(node, Sum):
        reasons = (open_reading(part, size) for _, part in node.terms)
        return next(filter(None, reasons), "")
    if isinstance(node, Wrapped):
        turned = size[::-1] if size and node.kind == "transpose" else size
        return open_reading(node.inner, turned)
    if not isinstance(node, Product):
        return ""
    matrices = 0
    left: Matrix | None = None
    for n, (sign, part) in enumerate(node.factors):
        try:
            value = Evaluator().readings(part)[0][0]
        except NotUnderstood:
            return "a factor without a value"
        if not isinstance(value, Matrix):
            continue
        matrices += 1
        if left is None:
            left = value
            continue
        if matrices > 2 or n + 1 != len(node.factors):
            return "several products of matrices"
        fitting = [
            name for name, shape in sizes(sign, left, value).items() if shape == (size or (1, 1))
        ]
        if fitting != [MATRIX_PRODUCT]:
            known = ", ".join(fitting) or "none that is known"
            return f"what the sign between the matrices means (of this size: {known})"
    return ""


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


ORDER = 8
"""Numbers that a page calls about equal are doubted only where they are this many times apart."""


def judge_pair(left: Side, right: Side, *, loose: bool) -> Finding:
    """Two sides that are said to be equal; `loose`: only about."""
    how = holds(left, right, loose=loose)
    if how is not None:
        return Finding(RIGHT, how, right.at)
    exact, printed = (right, left) if left.written_out and not right.written_out else (left, right)
    if within_digits(exact, printed):
        return Finding(GENERAL, "agrees within half a unit of the last printed digits", printed.at)
    value, other = exact.readings[0][0], printed.readings[0][0]
    if _names_cells(value, other):
        return Finding(DEFINES, "names for the parts", printed.at)
    no_claim = _no_claim(exact, printed)
    if no_claim:
        return Finding(GENERAL, no_claim, printed.at)
    near = None if isinstance(other, Matrix) and not printed.written_out else _closest(exact, other)
    note, at = told(near or exact.readings[0], other, printed)
    cause = hint(exact.node, other)
    note = f"{cause}. As it stands: {note}" if cause else note
    if loose:
        far = _orders_apart(value, other)
        said = "the page says that they are about equal"
        return Finding(
            DOUBTFUL if far else GENERAL,
            f"{note}. Doubtful: {said}" if far else f"{said}: {note}",
            at,
        )
    doubt = _doubt(exact, printed, near)
    if doubt:
        return Finding(DOUBTFUL, f"{note}. Doubtful: {doubt}", at)
    return Finding(WRONG, note, at)


def holds(left: Side, right: Side, *, loose: bool = False) -> str | None:
    """The words for how two sides agree, None if they do not."""
    how = agree(left, right)
    if how is None:
        how = rounded(left, right, loosely=loose)
    return rounded(right, left, loosely=loose) if how is None else how


def within_digits(exact: Side, printed: Side, names: Mapping[str, Node] | None = None) -> bool:
    """Whether two sides agree within the digits that are printed: inputs were rounded, too."""
    left, right = exact.node, printed.node
    shown = [left, right, *(names or {}).values()]
    if left is None or right is None or not any(map(has_decimals, shown)):
        return False
    try:
        return meet(interval(left, names), interval(right, names))
    except NotUnderstood:
        return False


def _orders_apart(value: Value, other: Value) -> bool:
    """Whether two numbers that are about equal differ by an order of magnitude: a slip, then."""
    if isinstance(value, Matrix) or isinstance(other, Matrix):
        return False
    if not is_number(value) or not is_number(other):
        return False
    a, b = abs(Fraction(value)), abs(Fraction(other))  # type: ignore[arg-type] # numbers
    return bool(a and b) and max(a, b) >= ORDER * min(a, b)


def _closest(exact: Side, printed: Value) -> tuple[Value, str] | None:
    """The one reading that all but a few printed cells are of, and no other is near.

    What a sign between matrices means is not known; but where three quarters of the cells are those
    of one reading, and at most half of any other's, that reading is meant.
    """
    if not isinstance(printed, Matrix):
        return None
    count = len(printed.flat)
    found: list[tuple[int, tuple[Value, str]]] = []
    for value, words in exact.readings:
        if isinstance(value, Matrix) and value.shape == printed.shape:
            pairs = zip(value.flat, printed.flat, strict=True)
            found.append((sum(a == b for a, b in pairs), (value, words)))
    found.sort(key=lambda item: -item[0])
    if not found or found[0][0] * 4 < count * 3 or count < 4:
        return None
    if len(found) > 1 and found[1][0] * 2 > count:
        return None
    return found[0][1]


def _no_claim(exact: Side, printed: Side) -> str:
    """Why nothing is claimed although the values differ; empty where something is."""
    value, other = exact.readings[0][0], printed.readings[0][0]
    mine, others = _letters(value), _letters(other)
    if mine != others:
        return "the letters of the two sides are not the same: an equation, or values for letters"
    if _is_shape(printed.node) and not printed.missing:
        return "sizes written with a sign of multiplication"
    if _is_shape(exact.node) and _shapes_multiplied(printed.node):
        return "sizes written with a sign of multiplication"
    if _holds_as_binomials(exact.node, printed.node):
        return "it holds for binomial coefficients, one number above the other"
    if mine and (
        _is_unknown_of(exact.node, printed.node) or _is_unknown_of(printed.node, exact.node)
    ):
        return "an equation to be solved: the same unknowns on both sides"
    if mine and not computes(exact.node) and not computes(printed.node):
        return "two matrices of letters may be set equal on purpose"
    nodes = (exact.node, printed.node)
    lists = [n for n in nodes if n is not None and has_list(n)]
    if isinstance(value, Matrix) != isinstance(other, Matrix):
        return "a list or a bracket, and a number" if lists else ""
    if not isinstance(value, Matrix) or not isinstance(other, Matrix):
        return ""
    if isinstance(exact.node, Product) and sum(_flat(n) for _, n in exact.node.factors) > 1:
        return "lists with a sign of multiplication"
    if value.shape != other.shape and exact.node is not None and has_list(exact.node):
        return "lists may be joined by such a sign"
    if value.shape == other.shape == (1, 1) and all(map(has_list, filter(None, nodes))):
        return "a bracket around one number"
    return ""


def _shapes_multiplied(node: Node | None) -> bool:
    """`(3 x 4)(4 x 2)`."""
    return isinstance(node, Product) and all(_is_shape(part) for _, part in node.factors)


def _holds_as_binomials(left: Node | None, right: Node | None) -> bool:
    """Whether columns of two whole numbers, read as binomial coefficients, make it true."""
    values = [_binomials(node) for node in (left, right)]
    return values[0] is not None and values[0] == values[1]


def _binomials(node: Node | None) -> int | Fraction | None:
    if isinstance(node, Number):
        return node.values[0]
    if isinstance(node, Grid):
        cells = [row[0] for row in node.rows if len(row) == 1]
        if len(cells) != 2 or len(node.rows) != 2 or not node.round_brackets:
            return None
        above, below = (c.values[0] if isinstance(c, Number) else None for c in cells)
        fits = isinstance(above, int) and isinstance(below, int) and 0 <= below <= above <= 1_000
        return comb(above, below) if fits else None  # type: ignore[arg-type] # just asked
    if isinstance(node, Product) and all(sign in ("", "·", "×") for sign, _ in node.factors):
        factors = [_binomials(part) for _, part in node.factors]
        if all(value is not None for value in factors):
            return prod(value for value in factors if value is not None)
    if isinstance(node, Sum):
        parts = [(sign, _binomials(part)) for sign, part in node.terms]
        if all(value is not None for _, value in parts):
            return sum(sign * value for sign, value in parts if value is not None)
    return None


def _is_unknown_of(node: Node | None, other: Node | None) -> bool:
    """Whether one side is a matrix of letters, or a multiple of one, that the other side uses."""
    unknown = _letter_grid(node)
    return unknown is not None and any(
        isinstance(part, Grid) and _grid_key(part) == unknown for part in _parts_of(other)
    )


def _letter_grid(node: Node | None) -> tuple[object, ...] | None:
    """The names of a matrix of single letters, perhaps times a number."""
    if isinstance(node, Product) and len(node.factors) == 2:
        node = next((part for _, part in node.factors if isinstance(part, Grid)), None)
    if isinstance(node, Sum) and len(node.terms) == 1:
        node = node.terms[0][1]
    if not isinstance(node, Grid):
        return None
    return _grid_key(node)


def _grid_key(grid: Grid) -> tuple[object, ...] | None:
    """The letters of each cell, each with or without a number before it."""
    found: list[object] = []
    for row in grid.rows:
        for cell in row:
            names = symbols(cell) if cell is not None else set()
            if isinstance(cell, Product) and not all(
                isinstance(p, (Number, Symbol)) for _, p in cell.factors
            ):
                return None
            if cell is None or len(names) != 1 or not isinstance(cell, (Symbol, Product)):
                return None
            found.append(next(iter(names)))
    return tuple(found) or None


def _parts_of(node: Node | None) -> list[Node]:
    """Factors and terms at the top of a formula."""
    if isinstance(node, Sum):
        return [p for _, part in node.terms for p in _parts_of(part)]
    if isinstance(node, Product):
        return [part for _, part in node.factors]
    return [] if node is None else [node]


def _is_shape(node: Node | None) -> bool:
    """`4 x 9`: whole numbers with that sign between them."""
    if not isinstance(node, Product):
        return False
    numbers = all(isinstance(part, Number) and part.digits is None for _, part in node.factors)
    return numbers and all(sign == "×" for sign, _ in node.factors[1:])


def _flat(node: Node) -> bool:
    """A list of no lists: not a matrix, but a tuple, a size, a vector."""
    return isinstance(node, Listed) and not any(isinstance(n, Listed) for n in node.items)


def _doubt(exact: Side, printed: Side, near: tuple[Value, str] | None) -> str:
    """Why a difference is not called wrong."""
    value, other = exact.readings[0][0], printed.readings[0][0]
    if exact.called or printed.called:
        return "a letter before a bracket may be a function"
    if near is not None:
        return ""
    if _letters(value) and isinstance(value, Matrix) and isinstance(other, Matrix):
        same = sum(a == b for a, b in zip(value.flat, other.flat, strict=False))
        if value.shape == other.shape and 2 * same < len(other.flat):
            return "most cells differ: an equation, or another meaning of the letters"
    size = other.shape if isinstance(other, Matrix) else None
    if isinstance(value, Matrix) != isinstance(other, Matrix):
        if {getattr(value, "shape", (1, 1)), getattr(other, "shape", (1, 1))} != {(1, 1)}:
            return "one side is a matrix, the other a number"
        size = (1, 1)
    reason = open_reading(exact.node, size) or open_reading(printed.node, size)
    if reason:
        return reason
    if isinstance(value, Matrix) and isinstance(other, Matrix) and value.shape != other.shape:
        if set(value.flat) == set(other.flat) or value.transpose == other:
            return "the same entries in another shape"
        if not computes(exact.node):
            return "two matrices of different sizes may be set side by side on purpose"
    return ""


def _letters(value: Value) -> frozenset[str]:
    return value.letters if isinstance(value, Matrix) else letters(value)


def _names_cells(value: Value, other: Value) -> bool:
    """A matrix of new single names on one side, and none of them on the other."""
    for names, rest in ((other, value), (value, other)):
        if not isinstance(names, Matrix) or not isinstance(rest, Matrix):
            return False
        single = all(
            not is_number(e) and len(letters(e)) == 1 and str(e) in letters(e) for e in names.flat
        )
        same = names.shape == rest.shape or names.listed
        if single and same and not names.letters & rest.letters:
            return True
    return False


ENTRYWISE = re.compile(
    r"(?i)\b(?:element|entry|component|point)[- ]?wise|\b(?:entry|element) (?:by|for) |\bnumpy\b"
)


def judge(
    statement: Statement,
    bindings: Bindings,
    line: int = 1,
    *,
    convolution_meant: bool = False,
    before: str = "",
    page: str = "",
) -> list[Finding]:
    """What is to be held of a statement; empty if it claims no equality.

    `convolution_meant`: the page speaks of a convolution; `before`: the text right before it;
    `page`: the whole text, which may state a convention.
    """
    if not statement.claims:
        return []
    WORK.renew()
    try:
        return _judged(statement, bindings, line, convolution_meant, before, page)
    except TooMuch as error:
        return [Finding(UNREAD, str(error))]


def _judged(
    statement: Statement,
    bindings: Bindings,
    line: int,
    convolution_meant: bool,
    before: str,
    page: str,
) -> list[Finding]:
    sides = [Side(found) for found in statement.sides]
    findings: list[Finding] = []
    for run, loose in _runs(sides, statement.relations):
        findings += _run(run, loose, statement, bindings, line)
    by_entry = ENTRYWISE.search(before) is not None and any(
        isinstance(s.node, Power) and isinstance(s.node.base, Grid) for s in sides
    )
    if by_entry:
        findings = [Finding(GENERAL, f.note, f.at) if f.verdict == WRONG else f for f in findings]
    findings = [_softened(f, statement, sides, bindings) for f in findings]
    _relate(sides, bindings)
    if not findings and not any(s.reason or s.ground for s in sides):
        findings = _general(sides, convolution_meant=convolution_meant, before=before, page=page)
    if findings:
        return findings
    if any(s.missing for s in sides):
        return []
    misfit = next((s for s in sides if s.misfit), None)
    if misfit is not None:
        return [Finding(DOUBTFUL, misfit.reason, misfit.at)]
    reason = next((s.reason for s in sides if s.reason), "")
    return [Finding(UNREAD, reason) if reason else Finding(GENERAL)]


def _softened(
    finding: Finding, statement: Statement, sides: list[Side], bindings: Bindings
) -> Finding:
    """What is not sure enough to be called wrong, or to be doubted."""
    if finding.verdict not in (WRONG, DOUBTFUL):
        return finding
    if statement.asked:
        return Finding(GENERAL, f"a question; {finding.note}", finding.at)
    if any(side.limit for side in sides):
        return Finding(GENERAL, f"a limit stands in the formula; {finding.note}", finding.at)
    letters = {name for s in sides if s.node is not None and s.ground for name in symbols(s.node)}
    meant = sorted(letters & (bindings.related | {n for n in letters if n in bindings}))
    if meant and finding.verdict == WRONG:
        said = f"the page relates {', '.join(meant)} elsewhere"
        return Finding(GENERAL, f"{said}; {finding.note}", finding.at)
    if finding.verdict == WRONG and any(side.reason for side in sides):
        doubt = "a part of the formula is not understood"
        return Finding(DOUBTFUL, f"{finding.note}. Doubtful: {doubt}", finding.at)
    if finding.verdict == WRONG and statement.conditional:
        return Finding(DOUBTFUL, f"under a condition: {finding.note}", finding.at)
    if statement.scaled:
        return _scaled(finding, sides, statement.scaled)
    return finding


def _scaled(finding: Finding, sides: list[Side], power: int) -> Finding:
    """A result in millions is rounded as one speaks: a tenth off claims nothing."""
    ground = [s.value for s in sides if s.ground]
    numbers = [v for v in ground if not isinstance(v, Matrix) and is_number(v)]
    if len(numbers) >= 2:
        a, b = (abs(Fraction(v)) for v in numbers[-2:])  # type: ignore[arg-type] # numbers
        if abs(a - b) * 10 <= max(a, b):
            return Finding(GENERAL, f"about equal; {finding.note}", finding.at)
        if a * 10**power == b:
            return Finding(GENERAL, "equal, if the word behind it scales both sides", finding.at)
    return Finding(DOUBTFUL, finding.note, finding.at)


def _relate(sides: list[Side], bindings: Bindings) -> None:
    """Letters between which an equation holds, such as `c^2 + s^2 = 1`, are not free."""
    for left, right in pairwise(sides):
        if left.node is None or right.node is None:
            continue
        names = left.outer | right.outer
        defines = any(
            one.name is not None and one.name not in other.outer and other.name is None
            for one, other in ((left, right), (right, left))
        )
        if names and not defines:
            bindings.related |= names


def _runs(sides: list[Side], relations: list[str]) -> list[tuple[list[Side], list[bool]]]:
    """Sides that are said to be equal, and for each pair whether only about."""
    runs: list[tuple[list[Side], list[bool]]] = [([sides[0]], [])]
    for relation, side in zip(relations, sides[1:], strict=True):
        if relation == "≔" and runs[-1][0][-1].name is None:
            runs.append(([side], []))  # a definition of something that is not a name
        elif relation in EQUALITIES:
            runs[-1][0].append(side)
            runs[-1][1].append(relation == "≈")
        else:
            runs.append(([side], []))
    return [run for run in runs if len(run[0]) > 1]


def _run(
    sides: list[Side], about: list[bool], statement: Statement, bindings: Bindings, line: int
) -> list[Finding]:
    findings: list[Finding] = []
    ground = [side for side in sides if side.ground]
    places = [n for n, side in enumerate(sides) if side.ground]
    reasons = [side for side in sides if side.reason]
    at = 0
    while at + 1 < len(ground):
        loose = any(about[places[at] : places[at + 1]])
        finding = judge_pair(ground[at], ground[at + 1], loose=loose)
        after = ground[at + 2] if at + 2 < len(ground) else None
        if finding.verdict != RIGHT and after is not None and holds(ground[at], after) is not None:
            at += 1  # the side in the middle is the one that differs: said once
        at += 1
        if finding.verdict == DEFINES:
            _bind_parts(ground, bindings, line)
        findings.append(finding)
    if not any(about):
        findings += [f for f in (_bound(s, sides, bindings) for s in sides) if f is not None]
    findings += [Finding(UNREAD, side.reason, side.at) for side in reasons if findings]
    named = [side for side in sides if side.name is not None]
    if ground and named and not reasons:
        value = ground[-1].value
        for side in named:
            assert side.name is not None
            bindings.bind(side.name, value, line, ground[-1].node)
        if not findings:
            findings.append(Finding(DEFINES, ", ".join(s.name or "" for s in named), named[0].at))
    elif reasons or any(side.outer and side.name is None for side in sides):
        for side in named:
            assert side.name is not None
            bindings.forget(side.name)
    if not findings and not reasons and not ground:
        findings += _identities(sides)
    return findings


def _bind_parts(ground: list[Side], bindings: Bindings, line: int) -> None:
    """`[X_1, X_2] = [A B]`: each name is given its part."""
    lists = [s.node.items for s in ground if isinstance(s.node, Listed)]
    grids = [s.node.rows[0] for s in ground if isinstance(s.node, Grid) and len(s.node.rows) == 1]
    if len(lists) != 1 or len(grids) != 1 or len(lists[0]) != len(grids[0]):
        return
    for name, part in zip(lists[0], grids[0], strict=True):
        if isinstance(name, Symbol) and part is not None and not symbols(part):
            bindings.bind(name.name, Evaluator().readings(part)[0][0], line)


def _identities(sides: list[Side]) -> list[Finding]:
    """Letters on both sides: an identity is right, another equation is not judged."""
    found = []
    for left, right in pairwise(sides):
        if left.node is None or right.node is None:
            continue
        if left.name is not None or right.name is not None or left.outer != right.outer:
            continue
        try:
            how = agreement(left.bound({}), right.bound({}))
        except NotUnderstood:
            continue
        if how is not None:
            found.append(Finding(RIGHT, "for every value of the letters", left.at))
    return found


def _general(
    sides: list[Side], *, convolution_meant: bool, before: str, page: str
) -> list[Finding]:
    """A formula in letters that may be a size law."""
    left = sides[0].node
    for side in sides[1:]:
        if left is None or side.node is None:
            continue
        known = sum(role(name) is not None for name in {*side.outer, *symbols(left)})
        if known < 2 and not (convolution_meant and 3 <= len(side.outer) <= 6):
            continue
        from symconv.documents.size_formulas import judge_formula

        found = judge_formula(
            left, side.node, convolution_meant=convolution_meant, before=before, page=page
        )
        if found is not None:
            return [found]
    return []


def _bound(side: Side, sides: list[Side], bindings: Bindings) -> Finding | None:
    """A side whose names all have values, against the first side that has one of its own."""
    if not side.outer or side.node is None or side.name is not None:
        return None
    if not all(name in bindings for name in side.outer):
        return None
    other = next((s for s in sides if s.ground), None)
    if other is None:
        return None
    known = {name: bindings[name] for name in side.outer}
    printed = other.value
    size = printed.shape if isinstance(printed, Matrix) else (1, 1)
    try:
        values = side.bound(known, size)
    except NotUnderstood:
        return None
    where = "; ".join(dict.fromkeys(words for name in sorted(known) for _, words in known[name]))
    how = agreement(values, [(printed, "")])
    if how is not None:
        return Finding(RIGHT, f"with {how}", other.at)
    if side.called or any(isinstance(v, Matrix) for v, _ in values) != isinstance(printed, Matrix):
        return None
    if not isinstance(printed, Matrix):
        # letters for numbers are used again and again: only a size formula is held to them
        meant = roles(set(known)) or {}
        if len(known) < 3 or not {"size", "kernel_size"} <= set(meant.values()):
            return None
        if _floored(side, known, printed):
            return Finding(RIGHT, f"with {where}; the quotient rounded down", other.at)
    return _contradicted(side, other, bindings)


def _contradicted(side: Side, other: Side, bindings: Bindings) -> Finding | None:
    """A doubt, with the cell, where the newest values of all names are sure to be meant."""
    assert side.node is not None
    if not all(map(bindings.sure, side.outer)) or _side_by_side(side.node, bindings):
        return None
    newest = {name: bindings[name][:1] for name in side.outer}
    printed = other.value
    if any(isinstance(v, Matrix) and v.letters for values in newest.values() for v, _ in values):
        return None
    if isinstance(printed, Matrix) and printed.letters:
        return None
    nodes = {name: node for name in side.outer if (node := bindings.node(name)) is not None}
    if within_digits(side, other, nodes):
        return None
    if any(map(has_decimals, [*nodes.values(), side.node, other.node])) and not _has_interval(
        side.node, nodes
    ):
        return None
    where = "; ".join(words for name in sorted(newest) for _, words in newest[name])
    try:
        values = side.bound(newest)
    except NotUnderstood as error:
        return Finding(DOUBTFUL, f"with {where}: {error}; printed {printed}", other.at)
    note, at = told(values[0], printed, other)
    return Finding(DOUBTFUL, f"with {where}: {note}", at)


def _has_interval(node: Node, names: dict[str, Node]) -> bool:
    try:
        interval(node, names)
    except NotUnderstood:
        return False
    return True


def _side_by_side(node: Node, bindings: Bindings) -> bool:
    """`(a_1 a_2 a_3)`: vectors beside each other are columns, not factors."""
    if not isinstance(node, Product):
        return False
    parts = [part for sign, part in node.factors if sign == ""]
    vectors = [
        value
        for part in parts
        if isinstance(part, Symbol)
        for value, _ in bindings[part.name][:1]
        if isinstance(value, Matrix) and 1 in value.shape
    ]
    return len(parts) == len(node.factors) > 1 and len(vectors) == len(parts)


def _floored(side: Side, known: dict[str, list[Reading]], printed: Value) -> bool:
    """Whether a quotient of bound letters, rounded down, is what is printed."""
    assert side.node is not None
    try:
        values = Evaluator(known, rounding_down=True).readings(side.node)
    except NotUnderstood:
        return False
    return agreement(values, [(printed, "")]) is not None
