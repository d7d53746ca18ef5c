"""Judge the statements of a formula, such as `A + B = C`.

A `Statement` is a chain of sides with relations between them. `judge` parses and evaluates every
side (`Side`), compares neighbouring sides in all their readings and then allowing for rounding
(`judge_pair`), and finally compares them with the values that the document gave to their names.
A difference is called wrong only if no other meaning is plausible: where a sign between two
matrices may have an unknown meaning (`open_reading`), or the sides may be an equation to solve,
the finding is doubtful or general. For a wrong matrix, `hint` looks for a likely cause, such as a
misplaced block or a missing transpose.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from math import comb, prod

from symconv.documents.bindings import Bindings
from symconv.documents.claim import DEFINES, DOUBTFUL, GENERAL, RIGHT, UNREAD, WRONG, Assessment
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
    PowerNode,
    ProductNode,
    SumNode,
    Symbol,
    Wrapped,
    divides,
    has_list,
    symbols,
)
from symconv.documents.tex.parser import Parser
from symconv.documents.values.entries import (
    TooMuch,
    budget,
    is_number,
    letters,
    power,
    shown,
    spend,
)
from symconv.documents.values.evaluating import Bound, Evaluator
from symconv.documents.values.matrix import EntryMatrix, Reading, SizesDiffer, Value, add
from symconv.documents.values.signs import MATRIX_PRODUCT, sizes

LIMITS = frozenset("lim limsup liminf sup inf max min argmax argmin varlimsup".split())


class Side:
    """One side of a relation, parsed and, if it has no names outside matrices, evaluated.

    Attributes:
        node: the parsed formula; None if the side is empty or not understood.
        reason: why it is not understood or has no value; empty otherwise.
        outer: names that occur outside matrices.
        called: names directly before a bracket, which may be functions.
        plain: its readings if every product of matrices is the matrix product; empty if there are
            outer names or that product does not exist.
        misfit: whether matrices of different sizes are added.
        limit: whether it contains a limit, a maximum or the like, which is not evaluated.
        at: offset of its first token in the source.
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
            return  # the side is written elsewhere, e.g. on the previous line
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
        """The values in all readings, computed on first use; empty if there are outer names."""
        if self._readings is None:
            self._readings = []
            if self.plain and self.node is not None:
                self._readings = Evaluator().readings(self.node)
        return self._readings

    @property
    def missing(self) -> bool:
        """Whether the side is empty: written elsewhere, or removed because of a unit."""
        return self.node is None and not self.reason

    @property
    def ground(self) -> bool:
        """Whether it has a value without the values of any names."""
        return bool(self.plain or self._readings)

    @property
    def name(self) -> str | None:
        """The name, if the whole side is a single name; None otherwise."""
        return self.node.name if isinstance(self.node, Symbol) else None

    @property
    def written_out(self) -> bool:
        """Whether it is a literal matrix, list or number, with no operation on it."""
        return is_literal(self.node)

    @property
    def value(self) -> Value:
        """The value in the first (plainest) reading; only for a side with a value (`ground`)."""
        return (self.plain or self.readings)[0][0]

    def bound(self, bindings: Bound, wanted: tuple[int, int] | None = None) -> list[Reading]:
        """Evaluate the side with the given values of names.

        `wanted` is the size of the result; readings of another size are skipped.

        Raises:
            NotUnderstood: there is no value.
        """
        assert self.node is not None
        return Evaluator(bindings, wanted=wanted).readings(self.node)


def is_literal(node: Node | None) -> bool:
    """Whether a formula is a literal: a number (perhaps negated), a matrix or a list."""
    if isinstance(node, SumNode) and len(node.terms) == 1:
        return isinstance(node.terms[0][1], Number)
    return isinstance(node, (Number, Grid, Listed))


def computes(node: Node | None) -> bool:
    """Whether a formula has an operation outside the cells of its matrices."""
    return isinstance(node, (SumNode, ProductNode, Wrapped)) and not is_literal(node)


MOST_EXPONENT = 400


def agree(left: Side, right: Side) -> str | None:
    """Describe the first readings in which two sides agree; None if there are none.

    Readings that use only the matrix product are tried first.
    """
    plain = agreement(left.plain, right.plain)
    return plain if plain is not None else agreement(left.readings, right.readings)


def agreement(left: list[Reading], right: list[Reading]) -> str | None:
    """Describe the first pair of readings that agree, one of each list; None if none do."""
    for value, words in left:
        for other, others in right:
            how = _same(value, other)
            if how is not None:
                return "; ".join(dict.fromkeys(w for w in (words, others, how) if w))
    return None


