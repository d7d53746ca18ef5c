"""One statement judged: its sides against each other, then against what its names stand for."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from symconv.audit.claim import DEFINES, DOUBTFUL, GENERAL, RIGHT, UNREAD, WRONG, Finding
from symconv.audit.judging.comparing import agree, agreement, rounded
from symconv.audit.judging.hints import hint, wrong_cells
from symconv.audit.judging.openness import open_reading
from symconv.audit.judging.sides import Side, computes
from symconv.audit.sizes.roles import role
from symconv.audit.tex.chains import EQUALITIES, Statement
from symconv.audit.tex.nodes import Grid, Listed, NotUnderstood, Symbol, symbols
from symconv.audit.values.entries import is_number, letters, shown
from symconv.audit.values.evaluating import Evaluator
from symconv.audit.values.matrix import Matrix

if TYPE_CHECKING:
    from symconv.audit.judging.bindings import Bindings
    from symconv.audit.values.matrix import Value


def judge(
    statement: Statement, bindings: Bindings, line: int = 1, *, convolution_meant: bool = False
) -> list[Finding]:
    """What is to be held of a statement; empty if it claims no equality.

    `convolution_meant`: the text around speaks of a convolution.
    """
    if not statement.claims:
        return []
    sides = [Side(found) for found in statement.sides]
    findings: list[Finding] = []
    for run, loose in _runs(sides, statement.relations):
        findings += _run(run, loose, statement.conditional, bindings, line)
    if not findings and not any(s.reason or s.ground for s in sides):
        findings = _general(sides, convolution_meant=convolution_meant)
    if findings:
        return findings
    reason = next((s.reason for s in sides if s.reason), "")
    return [Finding(UNREAD, reason) if reason else Finding(GENERAL)]


def _runs(sides: list[Side], relations: list[str]) -> list[tuple[list[Side], bool]]:
    """Sides that are said to be equal, and whether only about."""
    runs: list[tuple[list[Side], bool]] = [([sides[0]], False)]
    for relation, side in zip(relations, sides[1:], strict=True):
        if relation in EQUALITIES:
            runs[-1] = ([*runs[-1][0], side], runs[-1][1] or relation == "≈")
        else:
            runs.append(([side], False))
    return [run for run in runs if len(run[0]) > 1]


def _run(
    sides: list[Side], loose: bool, conditional: bool, bindings: Bindings, line: int
) -> list[Finding]:
    findings: list[Finding] = []
    ground = [side for side in sides if side.ground]
    reasons = [side for side in sides if side.reason]
    at = 0
    while at + 1 < len(ground):
        finding = _pair(ground[at], ground[at + 1], loose)
        after = ground[at + 2] if at + 2 < len(ground) else None
        if finding.verdict != RIGHT and after is not None and _holds(ground[at], after):
            at += 1  # the side in the middle is the one that differs: said once
        at += 1
        if finding.verdict == DEFINES:
            _bind_parts(ground, bindings, line)
        if conditional and finding.verdict == WRONG:
            finding = Finding(DOUBTFUL, f"under a condition: {finding.note}", finding.at)
        findings.append(finding)
    findings += [f for f in (_bound(s, sides, bindings) for s in sides) if f is not None]
    findings += [Finding(UNREAD, side.reason, side.at) for side in reasons if findings]
    named = [side for side in sides if side.name is not None]
    if ground and named and not reasons:
        value = (ground[-1].plain or ground[-1].readings)[0][0]
        for side in named:
            assert side.name is not None
            bindings.bind(side.name, value, line)
        if not findings:
            findings.append(Finding(DEFINES, ", ".join(s.name or "" for s in named), named[0].at))
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


def _holds(left: Side, right: Side) -> bool:
    return agree(left, right) is not None


def _identities(sides: list[Side]) -> list[Finding]:
    """Letters on both sides: an identity is right, another equation is not judged."""
    found = []
    for left, right in pairwise(sides):
        if left.name is not None or right.name is not None or left.outer != right.outer:
            continue
        try:
            how = agreement(left.bound({}), right.bound({}))
        except NotUnderstood:
            continue
        if how is not None:
            found.append(Finding(RIGHT, "for every value of the letters", left.at))
    return found


def _general(sides: list[Side], *, convolution_meant: bool) -> list[Finding]:
    """A formula in letters that may be a size law."""
    left = sides[0].node
    for side in sides[1:]:
        if left is None or side.node is None or sum(role(n) is not None for n in side.outer) < 2:
            continue
        from symconv.audit.sizes.formulas import judge_formula

        found = judge_formula(left, side.node, convolution_meant=convolution_meant)
        if found is not None:
            return [found]
    return []


def _pair(left: Side, right: Side, loose: bool) -> Finding:
    how = agree(left, right)
    if how is None:
        how = rounded(left, right, loosely=loose)
    if how is None:
        how = rounded(right, left, loosely=loose)
    if how is not None:
        return Finding(RIGHT, how, right.at)
    exact, printed = (right, left) if left.written_out and not right.written_out else (left, right)
    value, shown_value = exact.readings[0][0], printed.readings[0][0]
    note, at = _difference(value, shown_value, printed)
    cause = hint(exact.node, shown_value)
    note = f"{note}; {cause}" if cause else note
    doubt = "only about equal, says the page" if loose else _doubt(exact, printed)
    if _names_cells(value, shown_value):
        return Finding(DEFINES, "names for the parts", printed.at)
    if doubt:
        return Finding(DOUBTFUL, f"{note}. Doubtful: {doubt}", at)
    return Finding(WRONG, note, at)


def _difference(value: Value, printed: Value, side: Side) -> tuple[str, int]:
    if isinstance(value, Matrix) and isinstance(printed, Matrix):
        if value.shape == printed.shape:
            return wrong_cells(value, printed, side.node)
        return f"printed {printed.size}, should be {value.size}: {value}", side.at
    words = [str(v) if isinstance(v, Matrix) else shown(v) for v in (printed, value)]
    return f"printed {words[0]}, should be {words[1]}", side.at


def _doubt(exact: Side, printed: Side) -> str:
    """Why a difference is not called wrong."""
    value, other = exact.readings[0][0], printed.readings[0][0]
    if exact.called or printed.called:
        return "a letter before a bracket may be a function"
    if isinstance(value, Matrix) != isinstance(other, Matrix):
        return "one side is a matrix, the other a number"
    size = other.shape if isinstance(other, Matrix) else None
    reason = open_reading(exact.node, size) or open_reading(printed.node, size)
    if reason:
        return reason
    mine, others = _letters(value), _letters(other)
    if mine or others:
        if mine != others:
            return "the letters of the two sides are not the same"
        if not computes(exact.node):
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
    try:
        values = side.bound(known)
    except NotUnderstood:
        return None
    how = agreement(values, other.readings)
    if how is not None:
        return Finding(RIGHT, f"with {how}", other.at)
    if any(isinstance(v, Matrix) for v, _ in values) != isinstance(other.readings[0][0], Matrix):
        return None
    where = "; ".join(dict.fromkeys(words for name in sorted(known) for _, words in known[name]))
    return Finding(DOUBTFUL, f"not what it is with {where}", other.at)
