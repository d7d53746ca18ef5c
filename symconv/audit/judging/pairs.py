"""Two sides with values: right, wrong, or why neither can be said."""

from __future__ import annotations

from symconv.audit.claim import DEFINES, DOUBTFUL, GENERAL, RIGHT, WRONG, Finding
from symconv.audit.judging.comparing import agree, rounded
from symconv.audit.judging.sides import Side, computes
from symconv.audit.tex.nodes import Listed, Node, Number, Product, has_list
from symconv.audit.values.entries import is_number, letters
from symconv.audit.values.matrix import Matrix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from symconv.audit.values.matrix import Value


def judge_pair(left: Side, right: Side, *, loose: bool) -> Finding:
    """Two sides that are said to be equal; `loose`: only about."""
    how = holds(left, right, loose=loose)
    if how is not None:
        return Finding(RIGHT, how, right.at)
    exact, printed = (right, left) if left.written_out and not right.written_out else (left, right)
    value, other = exact.readings[0][0], printed.readings[0][0]
    if _names_cells(value, other):
        return Finding(DEFINES, "names for the parts", printed.at)
    no_claim = _no_claim(exact, printed)
    if no_claim:
        return Finding(GENERAL, no_claim, printed.at)
    from symconv.audit.judging.hints import hint, told  # loaded where something differs

    near = None if isinstance(other, Matrix) and not printed.written_out else _closest(exact, other)
    note, at = told(near or exact.readings[0], other, printed)
    cause = hint(exact.node, other)
    note = f"{cause}. As it stands: {note}" if cause else note
    doubt = "the page says that they are about equal" if loose else _doubt(exact, printed, near)
    if doubt:
        return Finding(DOUBTFUL, f"{note}. Doubtful: {doubt}", at)
    return Finding(WRONG, note, at)


def holds(left: Side, right: Side, *, loose: bool = False) -> str | None:
    """The words for how two sides agree, None if they do not."""
    how = agree(left, right)
    if how is None:
        how = rounded(left, right, loosely=loose)
    return rounded(right, left, loosely=loose) if how is None else how


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
    from symconv.audit.judging.openness import open_reading

    value, other = exact.readings[0][0], printed.readings[0][0]
    if exact.called or printed.called:
        return "a letter before a bracket may be a function"
    if near is not None:
        return ""
    size = other.shape if isinstance(other, Matrix) else None
    if isinstance(value, Matrix) != isinstance(other, Matrix):
        if {getattr(value, "shape", (1, 1)), getattr(other, "shape", (1, 1))} != {(1, 1)}:
            return "one side is a matrix, the other a number"
        size = (1, 1)
    reason = open_reading(exact.node, size) or open_reading(printed.node, size)
    if reason:
        return reason
    if _letters(value) and not computes(exact.node):
        return "two matrices of letters may be set equal on purpose"
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
        single = all(not is_number(e) and len(letters(e)) == 1 and str(e) in letters(e)
                     for e in names.flat)  # fmt: skip
        same = names.shape == rest.shape or names.listed
        if single and same and not names.letters & rest.letters:
            return True
    return False