def _same(value: Value, other: Value) -> str | None:
    if value == other:
        return ""
    if not isinstance(value, EntryMatrix) or not isinstance(other, EntryMatrix):
        for one, two in ((value, other), (other, value)):
            if isinstance(one, EntryMatrix) and one.shape == (1, 1) and one.flat[0] == two:
                return "a 1x1 matrix as its number"
            if isinstance(one, EntryMatrix) and two == 0 and not any(one.flat):
                return "0 for a matrix of zeros"
        return None
    if value.flat != other.flat:
        return None
    if value.listed or other.listed:
        return "a list as a row or column" if 1 in value.shape + other.shape else None
    return "row by row" if (1 in value.shape) != (1 in other.shape) else None


def rounded(exact: Side, printed: Side, *, loosely: bool) -> str | None:
    """Describe how the printed side follows from the exact one by rounding; None if it does not.

    A quotient may be rounded down, as size formulas do. A value may be rounded or truncated to the
    printed digits, or be the output of binary floating point. `loosely` means that the page says
    that the two are only about equal.
    """
    node = exact.node
    assert node is not None
    value, shown = exact.readings[0][0], printed.readings[0][0]
    if not isinstance(value, EntryMatrix) and not isinstance(shown, EntryMatrix):
        if not is_number(value) or not is_number(shown):
            return None
        a, b = Fraction(value), Fraction(shown)  # type: ignore[arg-type] # numbers
        literal = isinstance(printed.node, Number) and printed.node.digits is None
        if literal and b.denominator == 1 and b >= 1 and a // 1 == b and _is_quotient(node):
            return "the quotient rounded down"
        return _near(a, b, printed.node, decimals=has_decimals(node), loosely=loosely)
    if not isinstance(value, EntryMatrix) or not isinstance(shown, EntryMatrix):
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
    """Whether a formula is one quotient, or a sum with one quotient, as size formulas are."""
    parts = [part for _, part in node.terms] if isinstance(node, SumNode) else [node]
    quotients = [p for p in parts if isinstance(p, ProductNode) and p.factors[-1][0] == "/"]
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
    """Describe how a printed number approximates a value; None if it does not.

    `decimals` means that the value was computed from decimal numbers.
    """
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
    """Number of decimals of a printed number, and one unit in the last place.

    `2.4 x 10^6` counts as a printed number; None for any other formula.
    """
    if isinstance(node, SumNode) and len(node.terms) == 1:
        return _printed(node.terms[0][1])
    if isinstance(node, Number):
        places = node.digits or 0
        return places, Fraction(1, 10**places)
    if isinstance(node, ProductNode) and len(node.factors) == 2:
        (_, head), (sign, tail) = node.factors
        base = tail.base if isinstance(tail, PowerNode) else None
        if sign in ("·", "×") and isinstance(head, Number) and isinstance(base, Number):
            exponent = tail.exponent if isinstance(tail, PowerNode) else None
            if isinstance(exponent, SumNode) and len(exponent.terms) == 1:
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
    """The cells of a printed matrix, row by row; empty for any other formula."""
    return [cell for row in node.rows for cell in row] if isinstance(node, Grid) else []


def open_reading(node: Node | None, size: tuple[int, int] | None) -> str:
    """Explain why another reading could have the printed size.

    Empty if only the matrix product gives a result of this size.
    """
    if isinstance(node, SumNode):
        reasons = (open_reading(part, size) for _, part in node.terms)
        return next(filter(None, reasons), "")
    if isinstance(node, Wrapped):
        turned = size[::-1] if size and node.kind == "transpose" else size
        return open_reading(node.inner, turned)
    if not isinstance(node, ProductNode):
        return ""
    matrices = 0
    left: EntryMatrix | None = None
    for n, (sign, part) in enumerate(node.factors):
        try:
            value = Evaluator().readings(part)[0][0]
        except NotUnderstood:
            return "a factor without a value"
        if not isinstance(value, EntryMatrix):
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
            known = ", ".join(fitting) or "none is known"
            return f"what the sign between the matrices means (of this size: {known})"
    return ""


MOST_BLOCKS = 16
MOST_CELLS = 400


