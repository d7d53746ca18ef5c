"""Reports of a campaign: as a page, as JSON and as JUnit XML."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from symconv.campaign.campaign import CampaignResult, Tally, coverage, signature
from symconv.campaign.execute import Executor
from symconv.campaign.finding import Finding
from symconv.campaign.finding_snippet import snippet
from symconv.campaign.operand_values import operands
from symconv.campaign.space import CONFIGURATIONS, limits
from symconv.campaign.sweep import sentence
from symconv.core.errors import SymconvError
from symconv.exact.dtypes import INTEGER
from symconv.judging.check_page import counted, derived
from symconv.judging.error_pictures import error_map
from symconv.judging.judgement import Judgement, Standard
from symconv.judging.rungs import judge
from symconv.judging.spread import with_errors
from symconv.judging.truths import truths
from symconv.render.tree import Badge, Block, Document, Heading, Listing, Table, paragraph
from symconv.results.evidence import EXACT, UNDECIDED, WITHIN, Evidence, Method, Outcome, Semantics
from symconv.results.reasons import ReasonKind
from symconv.results.words import sentences
from symconv.targets.engine import Implementation, engine_named
from symconv.targets.tensors import Problem

MOST_GRID = 12
MOST_REASONS = 5


def outcome(result: CampaignResult) -> Outcome:
    """Outcome of the whole campaign.

    Refuted if any finding that is not known refutes the target. Undecided if no case was judged,
    a finding is undecided or the campaign was stopped, and, with `fail_on_undecided`, if any case
    is undecided.
    """
    by_symbols = result.symbolic is not None and result.symbolic["refuted"]
    if by_symbols or any(finding.refutes for finding in result.findings):
        return Outcome.REFUTED
    counts = result.counts
    decided = counts[EXACT] + counts[WITHIN] + counts["known"]
    doubts = result.fail_on_undecided and counts[UNDECIDED]
    open_ = result.findings or result.interrupted or not decided or doubts
    return Outcome.UNDECIDED if open_ else Outcome.HOLDS


def statement(result: CampaignResult) -> str:
    """What the counts of a campaign show, as a sentence that claims no more than that."""
    target, counts = result.work.target, result.counts
    meta = result.work.space.device == "meta"
    if counts[EXACT] == result.tally.cases:
        what = "the shapes of the size law" if meta else "the exact results"
        return f"{target} gives {what} on every case drawn"
    if counts[EXACT] + counts[WITHIN] == result.tally.cases:
        return f"{target} is consistent with the exact results on every case drawn"
    known = ", apart from known findings" if counts["known"] else ""
    return f"{target} is consistent with the exact results on every case that was decided{known}"


def passes(result: CampaignResult) -> str:
    """Which passes were judged, as text."""
    space = result.work.space
    if space.device == "meta":
        return "shapes only: the meta device has no values"
    if space.gradients:
        return "forward and backward"
    if result.forward_only:
        return "forward only (no backward pass: gradients were not judged)"
    return "forward only"


def evidence(result: CampaignResult) -> Evidence:
    """The evidence of a campaign: its statement, domain, method and trusted parts."""
    work, tally = result.work, result.tally
    space = work.space
    return Evidence(
        statement(result),
        f"{tally.cases} cases, seed {work.seed}, {', '.join(dict.fromkeys(space.dtypes))} on "
        f"{space.device}, {', '.join(sorted({str(d) for d in space.dims}))} spatial axes, "
        f"{passes(result)}",
        Semantics.IEEE,
        Method.CHECKED,
        (
            "the sampler (campaign/space.py)",
            "the exact contraction (campaign/contractions.py, exact/)",
        ),
        "symconv replay case-<id>.json, or the snippet",
        "conventional" if work.algorithm == "direct" else "any; conventional where it holds",
    )


def judged(finding: Finding) -> tuple[Problem, Judgement] | None:
    """The problem of a finding and the ladder's judgement of its stored result.

    None if the result was not stored, is int64, or has another shape than the exact one.
    """
    if not finding.results or finding.case.dtype in INTEGER:
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
    """Expected and actual values side by side, for the first plane with a wrong cell.

    Wrong cells are marked with a star. Empty if nothing was stored or no stored cell differs.
    """
    if not finding.results or finding.kind == "non-finite":  # only finite sums are stored
        return ""
    shape = finding.results["shape"]
    exact, actual = (
        np.array([float(v) for v in finding.results[n]]).reshape(shape) for n in ("exact", "actual")
    )
    with np.errstate(invalid="ignore"):
        wrong = ~((actual == exact) | (np.isnan(actual) & np.isnan(exact)))
    if not wrong.any():
        return ""
    place = tuple(np.argwhere(wrong)[0][:-2].tolist()) if exact.ndim > 2 else ()
    e, a, w = (np.atleast_2d(t[place])[:MOST_GRID, :MOST_GRID] for t in (exact, actual, wrong))
    left = [[f"{v:.6g}" for v in row] for row in e]
    right = [
        [f"{v:.6g}" + ("*" if bad else " ") for v, bad in zip(row, marks, strict=True)]
        for row, marks in zip(a, w, strict=True)
    ]
    widths = [max(len(c) for row in side for c in row) for side in (left, right)]
    lines = [f"plane {list(place)}" if place else "", f"expected{' ' * 6}got, wrong cells marked *"]
    for one, other in zip(left, right, strict=True):
        cells = (
            "  ".join(c.rjust(width) for c in row)
            for row, width in zip((one, other), widths, strict=True)
        )
        lines.append("      ".join(cells))
    return "\n".join(filter(None, lines))


def summary(result: CampaignResult) -> Table:
    """Table with one row per finding."""
    rows = tuple(
        ((f.kind,), (_named(f),), (f"{f.alike:,}",), (f.reproduced or "-",))
        for f in result.findings
    )
    return Table(("kind", "cause", "raw", "reproduced"), rows, (14, 40, 8, 12))


def section(
    result: CampaignResult, finding: Finding, folder: str, *, pictures: bool = True
) -> list[Block]:
    """The blocks of one finding: verdict, values, pictures, snippet and the replay command."""
    work = result.work
    blocks: list[Block] = [
        Heading(2, f"{finding.kind}: {_named(finding)}"),
        Badge(
            "REFUTED" if finding.refutes else "UNDECIDED",
            f"{finding.case}. Cause: {finding.cause.rstrip('.')}.",
        ),
    ]
    if finding.frame:
        blocks.append(paragraph(f"Raised at {finding.frame}."))
    alike = "seen once"
    if finding.alike > 1:
        alike = f"{finding.alike} raw findings match"
    if finding.unexamined:
        alike += f", {finding.unexamined} of them only by their kind, without being examined"
    ran = f"; in separate runs, reproduced {finding.reproduced} times" if finding.reproduced else ""
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
        lines = _snippet(result, finding)
        if lines:
            blocks += [paragraph("In plain torch:"), Listing(lines)]
    except SymconvError as error:
        blocks.append(paragraph(f"The call cannot be written out: {error}"))
    return [*blocks, Listing(replay_command(finding, folder))]


def _named(finding: Finding) -> str:
    """The name of a cause: of a known mistake, or the first reason, cut between words."""
    first = finding.diagnosis[0] if finding.diagnosis else None
    if first is not None and first.kind is ReasonKind.MISTAKE:
        return str(first["name"])
    return shorten(sentences(finding.diagnosis[:1]), 64, placeholder=" ...")


def replay_command(finding: Finding, folder: str) -> str:
    """The command that runs a stored finding again."""
    return f"symconv replay {folder}/case-{finding.id}.json"


def document(
    result: CampaignResult, folder: str = "symconv-cases", *, pictures: bool = True
) -> Document:
    """The page of a campaign; a terminal needs no `pictures`."""
    tally, scope = result.tally, evidence(result)
    words = {Outcome.HOLDS: "CHECKED", Outcome.REFUTED: "REFUTED", Outcome.UNDECIDED: "UNDECIDED"}
    found = outcome(result)
    count = len(result.findings)
    said = {
        Outcome.HOLDS: scope.statement,
        Outcome.REFUTED: f"{count} {'finding' if count == 1 else 'findings'}, from {tally.raw} raw",
        Outcome.UNDECIDED: _doubt(result),
    }[found]
    blocks: list[Block] = [Badge(words[found], f"{said}: {scope.domain}.")]
    seconds, kinds = tally.seconds, tally.corners[CONFIGURATIONS]
    rate = ""
    if seconds >= 1:
        cases, shapes = tally.cases / seconds, kinds / seconds
        rate = f" ({cases:.0f} cases and {shapes:.0f} configurations per second)"
    blocks.append(paragraph(f"{counted(result.counts)}."))
    blocks += [_reasons(tally, key) for key, _ in tally.reasons.most_common(MOST_REASONS)]
    blocks.append(
        paragraph(
            f"{kinds:,} configurations in {tally.seconds:.0f} s{rate}, {tally.deaths} workers "
            "replaced."
        )
    )
    blocks.append(
        paragraph(f"Larger configurations than these are not drawn: {limits(result.work.space)}.")
    )
    if result.symbolic is not None:
        blocks.append(paragraph(sentence(result.symbolic)))
    if count > 1:
        blocks.append(summary(result))
    for finding in result.findings:
        blocks += section(result, finding, folder, pictures=pictures)
    for finding in result.known:
        blocks.append(paragraph(f"Known: {signature(finding)} ({_raw(finding)})."))
    rows = tuple(((name,), (f"{n:,}",)) for name, n in coverage(tally))
    blocks += [Heading(2, "Corner cases covered"), Table(("corner", "cases"), rows, (32, 12))]
    told = engine_named(result.work.engine).environment(_device(result), {})
    if told:
        blocks.append(paragraph("Environment: " + ", ".join(f"{k} {v}" for k, v in told.items())))
    return Document(f"Campaign over {result.work.target}", tuple(blocks))


def _reasons(tally: Tally, key: str) -> Block:
    """How many cases are undecided or unsupported for one reason, with the first one's."""
    count, example = tally.reasons[key], tally.examples[key]
    cases = "1 case is" if count == 1 else f"{count:,} cases are"
    first = "" if count == 1 else "the first one, "
    return paragraph(f"{cases} {example.outcome}; {first}{example.why}.")


