"""A campaign as a page, as JSON and as JUnit's XML."""

from __future__ import annotations

from textwrap import shorten
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from symconv.checking.page import derived
from symconv.checking.pictures import error_map
from symconv.document.tree import Badge, Block, Document, Heading, Listing, Table, paragraph
from symconv.errors import SymconvError
from symconv.evidence import Evidence, Method, Outcome, Semantics
from symconv.fuzz.campaign import Result, coverage, signature
from symconv.fuzz.corners import CONFIGURATIONS
from symconv.fuzz.execute import Executor
from symconv.fuzz.finding import NOT_JUDGED, Finding
from symconv.fuzz.pasted import snippet
from symconv.fuzz.sweep import sentence
from symconv.fuzz.values import operands
from symconv.judge import Judgement, Standard, judge, truths, with_errors
from symconv.targets import torchlib
from symconv.targets.environment import describe
from symconv.targets.resolve import Implementation
from symconv.targets.tensors import Problem

MOST_GRID = 12


def outcome(result: Result) -> Outcome:
    """Refuted by any finding that is not known; undecided when it was stopped before."""
    by_symbols = result.symbolic is not None and result.symbolic["refuted"]
    if by_symbols or any(finding.kind != NOT_JUDGED for finding in result.findings):
        return Outcome.REFUTED
    open_ = result.findings or result.interrupted or not result.tally.cases
    return Outcome.UNDECIDED if open_ else Outcome.HOLDS


def evidence(result: Result) -> Evidence:
    """The scope of a campaign."""
    work, tally = result.work, result.tally
    space = work.space
    return Evidence(
        f"{work.target} gives the exact results on every case drawn",
        f"{tally.cases} cases, seed {work.seed}, {', '.join(dict.fromkeys(space.dtypes))} on "
        f"{space.device}, {', '.join(sorted({str(d) for d in space.dims}))} spatial axes",
        Semantics.IEEE,
        Method.CHECKED,
        ("the sampler (fuzz/space.py)", "the exact contraction (fuzz/plan.py, arithmetic/)"),
        "symconv replay case-<id>.json, or the snippet",
        "conventional" if work.algorithm == "direct" else "any; conventional where it holds",
    )


def judged(finding: Finding) -> tuple[Problem, Judgement] | None:
    """The ladder's word on what was kept of a small result."""
    if not finding.results or finding.case.dtype == "int64":
        return None
    case = finding.case
    executor = Executor(Implementation("target", lambda *a, **k: None))
    plan = executor.plan(case)
    problem = executor.problem(case, plan, operands(case, plan))
    truth = truths(problem).get(finding.result)
    if truth is None:
        return None
    actual = np.array([float(v) for v in finding.results["actual"]])
    result = actual.reshape(finding.results["shape"])
    if result.shape != truth.centre.shape[1:]:
        return None
    told = judge("the target", truth, problem, result, Standard())
    return problem, with_errors(told, truth, problem, result, Standard())


def grids(finding: Finding) -> str:
    """Expected and got side by side, wrong cells marked with a star; the first plane with one."""
    if not finding.results or finding.kind == "non-finite":  # kept is the sum of finite terms
        return ""
    shape = finding.results["shape"]
    exact, actual = (np.array([float(v) for v in finding.results[n]]).reshape(shape)
                     for n in ("exact", "actual"))  # fmt: skip
    with np.errstate(invalid="ignore"):
        wrong = ~((actual == exact) | (np.isnan(actual) & np.isnan(exact)))
    if not wrong.any():
        return ""
    place = tuple(np.argwhere(wrong)[0][:-2].tolist()) if exact.ndim > 2 else ()
    e, a, w = (np.atleast_2d(t[place])[:MOST_GRID, :MOST_GRID] for t in (exact, actual, wrong))
    left = [[f"{v:.6g}" for v in row] for row in e]
    right = [[f"{v:.6g}" + ("*" if bad else " ") for v, bad in zip(row, marks, strict=True)]
             for row, marks in zip(a, w, strict=True)]  # fmt: skip
    widths = [max(len(c) for row in side for c in row) for side in (left, right)]
    lines = [f"plane {list(place)}" if place else "", f"expected{' ' * 6}got, wrong cells marked *"]
    for one, other in zip(left, right, strict=True):
        cells = ("  ".join(c.rjust(width) for c in row)
                 for row, width in zip((one, other), widths, strict=True))  # fmt: skip
        lines.append("      ".join(cells))
    return "\n".join(filter(None, lines))


def summary(result: Result) -> Table:
    """One line a finding."""
    rows = tuple(
        ((f.kind,), (_named(f),), (f"{f.alike:,}",), (f.reproduced or "-",))
        for f in result.findings
    )
    return Table(("kind", "cause", "raw", "again alone"), rows, (14, 40, 8, 12))