def told(reading: Reading, printed: Value, side: Side) -> tuple[str, int]:
    """Describe how the printed value differs from a reading; return that text and its offset."""
    value, words = reading
    if (
        isinstance(value, EntryMatrix)
        and value.shape == (1, 1)
        and not isinstance(printed, EntryMatrix)
    ):
        value = value.flat[0]
    head = f"as {words}: " if words else ""
    if isinstance(value, EntryMatrix) and isinstance(printed, EntryMatrix):
        if value.shape == printed.shape:
            note, at = wrong_cells(value, printed, side.node)
            return head + note, at
        return f"printed {printed.size}; {words or 'it'} gives {value.size}, {value}", side.at
    texts = [str(v) if isinstance(v, EntryMatrix) else shown(v) for v in (printed, value)]
    return f"{head}printed {texts[0]}, should be {texts[1]}", side.at


def wrong_cells(exact: EntryMatrix, printed: EntryMatrix, node: Node | None) -> tuple[str, int]:
    """List the first three cells that differ, and return the offset of the first one."""
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
    """A likely cause of a wrong matrix; empty if none is found."""
    if not isinstance(printed, EntryMatrix):
        return ""
    return _moved_block(node, printed) or _transposed(node, printed) or _each_raised(node, printed)


def _each_raised(node: Node | None, printed: EntryMatrix) -> str:
    """Detect a matrix power that was computed entry by entry."""
    if not isinstance(node, PowerNode) or not isinstance(node.exponent, Number):
        return ""
    base, exponent = Evaluator().readings(node.base)[0][0], node.exponent.values[0]
    if isinstance(base, EntryMatrix) and base.map(lambda e: power(e, exponent)) == printed:
        return "the printed matrix has each entry raised to the power"
    return ""


def _placed(node: Node | None) -> list[list[list[Node | None]]]:
    """The cells of each matrix in a sum of matrices; empty for any other formula."""
    if not isinstance(node, SumNode) or not 2 <= len(node.terms) <= MOST_BLOCKS:
        return []
    blocks = [part for sign, part in node.terms if sign == 1 and isinstance(part, Grid)]
    if len(blocks) != len(node.terms):
        return []
    return [[list(row) for row in block.rows] for block in blocks]


def _moved_block(node: Node | None, printed: EntryMatrix) -> str:
    """Find a block in a sum that, moved elsewhere in its matrix, gives the printed result."""
    blocks = _placed(node)
    high, wide = printed.shape
    if not blocks or high * wide > MOST_CELLS:
        return ""
    if any((len(b), len(b[0])) != (high, wide) for b in blocks):
        return ""
    spend(20 * len(blocks) * high * wide)
    values = [Evaluator().readings(Grid(b))[0][0] for b in blocks]
    corners = [_corner(block) for block in blocks]
    for n, block in enumerate(blocks):
        corner = corners[n]
        if corner is None:
            continue
        rest: Value = printed
        for m, value in enumerate(values):
            if m != n:
                rest = add(
                    rest, value.map(lambda e: -e) if isinstance(value, EntryMatrix) else value
                )
        assert isinstance(rest, EntryMatrix)
        for r in range(high - corner[2] + 1):
            for c in range(wide - corner[3] + 1):
                if (r, c) != corner[:2] and rest == _put(block, corner, r, c, printed.shape):
                    whose = _whose(n, corners, (r, c))
                    return (
                        f"block {n + 1} starts in row {corner[0] + 1}, column {corner[1] + 1}; "
                        f"in row {r + 1}, column {c + 1}{whose}, the sum would be as printed"
                    )
    return ""


Corner = tuple[int, int, int, int]


def _corner(block: list[list[Node | None]]) -> Corner | None:
    """First row, first column, height and width of the non-blank part; None if all is blank."""
    cells = [(r, c) for r, row in enumerate(block) for c, cell in enumerate(row) if cell]
    if not cells:
        return None
    rows, columns = {r for r, _ in cells}, {c for _, c in cells}
    top, left = min(rows), min(columns)
    return top, left, max(rows) - top + 1, max(columns) - left + 1


def _put(
    block: list[list[Node | None]], corner: Corner, row: int, column: int, shape: tuple[int, int]
) -> EntryMatrix | None:
    top, left, high, wide = corner
    cells: list[list[Node | None]] = [[None] * shape[1] for _ in range(shape[0])]
    for r in range(high):
        for c in range(wide):
            cells[row + r][column + c] = block[top + r][left + c]
    value = Evaluator().readings(Grid(cells))[0][0]
    return value if isinstance(value, EntryMatrix) else None