def _snippet(result: CampaignResult, finding: Finding) -> str:
    work = result.work
    return snippet(work.target, work.call, finding, work.engine, work.surface)


def _raw(finding: Finding) -> str:
    """Number of raw findings that a finding stands for, as text."""
    doubt = f", {finding.unexamined} of them not examined" if finding.unexamined else ""
    return f"{finding.alike} raw{doubt}"


def _device(result: CampaignResult) -> str:
    """The device of the environment report; the meta device runs on the CPU."""
    return "cuda" if result.work.space.device == "cuda" else "cpu"


def _doubt(result: CampaignResult) -> str:
    """Why a campaign is undecided."""
    counts = result.counts
    if result.interrupted:
        return "stopped before anything was found"
    if not counts[EXACT] + counts[WITHIN] + counts["known"]:
        return "no case could be judged"
    if result.findings:
        return "some cases ended in a way that is not evidence against the target"
    return f"{counts[UNDECIDED]:,} cases are undecided"


def to_json(result: CampaignResult, folder: str = "symconv-cases") -> dict[str, Any]:
    """The object that `--json` prints."""
    return {
        "schema": "symconv/1",
        "verb": "fuzz",
        "verdict": outcome(result).value,
        "evidence": evidence(result).to_json(),
        "findings": [
            {
                "id": f.id,
                "kind": f.kind,
                "cause": f.cause,
                "case": f.case.to_json(),
                "expected": f.expected,
                "actual": f.actual,
                "where": f.where,
                "alike": f.alike,
                "unexamined": f.unexamined,
                "verdict": "refuted" if f.refutes else "undecided",
                "message": f.message,
                "frame": f.frame,
                "detail": f.detail,
                "reasons": [reason.to_json() for reason in f.reasons],
                "diagnosis": [reason.to_json() for reason in f.diagnosis],
                "reproduced": f.reproduced,
                "kernel": f.kernel,
                "signature": signature(f),
                "snippet": _snippet(result, f),
                "command": replay_command(f, folder),
            }
            for f in result.findings
        ],
        "known": [signature(f) for f in result.known],
        "raw": result.tally.raw,
        "cases": result.tally.cases,
        "counts": result.counts,
        "reasons": {
            result.tally.examples[key].text: number
            for key, number in result.tally.reasons.most_common()
        },
        "passes": passes(result),
        "configurations": result.tally.corners[CONFIGURATIONS],
        "symbolic": result.symbolic,
        "corners": dict(coverage(result.tally)),
        "seconds": round(result.tally.seconds, 3),
        "seed": result.work.seed,
        "environment": engine_named(result.work.engine).environment(_device(result), {}),
    }


