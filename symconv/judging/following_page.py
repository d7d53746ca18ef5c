"""The report of `--by symbolic` and `--by decode`, as a page and as JSON."""

from __future__ import annotations

from collections import Counter
from typing import Any

from symconv.core.names import entry_name
from symconv.core.polynomial import Polynomial
from symconv.judging.following import Following, Shown
from symconv.render.tree import (
    Badge,
    Block,
    Document,
    Equation,
    Heading,
    Inline,
    Letter,
    Listing,
    Math,
    Product,
    Sum,
    Table,
    Value,
    equals,
    paragraph,
)
from symconv.results.evidence import Outcome
from symconv.results.reasons import key_of
from symconv.tracing.differences import NAMES, Difference, Terms, ordered, shown_index

MOST_CELLS = 5
MOST_ROWS = 12
MOST_PRODUCTS = 12
"""Upper limit on the products of a sum that is written as a formula."""
WORDS = {Outcome.HOLDS: "identical", Outcome.REFUTED: "REFUTED", Outcome.UNDECIDED: "undecided"}


def document(report: Following) -> Document:
    """The page: the verdict, a table of shapes, the products of wrong cells, what is trusted."""
    scope, outcome = report.evidence, report.outcome
    open_ = sum(c.verdict.outcome is outcome for c in report.cases)
    known = scope.method.value if outcome is Outcome.HOLDS else outcome.value.upper()
    if len(report.cases) > 1:
        known = known.replace("at this shape", "at these shapes")
    said = f"{scope.statement}: {scope.domain}."
    judged = f"Requested: {scope.domain}."
    if outcome is not Outcome.HOLDS:
        word = "is refuted" if outcome is Outcome.REFUTED else "is undecided"
        said = f"{report.target} {word} in {open_} of {len(report.cases)} shapes. {judged}"
    blocks: list[Block] = [Badge(known, said), _table(report)]
    shown = [c for c in report.cases if c.verdict.outcome is outcome]
    if outcome is not Outcome.HOLDS:
        alike: dict[str, list[Shown]] = {}
        for case in shown:
            alike.setdefault(_kind(case), []).append(case)
        for cases in list(alike.values())[:MOST_CELLS]:
            blocks += _case(cases, report)
    counted = Counter[str]()
    for case in report.cases:
        counted.update(case.followed.operations)
    if counted:
        listed = ", ".join(f"{name} {n}" for name, n in sorted(counted.items()))
        blocks.append(paragraph(f"Followed: {listed}."))
    blocks.append(paragraph(f"Trusted: {'; '.join(scope.trusted)}."))
    decoded = [d for c in report.cases for d in c.decoded]
    if decoded:
        more = f" Other shapes decoded: {len(decoded) - 1}." if len(decoded) > 1 else ""
        blocks.append(paragraph(f"Decoded: {decoded[0]}.{more}"))
    if report.replayed:
        blocks.append(paragraph(f"Replayed: {report.replayed}."))
    told = ", ".join(f"{k} {v}" for k, v in report.environment.items())
    blocks.append(paragraph(f"Environment: {told}."))
    if report.command:
        blocks.append(Listing(report.command))
    against = f" against {report.against}" if report.against else ""
    return Document(f"{report.target}{against}, {report.way}", tuple(blocks))


def _table(report: Following) -> Table:
    rows: list[tuple[tuple[Inline, ...], ...]] = []
    for case in report.cases[:MOST_ROWS]:
        ops = sum(case.followed.operations.values())
        cells = (
            case.layer.name,
            WORDS[case.verdict.outcome],
            f"{case.followed.cells:,}",
            f"{ops:,}",
        )
        rows.append(tuple((text,) for text in cells))
    if len(report.cases) > MOST_ROWS:
        rest = len(report.cases) - MOST_ROWS
        rows.append(((f"{rest} more",), ("in --json",), ("",), ("",)))
    return Table(("shape", "verdict", "cells", "operations"), tuple(rows), (40, 12, 10, 12))


def _kind(case: Shown) -> str:
    """A key that is equal for shapes that fail in the same way and are reported together."""
    if case.followed.differences:
        return "products"
    return key_of(case.verdict.reasons)


def _case(cases: list[Shown], report: Following) -> list[Block]:
    """Report the first of several similar cases in full, and the others by name."""
    first = cases[0]
    blocks: list[Block] = [
        Heading(3, first.layer.name),
        Badge(first.verdict.outcome.value.upper(), f"{first.verdict.cause}."),
    ]
    differences = first.followed.differences
    if differences:
        lines = [d.told(report.paper) for d in differences[:MOST_CELLS]]
        if len(differences) > MOST_CELLS:
            lines.append(f"... and {len(differences) - MOST_CELLS} more cells")
        blocks.append(Listing("\n".join(lines)))
        blocks += _sums(differences[0], report)
    if len(cases) > 1:
        names = "; ".join(c.layer.name for c in cases[1:4])
        more = " ..." if len(cases) > 4 else "."
        blocks.append(paragraph(f"{len(cases) - 1} more with the same fault: {names}{more}"))
    return blocks


def _sums(difference: Difference, report: Following) -> list[Block]:
    """The cell by the definition and by the program, if both sums are short enough to read."""
    sides = {report.against or "the definition": difference.wanted, report.target: difference.got}
    if len(sides) < 2 or max(map(len, sides.values())) > MOST_PRODUCTS:
        return []
    cell = Letter(NAMES[difference.result], shown_index(difference.place, report.paper))
    found: list[Block] = []
    for name, terms in sides.items():
        found += [paragraph(f"By {name}:"), Equation(equals(cell, _sum(terms, report.paper)))]
    return found


def _sum(terms: Terms, paper: bool) -> Math:
    products: list[Math] = []
    for variables in sorted(terms, key=lambda v: (-len(v), [(n != "x", i) for n, i in ordered(v)])):
        factors: list[Math] = [Letter(n, shown_index(i, paper)) for n, i in ordered(variables)]
        if terms[variables] == -1 and factors:  # written as a sign
            names = tuple(entry_name(n, shown_index(i, paper)) for n, i in ordered(variables))
            products.append(Value(Polynomial(((names, -1),))))
            continue
        if terms[variables] != 1 or not factors:
            factors.insert(0, Value(terms[variables]))
        products.append(factors[0] if len(factors) == 1 else Product(tuple(factors)))
    return products[0] if len(products) == 1 else Sum(tuple(products)) if products else Value(0)


def to_json(report: Following) -> dict[str, Any]:
    """The object that `--json` prints."""
    findings = []
    for n, case in enumerate(report.cases):
        if case.verdict.outcome is Outcome.HOLDS:
            continue
        findings.append(
            {
                "id": n,
                "kind": "symbolic",
                "rung": "symbolic",
                "case": case.layer.name,
                **case.verdict.to_json(),
                "refusal": case.followed.refusal,
                "decoded": list(case.decoded),
                "differences": [d.told(report.paper) for d in case.followed.differences],
                "command": report.command,
            }
        )
    return {
        "schema": "symconv/1",
        "verb": "check",
        "verdict": report.outcome.value,
        "evidence": report.evidence.to_json(),
        "findings": findings,
        "cases": len(report.cases),
        "cells": sum(c.followed.cells for c in report.cases),
        "operations": dict(sum((Counter(c.followed.operations) for c in report.cases), Counter())),
        "replayed": report.replayed,
        "environment": report.environment,
    }