def _whose(number: int, corners: list[Corner | None], place: tuple[int, int]) -> str:
    """Return `, as the block of x[1,0]` if the blocks, with one moved, form a regular grid."""
    places = [c[:2] if c is not None else None for c in corners]
    places[number] = place
    rows = sorted({p[0] for p in places if p})
    columns = sorted({p[1] for p in places if p})
    if places != [(r, c) for r in rows for c in columns]:
        return ""
    i, j = divmod(number, len(columns))
    return f", as the block of x[{i},{j}]"


def _transposed(node: Node | None, printed: EntryMatrix) -> str:
    """Find a factor that, if transposed, gives the printed product."""
    if isinstance(node, Wrapped) and node.kind == "transpose" and node.inner is not None:
        return _without_transpose(node.inner, printed)
    if not isinstance(node, ProductNode):
        return ""
    for n, (_, part) in enumerate(node.factors):
        turned = (
            part.inner if isinstance(part, Wrapped) and part.inner else Wrapped("transpose", part)
        )
        factors = list(node.factors)
        factors[n] = (factors[n][0], turned)
        try:
            found = Evaluator(one_product=True).readings(ProductNode(factors))
        except NotUnderstood:
            continue
        if any(value == printed for value, _ in found):
            which = "first second third fourth".split()[n] if n < 4 else f"{n + 1}th"
            return f"with the {which} factor transposed, the product would be as printed"
    return ""


def _without_transpose(inner: Node, printed: EntryMatrix) -> str:
    try:
        if Evaluator().readings(inner)[0][0] == printed:
            return "the printed matrix is the matrix itself, not its transpose"
    except NotUnderstood:
        pass
    return ""


ORDER = 8
"""Numbers that a page calls about equal are doubtful only if they differ by this factor or more."""


def judge_pair(left: Side, right: Side, *, loose: bool) -> Assessment:
    """Judge two sides that a page states to be equal, or only about equal (`loose`)."""
    how = holds(left, right, loose=loose)
    if how is not None:
        return Assessment(RIGHT, how, right.at)
    exact, printed = (right, left) if left.written_out and not right.written_out else (left, right)
    if within_digits(exact, printed):
        return Assessment(
            GENERAL, "agrees within half a unit of the last printed digits", printed.at
        )
    value, other = exact.readings[0][0], printed.readings[0][0]
    if _names_cells(value, other):
        return Assessment(DEFINES, "names for the parts", printed.at)
    no_claim = _no_claim(exact, printed)
    if no_claim:
        return Assessment(GENERAL, no_claim, printed.at)
    near = (
        None
        if isinstance(other, EntryMatrix) and not printed.written_out
        else _closest(exact, other)
    )
    note, at = told(near or exact.readings[0], other, printed)
    cause = hint(exact.node, other)
    note = f"{cause}. As written: {note}" if cause else note
    if loose:
        far = _orders_apart(value, other)
        said = "the page says that they are about equal"
        return Assessment(
            DOUBTFUL if far else GENERAL,
            f"{note}. Doubtful: {said}" if far else f"{said}: {note}",
            at,
        )
    doubt = _doubt(exact, printed, near)
    if doubt:
        return Assessment(DOUBTFUL, f"{note}. Doubtful: {doubt}", at)
    return Assessment(WRONG, note, at)


def holds(left: Side, right: Side, *, loose: bool = False) -> str | None:
    """Describe how two sides agree, exactly or after rounding one of them; None if they do not."""
    how = agree(left, right)
    if how is None:
        how = rounded(left, right, loosely=loose)
    return rounded(right, left, loosely=loose) if how is None else how


def within_digits(exact: Side, printed: Side, names: Mapping[str, Node] | None = None) -> bool:
    """Whether two sides agree if every printed decimal may be off by half a unit in the last place.

    False if no decimal is printed. `names` are the printed formulas of the names in the sides.
    """
    left, right = exact.node, printed.node
    shown = [left, right, *(names or {}).values()]
    if left is None or right is None or not any(map(has_decimals, shown)):
        return False
    try:
        return meet(interval(left, names), interval(right, names))
    except NotUnderstood:
        return False


def _orders_apart(value: Value, other: Value) -> bool:
    """Whether two numbers that should be about equal differ by a factor of `ORDER` or more."""
    if isinstance(value, EntryMatrix) or isinstance(other, EntryMatrix):
        return False
    if not is_number(value) or not is_number(other):
        return False
    a, b = abs(Fraction(value)), abs(Fraction(other))  # type: ignore[arg-type] # numbers
    return bool(a and b) and max(a, b) >= ORDER * min(a, b)