def junit(results: Sequence[CampaignResult]) -> str:
    """JUnit XML for CI servers: one suite per campaign, one test case per finding."""
    suites = "\n".join(map(_suite, results))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n{suites}\n</testsuites>\n'


def _suite(result: CampaignResult) -> str:
    work, counts = result.work, result.counts
    cases = []
    for finding in result.findings:
        name = _attribute(f"{finding.kind}: {finding.case}")
        parts = (
            finding.cause,
            finding.message,
            _snippet(result, finding),
        )
        text = escape(_printable("\n".join(filter(None, parts))))
        tag = "failure" if finding.refutes else "error"
        cases.append(
            f"    <testcase classname={_attribute(work.target)} name={name}>\n"
            f"      <{tag} type={_attribute(finding.kind)}>{text}</{tag}>\n    </testcase>"
        )
    doubt = outcome(result) is Outcome.UNDECIDED and not cases
    if not cases:
        inner = f"<error type='undecided'>{escape(_doubt(result))}</error>" if doubt else ""
        cases = [
            f"    <testcase classname={_attribute(work.target)} "
            f"name={_attribute(counted(result.counts))}>{inner}</testcase>"
        ]
    wrong = sum(finding.refutes for finding in result.findings)
    errors = len(result.findings) - wrong + doubt
    properties = "\n".join(
        f"      <property name={_attribute(name)} value='{count}'/>"
        for name, count in counts.items()
    )
    body = "\n".join(cases)
    return (
        f"  <testsuite name={_attribute(f'symconv fuzz on {work.space.device}')} "
        f'tests="{len(cases)}" failures="{wrong}" errors="{errors}">\n'
        f"    <properties>\n{properties}\n    </properties>\n{body}\n  </testsuite>"
    )


def _printable(text: str) -> str:
    """Replace control characters, which XML cannot represent, by U+FFFD."""
    return "".join(c if c in "\n\t" or c.isprintable() else "\ufffd" for c in text)


def _attribute(text: str) -> str:
    return quoteattr(_printable(text))
