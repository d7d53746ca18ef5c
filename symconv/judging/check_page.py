"""The report of `symconv check` as a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from symconv.exact.deciding import nearest_float
from symconv.judging.case_snippet import snippet
from symconv.judging.error_pictures import error_map, histogram
from symconv.judging.judgement import Judgement
from symconv.judging.run import RESULTS, Report
from symconv.judging.spread import BINS
from symconv.render.tree import (
    Badge,
    Block,
    Document,
    Equation,
    Heading,
    Inline,
    Letter,
    Listing,
    Product,
    Sum,
    Table,
    Value,
    equals,
    paragraph,
)
from symconv.results.evidence import Outcome
from symconv.targets.tensors import Problem

MOST_FINDINGS = 5
MOST_PRODUCTS = 6
MOST_NAMED = 4
WORDS = {
    Outcome.HOLDS: "holds",
    Outcome.REFUTED: "REFUTED",
    Outcome.UNDECIDED: "undecided",
}


def counted(counts: Mapping[str, int]) -> str:
    """Numbers of cases by outcome, as text."""
    total = sum(counts.values())
    parts = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    return f"{total:,} {'case' if total == 1 else 'cases'}: {parts}"


def _short(value: Fraction) -> str:
    """An exact value, in full if it is short enough to read."""
    text = str(value)
    if len(text) <= 60:
        return text
    return f"{nearest_float(value):.17g} (exactly a fraction of {len(text)} digits)"


def products(problem: Problem, judgement: Judgement) -> str:
    """The exact sum of the deciding element with its first terms, as text; "" if not available."""
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
        channel = worst.index[1]
        lines.append(f"  + bias[{channel}] = {problem.bias[channel]:.9g}")
    return "\n".join([*lines, f"  = {_short(worst.exact)}"])


def _exact(number: Any) -> int | Fraction:
    value = Fraction(number) if isinstance(number, Fraction) else Fraction(float(number))
    return value.numerator if value.denominator == 1 else value


def derived(problem: Problem, judgement: Judgement) -> list[Block]:
    """The deciding element's sum: a formula in symbols and numbers if they are short, else text."""
    worst = judgement.worst
    written = products(problem, judgement)
    if worst is None or not written:
        return []
    pairs = worst.products
    named = judgement.result == "output" and problem.bias is None
    if not named or len(pairs) > MOST_PRODUCTS:
        return [Listing(written)]
    numbers = [(_exact(problem.x[u]), _exact(problem.w[v])) for u, v in pairs]
    if any(len(str(n)) > 8 for pair in numbers for n in pair):
        return [Listing(written)]
    letters = tuple(Product((Letter("x", u), Letter("k", v))) for u, v in pairs)
    values = tuple(Product((Value(a), Value(b)), dot=True) for a, b in numbers)
    sides = [
        Letter("y", worst.index),
        *(t[0] if len(t) == 1 else Sum(t) for t in (letters, values)),
    ]
    return [Equation(equals(*sides, Value(_exact(worst.exact))))]


def _finding(report: Report, problem: Problem, judgement: Judgement, pictures: bool) -> list[Block]:
    worst = judgement.worst
    scope = judgement.verdict.evidence
    who = f"{report.target} " if judgement.rung == "structural" else ""
    blocks: list[Block] = [
        Heading(3, f"{judgement.result}, {judgement.rung} rung: {problem.what}"),
        Badge(
            judgement.verdict.outcome.value.upper(),
            f"{who}{judgement.verdict.cause}. Class: {scope.algorithm_class}.",
        ),
    ]
    if judgement.raised is not None and judgement.raised.frame:
        blocks.append(paragraph(f"Raised at {judgement.raised.frame}."))
    if worst is not None:
        blocks.append(
            paragraph(
                f"{worst.place}: exact {_short(worst.exact)}, nearest in {problem.dtype} "
                f"{worst.rounded:.9g}, actual {worst.actual:.9g}, error {worst.error:.3g}, allowed "
                f"{worst.bound:.3g} ({judgement.model}, n = {judgement.terms})."
            )
        )
        blocks += derived(problem, judgement)
    if pictures and judgement.plane is not None:
        blocks.append(error_map(judgement.result, judgement.plane))
    lines = snippet(report, problem, judgement)
    if lines:
        blocks += [paragraph("To run only this call:"), Listing(lines)]
    return blocks


def _table(report: Report) -> Table:
    counted: Counter[tuple[str, str, str, str]] = Counter()
    ratios: dict[tuple[str, str, str, str], float] = {}
    for _, j in report.judgements:
        key = (j.result, j.rung, j.model or "-", WORDS[j.verdict.outcome])
        counted[key] += 1
        ratios[key] = max(ratios.get(key, 0.0), j.ratio)
    order = {name: n for n, name in enumerate(RESULTS)}
    rows = sorted(counted.items(), key=lambda item: (order.get(item[0][0], -1), item[0]))
    written: list[tuple[tuple[Inline, ...], ...]] = [
        tuple((cell,) for cell in (*key, str(count), _percent(ratios[key], key[1])))
        for key, count in rows
    ]
    return Table(
        ("result", "rung", "judged by", "verdict", "calls", "error/bound"),
        tuple(written),
        (14, 12, 24, 12, 8, 14),
    )


