"""What following a program showed, as a page and as JSON."""

from __future__ import annotations

from collections import Counter
from typing import Any

from symconv.checking.following import Following, Shown
from symconv.document.tree import (
    Badge,
    Block,
    Document,
    Heading,
    Inline,
    Listing,
    Table,
    paragraph,
)
from symconv.evidence import Outcome

MOST_CELLS = 5
MOST_ROWS = 12
WORDS = {Outcome.HOLDS: "identical", Outcome.REFUTED: "REFUTED", Outcome.UNDECIDED: "undecided"}


def document(report: Following) -> Document:
    """The page: the verdict, shape by shape, the products of wrong cells, what is trusted."""
    scope, outcome = report.evidence, report.outcome
    open_ = sum(c.verdict.outcome is outcome for c in report.cases)
    known = scope.method.value if outcome is Outcome.HOLDS else outcome.value.upper()
    said = f"{scope.statement}: {scope.domain}."
    if outcome is not Outcome.HOLDS:
        word = "computes something else" if outcome is Outcome.REFUTED else "is undecided"
        said = f"{report.target} {word} in {open_} of {len(report.cases)} shapes: {scope.domain}."
    blocks: list[Block] = [Badge(known, said), _table(report)]
    shown = [c for c in report.cases if c.verdict.outcome is outcome]
    if outcome is not Outcome.HOLDS:
        alike: dict[str, list[Shown]] = {}
        for case in shown:
            alike.setdefault(_kind(case), []).append(case)
        for cases in list(alike.values())[:MOST_CELLS]:
            blocks += _case(cases, report.paper)
    counted = Counter[str]()
    for case in report.cases:
        counted.update(case.followed.operations)
    if counted:
        listed = ", ".join(f"{name} {n}" for name, n in sorted(counted.items()))
        blocks.append(paragraph(f"Followed: {listed}."))
    blocks.append(paragraph(f"Trusted: {'; '.join(scope.trusted)}."))
    decoded = [d for c in report.cases for d in c.decoded]
    if decoded:
        more = f" {len(decoded) - 1} more shapes alike." if len(decoded) > 1 else ""
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
    """Shapes that fail in one way are told once."""
    if case.followed.differences:
        return "products"
    return case.verdict.cause.split(":")[0] + case.followed.refusal


def _case(cases: list[Shown], paper: bool) -> list[Block]:
    """The first of its kind in full, the others by name."""
    first = cases[0]
    blocks: list[Block] = [
        Heading(3, first.layer.name),
        Badge(first.verdict.outcome.value.upper(), f"{first.verdict.cause}."),
    ]
    differences = first.followed.differences
    if differences:
        lines = [d.told(paper) for d in differences[:MOST_CELLS]]
        if len(differences) > MOST_CELLS:
            lines.append(f"... and {len(differences) - MOST_CELLS} more cells")
        blocks.append(Listing("\n".join(lines)))
    if len(cases) > 1:
        names = "; ".join(c.layer.name for c in cases[1:4])
        more = " ..." if len(cases) > 4 else "."
        blocks.append(paragraph(f"{len(cases) - 1} more alike: {names}{more}"))
    return blocks


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
