"""A campaign from its first case to its named findings.

The raw findings depend on the seed and the number of cases alone, whoever ran the batches and
however often it was interrupted; what is made of them depends on them alone.
"""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from symconv.campaign.case import DRAWS, Case
from symconv.campaign.diagnosis import Mistake, cause_of, covered, explains
from symconv.campaign.finding import (
    DEATHS,
    ENDED,
    FULL,
    CaseResult,
    Finding,
    case_result_from_json,
    contains,
)
from symconv.campaign.shrink import BUDGET, Shrinker
from symconv.campaign.space import BATCH, CORNERS, Space, batch_cases
from symconv.campaign.store import Store
from symconv.campaign.supervisor import ALONE, PATIENCE, Progress, Supervisor
from symconv.campaign.worker import Work
from symconv.results.evidence import CASE_OUTCOMES, DECLINED, UNDECIDED, WRONG
from symconv.results.reasons import ReasonKind, because, key_of
from symconv.targets.calling import NO_BACKWARD
from symconv.targets.resolve import cannot_be_called, other_axes

MOST_SHRUNK = 8
"""Raw findings of one group that are shrunk at most, when no known cause explains them: one after
the other, as long as there are some whose configurations contain none of the minimal ones."""
HANG_BUDGET = 30


@dataclass
class Tally:
    """What a campaign has met so far.

    Attributes:
        cases, batches: done, those of an earlier run included.
        raw: findings before they are merged.
        corners: how often each corner class was met.
        deaths: workers that ended.
        seconds: of this run.
        more: findings that were counted and not kept, by their group.
        outcomes: of the cases, by their names; they add up to `cases`.
        reasons: how often cases were undecided or unsupported for one reason, by its key.
        examples: the first such reason of each key, with the result that it is about.
    """

    cases: int = 0
    batches: int = 0
    raw: int = 0
    corners: Counter[str] = field(default_factory=Counter)
    deaths: int = 0
    seconds: float = 0.0
    more: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    examples: dict[str, CaseResult] = field(default_factory=dict)

    def add(self, data: Mapping[str, Any]) -> None:
        """One batch, as `Progress.record` gives it."""
        self.cases += data["cases"]
        self.batches += 1
        self.raw += data["found"] + sum(data["more"].values())
        self.more.update(data["more"])
        self.corners.update(data["corners"])
        self.outcomes.update(data["outcomes"])
        for key, counted in data["reasons"].items():
            count, *example = counted if isinstance(counted, list) else [counted]
            self.reasons[key] += count
            self.examples.setdefault(key, case_result_from_json(key, example))


@dataclass(frozen=True)
class Result:
    """A finished campaign.

    Attributes:
        work: what was run.
        tally: how much.
        findings: merged, shrunk, named, in the order of their first case.
        known: those that the user listed.
        interrupted: by Ctrl-C.
        symbolic: what the first stage said, see `sweep.py`; None where there was none.
        forward_only: the target has no backward pass, so gradients were not judged.
        fail_on_undecided: an undecided case makes the whole undecided.
    """

    work: Work
    tally: Tally
    findings: tuple[Finding, ...]
    known: tuple[Finding, ...]
    interrupted: bool = False
    symbolic: dict[str, Any] | None = None
    forward_only: bool = False
    fail_on_undecided: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """Cases by what became of them, those of known findings apart; they add up to all."""
        counts = {name: self.tally.outcomes[name] for name in CASE_OUTCOMES}
        for finding in self.known:
            counts[WRONG if finding.refutes else UNDECIDED] -= finding.alike
        return counts | {"known": sum(finding.alike for finding in self.known)}


Runner = Callable[[Iterator[int], Callable[[], bool]], Iterator[Progress]]