def _closest(exact: Side, printed: Value) -> tuple[Value, str] | None:
    """The reading that most printed cells agree with, if there is exactly one; None otherwise.

    The meaning of a sign between matrices is open. But if at least three quarters of the cells
    agree with one reading, and at most half with any other, that reading is the intended one.
    """
    if not isinstance(printed, EntryMatrix):
        return None
    count = len(printed.flat)
    found: list[tuple[int, tuple[Value, str]]] = []
    for value, words in exact.readings:
        if isinstance(value, EntryMatrix) and value.shape == printed.shape:
            pairs = zip(value.flat, printed.flat, strict=True)
            found.append((sum(a == b for a, b in pairs), (value, words)))
    found.sort(key=lambda item: -item[0])
    if not found or found[0][0] * 4 < count * 3 or count < 4:
        return None
    if len(found) > 1 and found[1][0] * 2 > count:
        return None
    return found[0][1]


def _no_claim(exact: Side, printed: Side) -> str:
    """Explain why two sides with different values claim nothing; empty if they do claim equality.

    For example an equation to solve, sizes written with a multiplication sign, or a definition.
    """
    value, other = exact.readings[0][0], printed.readings[0][0]
    mine, others = _letters(value), _letters(other)
    if mine != others:
        return "the two sides have different symbols: an equation, or values for symbols"
    if _is_shape(printed.node) and not printed.missing:
        return "sizes written with a sign of multiplication"
    if _is_shape(exact.node) and _shapes_multiplied(printed.node):
        return "sizes written with a sign of multiplication"
    if _holds_as_binomials(exact.node, printed.node):
        return "it holds if the columns are binomial coefficients"
    if mine and (
        _is_unknown_of(exact.node, printed.node) or _is_unknown_of(printed.node, exact.node)
    ):
        return "an equation to solve: the same unknowns on both sides"
    if mine and not computes(exact.node) and not computes(printed.node):
        return "two symbolic matrices may be set equal on purpose"
    nodes = (exact.node, printed.node)
    lists = [n for n in nodes if n is not None and has_list(n)]
    if isinstance(value, EntryMatrix) != isinstance(other, EntryMatrix):
        return "a list or a bracket, and a number" if lists else ""
    if not isinstance(value, EntryMatrix) or not isinstance(other, EntryMatrix):
        return ""
    if isinstance(exact.node, ProductNode) and sum(_flat(n) for _, n in exact.node.factors) > 1:
        return "lists with a sign of multiplication"
    if value.shape != other.shape and exact.node is not None and has_list(exact.node):
        return "this sign may concatenate lists"
    if value.shape == other.shape == (1, 1) and all(map(has_list, filter(None, nodes))):
        return "a bracket around one number"
    return ""


def _shapes_multiplied(node: Node | None) -> bool:
    """Whether a formula is a product of sizes, such as `(3 x 4)(4 x 2)`."""
    return isinstance(node, ProductNode) and all(_is_shape(part) for _, part in node.factors)


def _holds_as_binomials(left: Node | None, right: Node | None) -> bool:
    """Whether the sides are equal if columns of two integers are read as binomial coefficients."""
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
        return comb(above, below) if fits else None  # type: ignore[arg-type] # just checked
    if isinstance(node, ProductNode) and all(sign in ("", "·", "×") for sign, _ in node.factors):
        factors = [_binomials(part) for _, part in node.factors]
        if all(value is not None for value in factors):
            return prod(value for value in factors if value is not None)
    if isinstance(node, SumNode):
        parts = [(sign, _binomials(part)) for sign, part in node.terms]
        if all(value is not None for _, value in parts):
            return sum(sign * value for sign, value in parts if value is not None)
    return None


def _is_unknown_of(node: Node | None, other: Node | None) -> bool:
    """Whether one side is a matrix of symbols, or a multiple of one, that the other side uses."""
    unknown = _letter_grid(node)
    return unknown is not None and any(
        isinstance(part, Grid) and _grid_key(part) == unknown for part in _parts_of(other)
    )


def _letter_grid(node: Node | None) -> tuple[object, ...] | None:
    """The names in a matrix of single symbols, perhaps times a number; None for another formula."""
    if isinstance(node, ProductNode) and len(node.factors) == 2:
        node = next((part for _, part in node.factors if isinstance(part, Grid)), None)
    if isinstance(node, SumNode) and len(node.terms) == 1:
        node = node.terms[0][1]
    if not isinstance(node, Grid):
        return None
    return _grid_key(node)


