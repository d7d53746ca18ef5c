"""The report of `symconv check` as the object that `--json` prints."""

from __future__ import annotations

from typing import Any

from symconv.exact.deciding import Worst
from symconv.judging.case_snippet import snippet
from symconv.judging.run import Report
from symconv.results.evidence import Outcome


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
                "message": j.raised.message if j.raised is not None else "",
                "frame": j.raised.frame if j.raised is not None else "",
                "snippet": snippet(report, problem, j),
                "command": report.command,
            }
        )
    return {
        "schema": "symconv/1",
        "verb": "check",
        "verdict": report.outcome.value,
        "evidence": report.evidence.to_json(),
        "findings": findings,
        "cases": sum(report.counts.values()),
        "counts": report.counts,
        "passes": report.passes,
        "judgements": len(report.judgements),
        "symbolic": [
            {"case": c.layer.name, "verdict": c.verdict.outcome.value, "cause": c.verdict.cause}
            for c in (report.followed.cases if report.followed is not None else ())
        ],
        "suspect": bool(report.suspects),
        "largest_error_over_bound": max((j.ratio for _, j in report.judgements), default=0.0),
        "seed": report.seed,
        "environment": report.environment,
    }
