"""What a check found, as a page and as JSON."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Any

from symconv.arithmetic.deciding import Worst, nearest_float
from symconv.checking.run import RESULTS, Report
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
from symconv.judge import Judgement
from symconv.targets.tensors import Problem

MOST_FINDINGS = 5
MOST_PRODUCTS = 6
WORDS = {
    Outcome.HOLDS: "holds",
    Outcome.REFUTED: "REFUTED",
    Outcome.UNDECIDED: "undecided",
}


def command(report: Report) -> str:
    """The same run again."""
    parts = [f"symconv check {report.target} --dtype {report.dtype} --device {report.device}"]
    if report.layout != "contiguous":
        parts.append(f"--layout {report.layout}")
    if report.algorithm != "any":
        parts.append(f"--algorithm {report.algorithm}")
    return " ".join([*parts, f"--seed {report.seed}"])


def _short(value: Fraction) -> str:
    """An exact value, in full while that is readable."""
    text = str(value)
    if len(text) <= 60:
        return text
    return f"{nearest_float(value):.17g} (exactly a fraction of {len(text)} digits)"


def products(problem: Problem, judgement: Judgement) -> str:
    """The exact sum of the deciding element, its first terms written out."""
    worst = judgement.worst
    if worst is None or not worst.products or problem.dtype.startswith("complex"):
        return ""
    names = {
        "output": ("x", "w", problem.x, problem.w),
        "grad_input": ("g", "w", problem.grad, problem.w),
        "grad_weight": ("x", "g", problem.x, problem.grad),
    }
    if judgement.result not in names:
        return ""
    left, right, a, b = names[judgement.result]
    lines = [f"{worst.place} ="]
    for u, v in worst.products[:MOST_PRODUCTS]:
        lines.append(f"  + {left}{list(u)} * {right}{list(v)} = {a[u]:.9g} * {b[v]:.9g}")
    if len(worst.products) > MOST_PRODUCTS:
        lines.append(f"  + {len(worst.products) - MOST_PRODUCTS} more products")
    if judgement.result == "output" and problem.bias is not None:
        channel = int(worst.place[2:-1].split(", ")[1])
        lines.append(f"  + bias[{channel}] = {problem.bias[channel]:.9g}")
    return "\n".join([*lines, f"  = {_short(worst.exact)}"])


def _finding(problem: Problem, judgement: Judgement) -> list[Block]:
    worst = judgement.worst
    scope = judgement.verdict.evidence
    blocks: list[Block] = [
        Heading(3, f"{judgement.result}, {judgement.rung} rung: {problem.what}"),
        Badge(
            judgement.verdict.outcome.value.upper(),
            f"{judgement.verdict.cause}. Class: {scope.algorithm_class}.",
        ),
    ]
    if worst is not None:
        blocks.append(
            paragraph(
                f"{worst.place}: exact {_short(worst.exact)}, nearest in {problem.dtype} "
                f"{worst.rounded:.9g}, actual {worst.actual:.9g}, error {worst.error:.3g}, allowed "
                f"{worst.bound:.3g} ({judgement.model}, n = {judgement.terms})."
            )
        )
        written = products(problem, judgement)
        if written:
            blocks.append(Listing(written))
    return blocks


def _table(report: Report) -> Table:
    counted: Counter[tuple[str, str, str, str]] = Counter()
    for _, j in report.judgements:
        counted[(j.result, j.rung, j.model or "-", WORDS[j.verdict.outcome])] += 1
    order = {name: n for n, name in enumerate(RESULTS)}
    rows = sorted(counted.items(), key=lambda item: (order.get(item[0][0], -1), item[0]))
    written: list[tuple[tuple[Inline, ...], ...]] = [
        tuple((cell,) for cell in (*key, str(count))) for key, count in rows
    ]
    return Table(
        ("result", "rung", "consistent with", "verdict", "calls"),
        tuple(written),
        (14, 12, 24, 12, 8),
    )


def document(report: Report) -> Document:
    """The page: the table, the findings, the environment."""
    outcome, scope = report.outcome, report.evidence
    known = f", {scope.method.value}" if outcome is Outcome.HOLDS else ""
    blocks: list[Block] = [
        Badge(
            WORDS[outcome].upper() + known,
            f"{scope.statement}: {scope.domain}. Class: {scope.algorithm_class}.",
        ),
        _table(report),
    ]
    for shown in (Outcome.REFUTED, Outcome.UNDECIDED):
        found = report.findings(shown)
        for problem, judgement in found[:MOST_FINDINGS]:
            blocks += _finding(problem, judgement)
        if len(found) > MOST_FINDINGS:
            blocks.append(paragraph(f"{len(found) - MOST_FINDINGS} more of this kind follow."))
    environment = ", ".join(f"{k} {v}" for k, v in report.environment.items())
    if environment:
        blocks.append(paragraph(f"Environment: {environment}."))
    blocks.append(Listing(command(report)))
    return Document(f"Check of {report.target}, {report.dtype} on {report.device}", tuple(blocks))


def _worst_json(worst: Worst | None) -> dict[str, Any] | None:
    if worst is None:
        return None
    return {
        "element": worst.place,
        "exact": str(worst.exact),
        "rounded": worst.rounded,
        "actual": repr(worst.actual),
        "error": repr(worst.error),
        "bound": worst.bound,
    }


def to_json(report: Report) -> dict[str, Any]:
    """The object that `--json` prints."""
    findings = []
    for n, (problem, j) in enumerate(
        [*report.findings(Outcome.REFUTED), *report.findings(Outcome.UNDECIDED)]
    ):
        findings.append(
            {
                "id": n,
                "kind": j.kind if j.rung == "structural" else j.result,
                "rung": j.rung,
                "model": j.model,
                "terms": j.terms,
                "beyond": j.beyond,
                "cells": j.cells,
                "case": problem.what,
                **j.verdict.to_json(),
                "worst": _worst_json(j.worst),
                "command": command(report),
            }
        )
    return {
        "schema": "symconv/1",
        "verb": "check",
        "verdict": report.outcome.value,
        "evidence": report.evidence.to_json(),
        "findings": findings,
        "cases": len(report.judgements),
        "seed": report.seed,
        "environment": report.environment,
    }