def _grid_key(grid: Grid) -> tuple[object, ...] | None:
    """The symbol of each cell, ignoring a numeric coefficient; None if a cell is anything else."""
    found: list[object] = []
    for row in grid.rows:
        for cell in row:
            names = symbols(cell) if cell is not None else set()
            if isinstance(cell, ProductNode) and not all(
                isinstance(p, (Number, Symbol)) for _, p in cell.factors
            ):
                return None
            if cell is None or len(names) != 1 or not isinstance(cell, (Symbol, ProductNode)):
                return None
            found.append(next(iter(names)))
    return tuple(found) or None


def _parts_of(node: Node | None) -> list[Node]:
    """The terms of a sum, or factors of a product, at the top of a formula."""
    if isinstance(node, SumNode):
        return [p for _, part in node.terms for p in _parts_of(part)]
    if isinstance(node, ProductNode):
        return [part for _, part in node.factors]
    return [] if node is None else [node]


def _is_shape(node: Node | None) -> bool:
    """Whether a formula is a size such as `4 x 9`: integers with a multiplication sign between."""
    if not isinstance(node, ProductNode):
        return False
    numbers = all(isinstance(part, Number) and part.digits is None for _, part in node.factors)
    return numbers and all(sign == "×" for sign, _ in node.factors[1:])


def _flat(node: Node) -> bool:
    """Whether a formula is a list without nested lists: a tuple, a size or a vector."""
    return isinstance(node, Listed) and not any(isinstance(n, Listed) for n in node.items)


def _doubt(exact: Side, printed: Side, near: tuple[Value, str] | None) -> str:
    """Explain why a difference is doubtful instead of wrong; empty if it is wrong.

    `near` is the result of `_closest`.
    """
    value, other = exact.readings[0][0], printed.readings[0][0]
    if exact.called or printed.called:
        return "a symbol before a bracket may be a function"
    if near is not None:
        return ""
    if _letters(value) and isinstance(value, EntryMatrix) and isinstance(other, EntryMatrix):
        same = sum(a == b for a, b in zip(value.flat, other.flat, strict=False))
        if value.shape == other.shape and 2 * same < len(other.flat):
            return "most cells differ: an equation, or another meaning of the symbols"
    size = other.shape if isinstance(other, EntryMatrix) else None
    if isinstance(value, EntryMatrix) != isinstance(other, EntryMatrix):
        if {getattr(value, "shape", (1, 1)), getattr(other, "shape", (1, 1))} != {(1, 1)}:
            return "one side is a matrix, the other a number"
        size = (1, 1)
    reason = open_reading(exact.node, size) or open_reading(printed.node, size)
    if reason:
        return reason
    if (
        isinstance(value, EntryMatrix)
        and isinstance(other, EntryMatrix)
        and value.shape != other.shape
    ):
        if set(value.flat) == set(other.flat) or value.transpose == other:
            return "the same entries in another shape"
        if not computes(exact.node):
            return "two matrices of different sizes may be written side by side on purpose"
    return ""


def _letters(value: Value) -> frozenset[str]:
    return value.letters if isinstance(value, EntryMatrix) else letters(value)


def _names_cells(value: Value, other: Value) -> bool:
    """Whether one side is a matrix of single symbols, none of which occur on the other side."""
    for names, rest in ((other, value), (value, other)):
        if not isinstance(names, EntryMatrix) or not isinstance(rest, EntryMatrix):
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
) -> list[Assessment]:
    """Judge a statement, and record the values that it gives to names in `bindings`.

    Args:
        statement: the sides and the relations between them.
        bindings: the values of names so far; updated.
        line: the line of the statement, recorded with new values.
        convolution_meant: whether the page mentions a convolution.
        before: the text directly before the statement.
        page: the whole text, which may state a convention for padding.

    Returns:
        The findings; empty if the statement claims no equality.
    """
    if not statement.claims:
        return []
    try:
        with budget():
            return _judged(statement, bindings, line, convolution_meant, before, page)
    except TooMuch as error:
        return [Assessment(UNREAD, str(error))]