def run(
    work: Work,
    folder: Path,
    *,
    seconds: float | None,
    workers: int,
    resume: bool = False,
    known: Sequence[str] = (),
    case_seconds: float = 10.0,
    watch: Callable[[Tally], None] = lambda tally: None,
    runner: Callable[[Supervisor], Runner] = lambda supervisor: supervisor.batches,
    fail_on_undecided: bool = False,
) -> Result:
    """Draw, run, judge, store; then shrink and name what was found.

    A target without a backward pass is judged forward, unless the work demands gradients.

    Raises:
        ParseError: the store cannot be used.
        StoreFull: it cannot be written any more.
        TargetError: the target cannot be loaded, or not be called as asked.
    """
    store = Store(folder, resume)
    tally, interrupted = Tally(), False
    supervisor = Supervisor(work, workers, case_seconds)
    try:
        done = store.start(work, resume)  # first, so that it can be resumed at any moment
        supervisor.require_loaded()
        store.require_code(supervisor.code)
        forward_only = tried(supervisor) and not work.demand_gradients
        if forward_only:
            work = replace(work, space=replace(work.space, gradients=False))
            supervisor.work = work
        for data in done.values():
            tally.add(data)
        if done:
            watch(tally)
        count = None if work.count is None else -(-work.count // BATCH)
        numbers = (
            n for n in (itertools.count() if count is None else range(count)) if n not in done
        )
        began = time.monotonic()

        def stop() -> bool:
            return seconds is not None and time.monotonic() - began > seconds

        try:
            for progress in runner(supervisor)(numbers, stop):
                store.add(progress)
                tally.add(progress.record())
                tally.seconds = time.monotonic() - began
                tally.deaths = supervisor.deaths
                watch(tally)
        except KeyboardInterrupt:
            interrupted = True
        raw = store.findings()
        merged = understood(raw, supervisor, tally.more)
        named = [f for f in merged if signature(f) not in known]
        listed = [f for f in merged if signature(f) in known]
        for finding in merged:
            called = {"target": work.target, "call": work.call, "algorithm": work.algorithm}
            store.write_case(finding, called)
        return Result(
            work,
            tally,
            tuple(named),
            tuple(listed),
            interrupted,
            None,
            forward_only,
            fail_on_undecided,
        )
    finally:
        supervisor.close()
        store.close()


def tried(supervisor: Supervisor) -> bool:
    """Whether the target has no backward pass, from a few plain calls.

    Raises:
        TargetError: it cannot be loaded, or each of them ends in a TypeError.
    """
    work = supervisor.work
    cases = [
        case
        for dtype in dict.fromkeys(work.space.dtypes)
        for case in plain_cases(work.space, dtype)
    ]
    seen = [supervisor.alone_result(case) for case in cases]
    faults = [result.finding for result in seen]
    if all(f is not None and f.exception == "TypeError" for f in faults):
        assert faults[0] is not None
        raise cannot_be_called(work.target, work.call, faults[0].detail, faults[0].frame)
    if all(f is not None and f.kind == "exception" for f in faults):
        _require_these_axes(supervisor, cases, faults)
    if not work.space.gradients:
        return False
    pairs = list(zip(cases, seen, strict=True))
    if all(result.outcome == DECLINED for result in seen):  # plain ones are not among its cases
        drawn = batch_cases(work.space, work.seed, 0)[::DRAWS]
        pairs += [(case, supervisor.alone_result(case)) for case in drawn if case.gradients]
    without = []
    for case, result in pairs:
        if result.outcome == DECLINED:
            forward = supervisor.alone_result(replace(case, gradients=False))
            without += [True] if forward.outcome != DECLINED else []
        elif result.finding is not None and result.finding.kind == "exception":
            forward = supervisor.alone_result(replace(case, gradients=False))
            failed = forward.finding is not None and forward.finding.kind == "exception"
            without += [] if failed else [False]  # it fails forward: nothing is known of backward
        else:
            without.append(result.finding is not None and result.finding.kind == NO_BACKWARD)
    return bool(without) and all(without)


def _require_these_axes(
    supervisor: Supervisor, cases: Sequence[Case], faults: Sequence[Finding | None]
) -> None:
    """Refuse a target that fails in every plain call and runs with another number of axes.

    Raises:
        TargetError: with the number that it takes.
    """
    work, dims = supervisor.work, cases[0].dims
    if len(set(work.space.dims)) > 1 or work.space.paper:
        return
    accepted = []
    for other in {1, 2, 3} - {dims}:
        case = plain_cases(replace(work.space, dims=(other,)), cases[0].dtype)[0]
        seen = supervisor.alone_result(replace(case, gradients=False))
        if seen.finding is None and seen.outcome != DECLINED:
            accepted.append(other)
    if accepted and faults[0] is not None:
        raise other_axes(work.target, dims, faults[0].detail, accepted)


def plain_cases(space: Space, dtype: str) -> list[Case]:
    """Small calls that every target of the space should support, with and without a bias."""
    dims = space.dims[0]
    ones, zeros = (1,) * dims, (0,) * dims
    gradients = space.gradients and dtype != "int64" and space.device != "meta"
    plain = Case(
        (2,) * dims,
        (2,) * dims,
        ones,
        zeros,
        zeros,
        ones,
        dtype=dtype,
        device=space.device,
        gradients=gradients,
    )
    return [plain] if space.paper else [plain, replace(plain, bias=True)]


def signature(finding: Finding) -> str:
    """One line for `--known`: the kind, the key of the diagnosis and torch's kernel.

    It is made of data only, so that it stays the same when a sentence is reworded.
    """
    return f"{finding.kind} | {key_of(finding.diagnosis)} | {finding.kernel or '-'}"


def understood(
    raw: Sequence[Finding], supervisor: Supervisor, more: Mapping[str, int]
) -> list[Finding]:
    """Raw findings shrunk, named and merged; the result depends on them alone."""
    found: list[Finding] = []
    explained, rest = covered(raw)
    homes: dict[str, int] = {}
    for mistake, members in explained:
        clearest = min(members, key=lambda f: f.case.pattern != "whole")
        minimal = _minimal(clearest, supervisor, _still(mistake))
        cause = because(
            ReasonKind.MISTAKE,
            name=mistake.name,
            description=mistake.words,
            source=mistake.source,
        )
        for finding in members:
            homes.setdefault(finding.group, len(found))
        found.append(replace(minimal, diagnosis=(cause,), alike=len(members)))
    for finding in [f for f in rest if not f.results]:
        # too large to be kept and compared, and otherwise like those that are explained
        place = next(
            (
                n
                for n, f in enumerate(found)
                if f.group == finding.group and contains(finding.case, f.case)
            ),
            None,
        )
        if place is not None:
            found[place] = _with(found[place], 1, 1)
            rest.remove(finding)
    groups: dict[str, list[Finding]] = {}
    for finding in rest:
        groups.setdefault(finding.group, []).append(finding)
    for group, members in groups.items():
        homes.setdefault(group, len(found))
        most = _most(members[0])
        for _ in range(most):
            if not members:
                break
            minimal = _minimal(members[0], supervisor, lambda f: True)
            known = cause_of(minimal, supervisor.decoded) if minimal.refutes else minimal.reasons
            if minimal.kind == FULL:
                size = supervisor.work.memory
                known = (*known, because(ReasonKind.WORKER_MEMORY, bytes=size))
            others = [f for f in members[1:] if most > 1 and not contains(f.case, minimal.case)]
            found.append(replace(minimal, diagnosis=known, alike=len(members) - len(others)))
            members = others
        if members:
            found[-1] = _with(found[-1], len(members), len(members))
    for group, count in more.items():
        home = homes.get(group)
        if home is not None:
            found[home] = _with(found[home], count, count)
    return _merged(sorted(found, key=lambda f: (-f.alike, f.place)))


def _with(finding: Finding, alike: int, unexamined: int) -> Finding:
    """A finding that stands for more raw ones."""
    return replace(finding, alike=finding.alike + alike, unexamined=finding.unexamined + unexamined)


def _still(mistake: Mistake) -> Callable[[Finding], bool]:
    return lambda finding: bool(explains(mistake, finding))


def _most(finding: Finding) -> int:
    return 1 if finding.kind in (*DEATHS, "exception") else MOST_SHRUNK


def _minimal(finding: Finding, supervisor: Supervisor, keeps: Callable[[Finding], bool]) -> Finding:
    """The smallest case of a finding that `keeps` its cause, run three times more."""
    hangs = finding.kind == "hang"

    def alone(case: Case) -> Finding | None:
        return supervisor.alone(case, 1 if hangs else PATIENCE)

    def candidate(case: Case) -> Finding | None:
        seen = alone(case)
        return seen if seen is None or keeps(seen) else None

    if finding.kind in (FULL, ENDED):
        return finding  # a smaller case would say nothing of this one
    dims = supervisor.work.space.dims
    shrinker = Shrinker(finding, candidate, HANG_BUDGET if hangs else BUDGET, dims)
    minimal = shrinker.shrunk()
    if (
        hangs
        and minimal.case != finding.case
        and not minimal.same_fault(supervisor.alone(minimal.case))
    ):
        minimal = finding  # a smaller case was only slow: it ends when it is given more time
    if not finding.reproduced:
        again = [alone(minimal.case) for _ in range(1 if hangs else ALONE)]
        shown = sum(minimal.same_fault(f) for f in again)
        minimal = replace(minimal, reproduced=f"{shown} of {len(again)}")
    return replace(minimal, place=finding.place)


def _merged(found: Sequence[Finding]) -> list[Finding]:
    """One finding a kind, cause and kernel."""
    kept: dict[str, Finding] = {}
    for finding in found:
        key = signature(finding)
        first = kept.get(key)
        kept[key] = finding if first is None else _with(first, finding.alike, finding.unexamined)
    return list(kept.values())


def coverage(tally: Tally) -> list[tuple[str, int]]:
    """How often each corner was met, in the order of the list."""
    return [(name, tally.corners[name]) for name in CORNERS]