def _headline(report: Report) -> tuple[str, str]:
    """The badge of the report and its sentence, with the domain."""
    outcome, scope = report.outcome, report.evidence
    bad = len(report.findings(outcome))
    counted = f"{bad} of {len(report.judgements)} results"
    known = WORDS[outcome].upper()
    said = f"{report.target} is not consistent with the exact results, in {counted}"
    if outcome is Outcome.HOLDS:
        known, said = f"{known}, {scope.method.value}", scope.statement
    elif outcome is Outcome.REFUTED and not bad:
        said = f"{report.target} is refuted when followed on symbols"
    elif outcome is Outcome.UNDECIDED:
        said = f"nothing is refuted, but {counted} of {report.target} cannot be decided"
        if report.counts["unsupported"] == sum(report.counts.values()):
            said = f"{report.target} supports no case that was tried"
    return known, f"{said}: {scope.domain}. Class: {scope.algorithm_class}."


def _symbols(report: Report) -> list[Block]:
    """The result of tracing on symbols, and the wrong products if it refutes the program."""
    if report.followed is None:
        return []
    cases = report.followed.cases
    same = sum(c.verdict.outcome is Outcome.HOLDS for c in cases)
    blocks: list[Block] = [
        paragraph(
            f"Followed on symbols first: identical to the definition, for every value in exact "
            f"arithmetic, in {same} of {len(cases)} shapes (symconv check {report.target} --by "
            "symbolic shows what is trusted)."
        )
    ]
    reasons = dict.fromkeys(
        c.verdict.cause for c in cases if c.verdict.outcome is Outcome.UNDECIDED
    )
    if reasons:
        blocks.append(paragraph(f"Not decided this way: {next(iter(reasons))}."))
    wrong = [c for c in cases if c.verdict.outcome is Outcome.REFUTED]
    if wrong:
        blocks += [
            Heading(3, f"On symbols: {wrong[0].layer.name}"),
            Badge("REFUTED", f"{wrong[0].verdict.cause}."),
        ]
    return blocks


def _percent(ratio: float, rung: str) -> str:
    """The largest error divided by its bound, for the bound rung."""
    if rung != "bound":
        return "-"
    return f"{ratio:.3g}" if ratio < 1000 else "above 1000"


def _histograms(report: Report) -> list[Block]:
    """One histogram per result, over all its cells that were judged by a bound."""
    counts: dict[str, Counter[int]] = {}
    for _, j in report.judgements:
        if j.spread:
            counts.setdefault(j.result, Counter()).update(dict(enumerate(j.spread)))
    return [
        histogram(name, [counts[name][n] for n in range(BINS)])
        for name in RESULTS
        if name in counts
    ]


def _hints(report: Report) -> list[Block]:
    """Results that hold but look suspicious."""
    return [
        paragraph(
            f"Suspect: {j.suspect} of {j.cells} cells of {j.result} ({problem.what}) are beyond 16 "
            f"sigma of sums in random order, though within {j.model}. A hint, not a verdict."
        )
        for problem, j in report.suspects[:MOST_FINDINGS]
    ]


def document(report: Report, *, pictures: bool = True) -> Document:
    """The page with table, findings and environment; a terminal needs no `pictures`."""
    blocks: list[Block] = [
        Badge(*_headline(report)),
        paragraph(f"{counted(report.counts)}."),
        _table(report),
        *_symbols(report),
    ]
    for shown in (Outcome.REFUTED, Outcome.UNDECIDED):
        faults = report.faults(shown)
        for found in faults[:MOST_FINDINGS]:
            blocks += _finding(report, *found[0], pictures)
            others = list(dict.fromkeys(p.what for p, _ in found[1:]))
            if others:
                some = "; ".join(others[:MOST_NAMED]) + (" ..." if others[MOST_NAMED:] else "")
                words = "case" if len(others) == 1 else "cases"
                blocks.append(paragraph(f"Also in {len(others)} other {words}: {some}."))
        if len(faults) > MOST_FINDINGS:
            blocks.append(
                paragraph(f"More kinds are listed by --json: {len(faults) - MOST_FINDINGS}.")
            )
    blocks += _hints(report) + (_histograms(report) if pictures else [])
    environment = ", ".join(f"{k} {v}" for k, v in report.environment.items())
    if environment:
        blocks.append(paragraph(f"Environment: {environment}."))
    if report.command:
        blocks.append(Listing(report.command))
    return Document(f"Check of {report.target}, {report.dtype} on {report.device}", tuple(blocks))