def section(result: Result, finding: Finding, folder: str, *, pictures: bool = True) -> list[Block]:
    """One finding."""
    work = result.work
    blocks: list[Block] = [
        Heading(2, f"{finding.kind}: {_named(finding)}"),
        Badge(
            "UNDECIDED" if finding.kind == NOT_JUDGED else "REFUTED",
            f"{finding.case}. Cause: {finding.cause.rstrip('.')}.",
        ),
    ]
    alike = f"{finding.alike} raw findings are of this kind" if finding.alike > 1 else "seen once"
    ran = f"; run again alone, it showed {finding.reproduced} times" if finding.reproduced else ""
    own = finding.kernel and work.target == "torch"  # another target may call anything
    kernel = f"; torch's kernel {finding.kernel}" if own else ""
    blocks.append(paragraph(f"{alike}{ran}{kernel}."))
    if finding.where:
        blocks.append(
            paragraph(f"{finding.where}: exact {finding.expected}, actual {finding.actual}.")
        )
    try:
        shown = grids(finding)
        if shown:
            blocks.append(Listing(shown))
        pair = judged(finding)
        if pair is not None and pair[1].worst is not None:
            blocks += derived(*pair)
        if pictures and pair is not None and pair[1].plane is not None:
            blocks.append(error_map(pair[1].result, pair[1].plane))
        lines = snippet(work.target, work.call, finding)
        if lines:
            blocks += [paragraph("In plain torch:"), Listing(lines)]
    except SymconvError as error:
        blocks.append(paragraph(f"It cannot be written out: {error}"))
    return [*blocks, Listing(replay_command(finding, folder))]


def _named(finding: Finding) -> str:
    """A cause in few words, cut between two of them."""
    return shorten(finding.cause.split(":")[0], 64, placeholder=" ...")


def replay_command(finding: Finding, folder: str) -> str:
    """How to run a stored finding again."""
    return f"symconv replay {folder}/case-{finding.id}.json"


def document(result: Result, folder: str = "symconv-cases", *, pictures: bool = True) -> Document:
    """The page; a terminal has no use for pictures."""
    tally, scope = result.tally, evidence(result)
    words = {Outcome.HOLDS: "CHECKED", Outcome.REFUTED: "REFUTED", Outcome.UNDECIDED: "UNDECIDED"}
    found = outcome(result)
    count = len(result.findings)
    said = {
        Outcome.HOLDS: scope.statement,
        Outcome.REFUTED: f"{count} {'finding' if count == 1 else 'findings'}, from {tally.raw} raw",
        Outcome.UNDECIDED: "stopped before anything was found"
        if result.interrupted
        else "some results could not be judged",
    }[found]
    blocks: list[Block] = [Badge(words[found], f"{said}: {scope.domain}.")]
    seconds, kinds = max(tally.seconds, 1e-9), tally.corners[CONFIGURATIONS]
    blocks.append(
        paragraph(
            f"{tally.cases:,} cases of {kinds:,} configurations in {tally.seconds:.0f} s "
            f"({tally.cases / seconds:.0f} and {kinds / seconds:.0f} a second), "
            f"{tally.deaths} workers replaced."
        )
    )
    if result.symbolic is not None:
        blocks.append(paragraph(sentence(result.symbolic)))
    if count > 1:
        blocks.append(summary(result))
    for finding in result.findings:
        blocks += section(result, finding, folder, pictures=pictures)
    for finding in result.known:
        blocks.append(paragraph(f"Known: {signature(finding)} ({finding.alike} raw)."))
    rows = tuple(((name,), (f"{n:,}",)) for name, n in coverage(tally))
    blocks += [Heading(2, "Corners met"), Table(("corner", "cases"), rows, (32, 12))]
    if torchlib.installed():
        told = describe("cpu", {})
        blocks.append(paragraph("Environment: " + ", ".join(f"{k} {v}" for k, v in told.items())))
    return Document(f"Campaign over {result.work.target}", tuple(blocks))


def to_json(result: Result, folder: str = "symconv-cases") -> dict[str, Any]:
    """The object that `--json` prints."""
    return {
        "schema": "symconv/1",
        "verb": "fuzz",
        "verdict": outcome(result).value,
        "evidence": evidence(result).to_json(),
        "findings": [
            {"id": f.id, "kind": f.kind, "cause": f.cause, "case": f.case.to_json(),
             "expected": f.expected, "actual": f.actual, "where": f.where, "alike": f.alike,
             "reproduced": f.reproduced, "kernel": f.kernel, "signature": signature(f),
             "snippet": snippet(result.work.target, result.work.call, f),
             "command": replay_command(f, folder)}
            for f in result.findings
        ],
        "known": [signature(f) for f in result.known],
        "raw": result.tally.raw,
        "cases": result.tally.cases,
        "configurations": result.tally.corners[CONFIGURATIONS],
        "symbolic": result.symbolic,
        "corners": dict(coverage(result.tally)),
        "seconds": round(result.tally.seconds, 3),
        "seed": result.work.seed,
        "environment": describe("cpu", {}) if torchlib.installed() else {},
    }  # fmt: skip


def junit(result: Result) -> str:
    """One test case a finding, for CI servers."""
    cases = []
    for finding in result.findings:
        name = quoteattr(f"{finding.kind}: {finding.case}")
        text = escape(f"{finding.cause}\n{snippet(result.work.target, result.work.call, finding)}")
        cases.append(
            f"  <testcase classname={quoteattr(result.work.target)} name={name}>\n"
            f"    <failure type={quoteattr(finding.kind)}>{text}</failure>\n  </testcase>"
        )
    if not cases:
        cases = [f"  <testcase classname={quoteattr(result.work.target)} "
                 f'name="{result.tally.cases} cases"/>']  # fmt: skip
    body = "\n".join(cases)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuite name="symconv fuzz" tests="{len(cases)}" failures="{len(result.findings)}">\n'
        f"{body}\n</testsuite>\n"
    )