def _judged(
    statement: Statement,
    bindings: Bindings,
    line: int,
    convolution_meant: bool,
    before: str,
    page: str,
) -> list[Assessment]:
    sides = [Side(found) for found in statement.sides]
    findings: list[Assessment] = []
    for run, loose in _runs(sides, statement.relations):
        findings += _run(run, loose, statement, bindings, line)
    by_entry = ENTRYWISE.search(before) is not None and any(
        isinstance(s.node, PowerNode) and isinstance(s.node.base, Grid) for s in sides
    )
    if by_entry:
        findings = [
            Assessment(GENERAL, f.note, f.at) if f.verdict == WRONG else f for f in findings
        ]
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
        return [Assessment(DOUBTFUL, misfit.reason, misfit.at)]
    reason = next((s.reason for s in sides if s.reason), "")
    return [Assessment(UNREAD, reason) if reason else Assessment(GENERAL)]


def _softened(
    finding: Assessment, statement: Statement, sides: list[Side], bindings: Bindings
) -> Assessment:
    """Weaken a wrong or doubtful finding that is not certain enough, for example of a question."""
    if finding.verdict not in (WRONG, DOUBTFUL):
        return finding
    if statement.asked:
        return Assessment(GENERAL, f"a question; {finding.note}", finding.at)
    if any(side.limit for side in sides):
        return Assessment(GENERAL, f"the formula contains a limit; {finding.note}", finding.at)
    letters = {name for s in sides if s.node is not None and s.ground for name in symbols(s.node)}
    meant = sorted(letters & (bindings.related | {n for n in letters if n in bindings}))
    if meant and finding.verdict == WRONG:
        said = f"the page relates {', '.join(meant)} elsewhere"
        return Assessment(GENERAL, f"{said}; {finding.note}", finding.at)
    if finding.verdict == WRONG and any(side.reason for side in sides):
        doubt = "a part of the formula is not understood"
        return Assessment(DOUBTFUL, f"{finding.note}. Doubtful: {doubt}", finding.at)
    if finding.verdict == WRONG and statement.conditional:
        return Assessment(DOUBTFUL, f"under a condition: {finding.note}", finding.at)
    if statement.scaled:
        return _scaled(finding, sides, statement.scaled)
    return finding


def _scaled(finding: Assessment, sides: list[Side], power: int) -> Assessment:
    """Weaken a finding about a number in words, such as `2 million`, which is usually rounded.

    A difference of up to a tenth is accepted.
    """
    ground = [s.value for s in sides if s.ground]
    numbers = [v for v in ground if not isinstance(v, EntryMatrix) and is_number(v)]
    if len(numbers) >= 2:
        a, b = (abs(Fraction(v)) for v in numbers[-2:])  # type: ignore[arg-type] # numbers
        if abs(a - b) * 10 <= max(a, b):
            return Assessment(GENERAL, f"about equal; {finding.note}", finding.at)
        if a * 10**power == b:
            return Assessment(GENERAL, "equal, if the word after it scales both sides", finding.at)
    return Assessment(DOUBTFUL, finding.note, finding.at)


def _relate(sides: list[Side], bindings: Bindings) -> None:
    """Record the symbols that an equation such as `c^2 + s^2 = 1` relates: they are not free."""
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
    """Split a chain into runs of sides stated to be equal.

    Each run comes with a flag for every neighbouring pair: whether it is only about equal.
    """
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
) -> list[Assessment]:
    findings: list[Assessment] = []
    ground = [side for side in sides if side.ground]
    places = [n for n, side in enumerate(sides) if side.ground]
    reasons = [side for side in sides if side.reason]
    at = 0
    while at + 1 < len(ground):
        loose = any(about[places[at] : places[at + 1]])
        finding = judge_pair(ground[at], ground[at + 1], loose=loose)
        after = ground[at + 2] if at + 2 < len(ground) else None
        if finding.verdict != RIGHT and after is not None and holds(ground[at], after) is not None:
            at += 1  # only the middle side differs: report it once, not for both neighbours
        at += 1
        if finding.verdict == DEFINES:
            _bind_parts(ground, bindings, line)
        findings.append(finding)
    if not any(about):
        findings += [f for f in (_bound(s, sides, bindings) for s in sides) if f is not None]
    findings += [Assessment(UNREAD, side.reason, side.at) for side in reasons if findings]
    named = [side for side in sides if side.name is not None]
    if ground and named and not reasons:
        value = ground[-1].value
        for side in named:
            assert side.name is not None
            bindings.bind(side.name, value, line, ground[-1].node)
        if not findings:
            findings.append(
                Assessment(DEFINES, ", ".join(s.name or "" for s in named), named[0].at)
            )
    elif reasons or any(side.outer and side.name is None for side in sides):
        for side in named:
            assert side.name is not None
            bindings.forget(side.name)
    if not findings and not reasons and not ground:
        findings += _identities(sides)
    return findings


