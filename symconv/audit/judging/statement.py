"""One statement judged: its sides against each other, then against what its names stand for."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise

from symconv.audit.claim import DEFINES, DOUBTFUL, GENERAL, RIGHT, UNREAD, WRONG, Finding
from symconv.audit.judging.bindings import Bindings
from symconv.audit.judging.comparing import agreement
from symconv.audit.judging.intervals import has_decimals, interval
from symconv.audit.judging.pairs import holds, judge_pair, within_digits
from symconv.audit.judging.sides import Side
from symconv.audit.sizes.roles import role, roles
from symconv.audit.tex.chains import EQUALITIES, Statement
from symconv.audit.tex.nodes import (
    Grid,
    Listed,
    Node,
    NotUnderstood,
    Power,
    Product,
    Symbol,
    symbols,
)
from symconv.audit.values.entries import WORK, TooMuch, is_number
from symconv.audit.values.evaluating import Evaluator
from symconv.audit.values.matrix import Matrix, Reading, Value

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
        from symconv.audit.sizes.formulas import judge_formula

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
    from symconv.audit.judging.hints import told  # loaded where something differs

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
