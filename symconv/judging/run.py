"""Judge an implementation over many cases, by every rung of the ladder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from symconv.core.errors import Undecided
from symconv.judging.cases import SMALL, Layer, problems, replica
from symconv.judging.judgement import ANY, DIRECT, Judgement, Standard
from symconv.judging.rungs import declines_backward, judge, structural
from symconv.judging.spread import with_errors
from symconv.judging.truths import truths
from symconv.results.evidence import (
    CASE_OUTCOMES,
    DECLINED,
    EXACT,
    UNDECIDED,
    WITHIN,
    WRONG,
    Evidence,
    Method,
    Outcome,
    Semantics,
    combine,
)
from symconv.results.reasons import key_of
from symconv.targets.engine import Implementation, Observed
from symconv.targets.faults import NO_BACKWARD, UNSUPPORTED
from symconv.targets.observing import observe
from symconv.targets.resolve import cannot_be_called, other_axes
from symconv.targets.tensors import Layouts, Problem

if TYPE_CHECKING:
    from symconv.judging.following import Following

RESULTS = ("output", "grad_input", "grad_weight", "grad_bias")


@dataclass(frozen=True, slots=True)
class Report:
    """The judgements of an implementation, over all cases.

    Attributes:
        target: as the user wrote it.
        dtype, device: dtype and device of the run.
        layouts: memory layouts of x, w and grad_output.
        standard: the class of algorithms and the rounding models.
        judgements: pairs `(problem, judgement)`, in order.
        seed: seed of the values.
        environment: versions, kernels and flags.
        call: how the target is called: `torch`, `paper` or `module`.
        command: the command that repeats the run; "" if it was not a command.
        followed: results of tracing the program on symbols; None if that was not tried.
        backward: whether the backward pass was judged.
        forward_only: whether it was not judged because the target has none.
        switches: the backend switches that were set.
    """

    target: str
    dtype: str
    device: str
    layouts: Layouts
    standard: Standard
    judgements: tuple[tuple[Problem, Judgement], ...]
    seed: int
    environment: dict[str, str] = field(default_factory=dict)
    call: str = "torch"
    command: str = ""
    followed: Following | None = None
    backward: bool = True
    forward_only: bool = False
    switches: Mapping[str, bool] = field(default_factory=dict)
    engine: str = "torch"

    @property
    def passes(self) -> str:
        """Which passes were judged, as text."""
        if self.backward:
            return "forward and backward"
        without = " (no backward pass: gradients were not judged)"
        return f"forward only{without if self.forward_only else ''}"

    @property
    def counts(self) -> dict[str, int]:
        """Numbers of cases by outcome; they add up to all cases."""
        found: dict[int, list[Judgement]] = {}
        for problem, j in self.judgements:
            found.setdefault(id(problem), []).append(j)
        counts = dict.fromkeys(CASE_OUTCOMES, 0)
        for judged in found.values():
            counts[_outcome_of_case(judged)] += 1
        return counts

    @property
    def outcome(self) -> Outcome:
        """Refuted if any judgement is; else undecided if any is.

        Tracing on symbols can refute, but an undecided or identical result there changes nothing.
        """
        # cases that the target declines do not make the supported ones undecided
        numbers = [j.verdict.outcome for _, j in self.judgements if j.kind != UNSUPPORTED]
        symbols = [Outcome.REFUTED] if self.refuted_by_symbols else []
        return combine([*numbers, *symbols])

    @property
    def refuted_by_symbols(self) -> int:
        """Number of shapes for which the program computes other polynomials."""
        if self.followed is None:
            return 0
        return sum(c.verdict.outcome is Outcome.REFUTED for c in self.followed.cases)

    @property
    def evidence(self) -> Evidence:
        """The evidence of the whole report."""
        cases = sum(self.counts.values())
        bounds = [j for _, j in self.judgements if j.rung == "bound"]
        method = Method.BOUND if bounds else Method.CHECKED
        axes = sorted({str(len(p.geometry.axes)) for p, _ in self.judgements})
        dims = " and ".join(filter(None, (", ".join(axes[:-1]), axes[-1])))
        sources = {t for _, j in self.judgements for t in j.verdict.evidence.trusted}
        return Evidence(
            self.statement,
            f"{cases} {'case' if cases == 1 else 'cases'} with {dims} spatial axes, {self.dtype} "
            f"on {self.device}, {self.layouts}, seed {self.seed}, {self.passes}",
            Semantics.IEEE,
            method,
            tuple(sorted(sources)),
            "run the same command, or one case of it, and compare with the exact sum",
            "conventional"
            if self.standard.algorithm == DIRECT
            else "any; conventional where it holds",
        )

    @property
    def statement(self) -> str:
        """What the counts show, as a sentence that claims no more than that."""
        counts = self.counts
        if counts[EXACT] == sum(counts.values()):
            return f"{self.target} gives the exact results in every case tried"
        tried = "tried" if not counts[DECLINED] + counts[UNDECIDED] else "that was decided"
        return f"{self.target} is consistent with the exact results in every case {tried}"

    @property
    def suspects(self) -> list[tuple[Problem, Judgement]]:
        """Judgements that hold but have errors beyond 16 sigma of sums in random order."""
        return [(p, j) for p, j in self.judgements if j.suspect]

    def findings(self, outcome: Outcome) -> list[tuple[Problem, Judgement]]:
        """The judgements of one outcome, simplest case first.

        Cases are sorted by the number of operand entries, integers before other values.
        """
        found = [(p, j) for p, j in self.judgements if j.verdict.outcome is outcome]
        return sorted(found, key=lambda pair: _simplicity(pair[0]))

    def faults(self, outcome: Outcome) -> list[list[tuple[Problem, Judgement]]]:
        """The findings of one outcome, grouped by fault, the simplest case of each first."""
        alike: dict[tuple[str, ...], list[tuple[Problem, Judgement]]] = {}
        for problem, j in self.findings(outcome):
            said = key_of(j.verdict.reasons) if j.raised is not None else ""
            # a wrong value shows on integers and on other values alike
            rung = "structural" if j.rung == "structural" else "value"
            model = "" if outcome is Outcome.REFUTED else j.model
            alike.setdefault((j.result, rung, model, said), []).append((problem, j))
        return list(alike.values())


def _outcome_of_case(judged: Sequence[Judgement]) -> str:
    """The outcome of a case, which is the worst of its judgements."""
    outcomes = {j.verdict.outcome for j in judged}
    if Outcome.REFUTED in outcomes:
        return WRONG
    if any(j.kind == UNSUPPORTED for j in judged):
        return DECLINED
    if Outcome.UNDECIDED in outcomes:
        return UNDECIDED
    return EXACT if all(j.exact for j in judged) else WITHIN


def _simplicity(problem: Problem) -> tuple[int, bool]:
    bias = 0 if problem.bias is None else problem.bias.size
    size = problem.x.size + problem.w.size + bias
    return size, not np.isfinite(problem.whole)


def check_implementation(
    target: Implementation,
    *,
    dtype: str = "float32",
    device: str = "cpu",
    layers: Sequence[Layer] = SMALL,
    data: Sequence[Problem] = (),
    layouts: Layouts = Layouts(),  # noqa: B008 - frozen, so one instance serves every call
    gradients: bool | None = None,
    algorithm: str = ANY,
    model: str | None = None,
    switches: Mapping[str, bool] | None = None,
    seed: int = 0,
    call: str = "torch",
    command: str = "",
) -> Report:
    """Judge an implementation by every rung, over `layers`, or over `data` if given.

    If `gradients` is None, gradients are judged if any supported case has a backward pass.

    Raises:
        ParseError: the dtype has no such model.
        TargetError: every case ends in a TypeError, or the target needs another number of axes.
        Undecided: there was nothing to judge.
    """
    switches = dict(switches or {})
    standard = Standard(algorithm, model, device, switches.get("tf32", False))
    standard.models(dtype)  # reject an unknown model before any work
    cases: Iterable[Problem] = data
    if not data:
        cases = (p for layer in layers for p in problems(layer, dtype, seed))
    found: list[tuple[Problem, Judgement]] = []
    kernels: set[str] = set()
    lost: tuple[Problem, Observed] | None = None
    engine = target.engine
    with engine.switched(switches):
        backward = gradients is not False
        if gradients is None:
            firsts = data or (replica(layer, dtype, seed) for layer in layers)
            placed = (replace(p, device=device) for p in firsts)
            backward, lost = _has_backward(target, placed, layouts)
        calls = (
            (p, observe(target, p, layouts, backward))
            for p in (replace(case, device=device) for case in cases)
        )
        for problem, seen in calls if lost is None else (lost,):
            kernels.add(seen.kernel)
            for j in structural(seen, target.name, problem):
                declined = gradients is None and declines_backward(j)
                found.append((problem, _unsupported(j) if declined else j))
            expected = truths(problem)
            for name in RESULTS:
                if name in seen.results:
                    result = seen.results[name]
                    judged = judge(target.name, expected[name], problem, result, standard)
                    judged = with_errors(judged, expected[name], problem, result, standard)
                    found.append((problem, judged))
            if seen.lost:
                break  # the device accepts no more calls
        shown = {"tf32": False, **switches} if device == "cuda" else switches
        environment = engine.environment(device, shown)
    if not found:
        raise Undecided(f"{target.name}: there were no cases to judge")
    if all(j.raised is not None and j.raised.type == "TypeError" for _, j in found):
        raised = found[0][1].raised
        assert raised is not None
        raise cannot_be_called(target.name, call, raised.brief, raised.frame)
    raised_each = [j.raised for _, j in found]
    if not (data or seen.lost) and all(
        r is not None and not (r.unsupported or r.memory) for r in raised_each
    ):
        _require_these_axes(target, found, layouts)
    if target.name == "torch":  # another target may call anything
        named = ", ".join(sorted(filter(None, kernels))) or "unknown"
        environment["torch's kernels for these cases"] = named
    return Report(
        target.name,
        dtype,
        device,
        layouts,
        standard,
        tuple(found),
        seed,
        environment,
        call,
        command,
        None,
        backward,
        not backward and gradients is None,
        switches,
        target.framework,
    )


def _require_these_axes(
    target: Implementation, found: Sequence[tuple[Problem, Judgement]], layouts: Layouts
) -> None:
    """Raise if the target fails in every case but runs with another number of axes.

    Raises:
        TargetError: names the number of axes that it accepts.
    """
    problem, j = found[0]
    tried = {len(p.geometry.axes) for p, _ in found}
    accepted = []
    for dims in {1, 2, 3} - tried:
        layer = next(a for a in SMALL if len(a.geometry.axes) == dims)
        other = replace(replica(layer, problem.dtype, 0), device=problem.device)
        if "output" in observe(target, other, layouts, False).results:
            accepted.append(dims)
    if accepted and j.raised is not None:
        raise other_axes(target.name, min(tried), j.raised.brief, accepted)


def _has_backward(
    target: Implementation, problems: Iterable[Problem], layouts: Layouts
) -> tuple[bool, tuple[Problem, Observed] | None]:
    """Whether any problem has a backward pass or fails in it; True if none is supported.

    Also the call that left the device unusable, if one did, else None.
    """
    without = False
    for problem in problems:
        seen = observe(target, problem, layouts, True)
        if seen.lost:
            return True, (problem, seen)
        kinds = {fault.kind for fault in seen.faults}
        if NO_BACKWARD in kinds:
            without = True
        elif UNSUPPORTED in kinds:
            forward = observe(target, problem, layouts, False)
            without |= UNSUPPORTED not in {fault.kind for fault in forward.faults}
        else:
            return True, None
    return not without, None


def _unsupported(j: Judgement) -> Judgement:
    """The judgement of a declined backward pass, changed to that of an unsupported case."""
    verdict = replace(j.verdict, outcome=Outcome.UNDECIDED)
    return replace(j, result=UNSUPPORTED, kind=UNSUPPORTED, verdict=verdict)