def _bind_parts(ground: list[Side], bindings: Bindings, line: int) -> None:
    """Bind each name in `[X_1, X_2] = [A B]` to its part."""
    lists = [s.node.items for s in ground if isinstance(s.node, Listed)]
    grids = [s.node.rows[0] for s in ground if isinstance(s.node, Grid) and len(s.node.rows) == 1]
    if len(lists) != 1 or len(grids) != 1 or len(lists[0]) != len(grids[0]):
        return
    for name, part in zip(lists[0], grids[0], strict=True):
        if isinstance(name, Symbol) and part is not None and not symbols(part):
            bindings.bind(name.name, Evaluator().readings(part)[0][0], line)


def _identities(sides: list[Side]) -> list[Assessment]:
    """Judge symbolic equations: an identity is right, any other equation is not judged."""
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
            found.append(Assessment(RIGHT, "for every value of the symbols", left.at))
    return found


def _general(
    sides: list[Side], *, convolution_meant: bool, before: str, page: str
) -> list[Assessment]:
    """Judge a symbolic formula that may be a size law."""
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


def _bound(side: Side, sides: list[Side], bindings: Bindings) -> Assessment | None:
    """Compare a side whose names all have values with the first side that needs none.

    None if a name has no value, or if nothing can be concluded.
    """
    if not side.outer or side.node is None or side.name is not None:
        return None
    if not all(name in bindings for name in side.outer):
        return None
    other = next((s for s in sides if s.ground), None)
    if other is None:
        return None
    known = {name: bindings[name] for name in side.outer}
    printed = other.value
    size = printed.shape if isinstance(printed, EntryMatrix) else (1, 1)
    try:
        values = side.bound(known, size)
    except NotUnderstood:
        return None
    where = "; ".join(dict.fromkeys(words for name in sorted(known) for _, words in known[name]))
    how = agreement(values, [(printed, "")])
    if how is not None:
        return Assessment(RIGHT, f"with {how}", other.at)
    if side.called or any(isinstance(v, EntryMatrix) for v, _ in values) != isinstance(
        printed, EntryMatrix
    ):
        return None
    if not isinstance(printed, EntryMatrix):
        # symbols for numbers are often reused, so only size formulas are checked with their values
        meant = roles(set(known)) or {}
        if len(known) < 3 or not {"size", "kernel_size"} <= set(meant.values()):
            return None
        if _floored(side, known, printed):
            return Assessment(RIGHT, f"with {where}; the quotient is rounded down", other.at)
    return _contradicted(side, other, bindings)


def _contradicted(side: Side, other: Side, bindings: Bindings) -> Assessment | None:
    """A doubtful finding if the side differs under the newest values of its names.

    None unless these values are certainly meant (`Bindings.sure`) and the difference exceeds the
    rounding of printed decimals.
    """
    assert side.node is not None
    if not all(map(bindings.sure, side.outer)) or _side_by_side(side.node, bindings):
        return None
    newest = {name: bindings[name][:1] for name in side.outer}
    printed = other.value
    if any(
        isinstance(v, EntryMatrix) and v.letters for values in newest.values() for v, _ in values
    ):
        return None
    if isinstance(printed, EntryMatrix) and printed.letters:
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
        return Assessment(DOUBTFUL, f"with {where}: {error}; printed {printed}", other.at)
    note, at = told(values[0], printed, other)
    return Assessment(DOUBTFUL, f"with {where}: {note}", at)


def _has_interval(node: Node, names: dict[str, Node]) -> bool:
    try:
        interval(node, names)
    except NotUnderstood:
        return False
    return True


def _side_by_side(node: Node, bindings: Bindings) -> bool:
    """Whether a formula is a row of vectors, `(a_1 a_2 a_3)`: columns of a matrix, not factors."""
    if not isinstance(node, ProductNode):
        return False
    parts = [part for sign, part in node.factors if sign == ""]
    vectors = [
        value
        for part in parts
        if isinstance(part, Symbol)
        for value, _ in bindings[part.name][:1]
        if isinstance(value, EntryMatrix) and 1 in value.shape
    ]
    return len(parts) == len(node.factors) > 1 and len(vectors) == len(parts)


def _floored(side: Side, known: dict[str, list[Reading]], printed: Value) -> bool:
    """Whether the printed value is that of a side whose quotients are rounded down."""
    assert side.node is not None
    try:
        values = Evaluator(known, rounding_down=True).readings(side.node)
    except NotUnderstood:
        return False
    return agreement(values, [(printed, "")]) is not None
