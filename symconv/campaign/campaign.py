"""A campaign, from drawing the first case to the diagnosed findings.

The raw findings depend only on the seed and the number of cases, not on the number of workers or
on interruptions; the merged findings depend only on the raw ones.
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
from symconv.exact.dtypes import INTEGER
from symconv.results.evidence import CASE_OUTCOMES, DECLINED, UNDECIDED, WRONG
from symconv.results.reasons import ReasonKind, because, key_of
from symconv.targets.fault_kinds import ENDED, FAULT_KINDS, FULL
from symconv.targets.faults import NO_BACKWARD
from symconv.targets.resolve import cannot_be_called, other_axes

MOST_SHRUNK = 8
"""Upper limit on the raw findings of one group that are shrunk when no known mistake explains
them. They are shrunk one after the other, as long as some of them do not contain a minimal case
found so far.
"""
HANG_BUDGET = 30


@dataclass
class Tally:
    """Running totals of a campaign.

    Attributes:
        cases, batches: numbers done, including those of an earlier, resumed run.
        raw: number of findings before merging.
        corners: number of cases in each corner class.
        deaths: number of workers that ended and were replaced.
        seconds: duration of this run.
        more: numbers of findings that were counted but not stored, by group.
        outcomes: numbers of cases by outcome; they add up to `cases`.
        reasons: numbers of undecided or unsupported cases by the key of their reason.
        examples: the first case result with each such reason.
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
        """Add one batch, in the format of `Progress.record`."""
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
class CampaignResult:
    """A finished campaign.

    Attributes:
        work: what was run.
        tally: the totals.
        findings: merged, shrunk and diagnosed, those with the most raw findings first.
        known: the findings whose signatures the user listed with `--known`.
        interrupted: whether Ctrl-C stopped it.
        symbolic: result of the symbolic first stage, see `sweep.py`; None if there was none.
        forward_only: whether the target has no backward pass, so that gradients were not judged.
        fail_on_undecided: whether one undecided case makes the whole campaign undecided.
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
        """Numbers of cases by outcome, known findings counted separately; they add up to all."""
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
) -> CampaignResult:
    """Draw, run, judge and store cases; then shrink, diagnose and merge the findings.

    If the target has no backward pass, only the forward pass is judged, unless `work` demands
    gradients.

    Raises:
        ParseError: the store cannot be used.
        StoreFull: the store cannot be written any more.
        TargetError: the target cannot be loaded, or cannot be called as requested.
    """
    store = Store(folder, resume)
    tally, interrupted = Tally(), False
    supervisor = Supervisor(work, workers, case_seconds)
    try:
        done = store.start(work, resume)  # first, so that a campaign can always be resumed
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
            names = ("target", "call", "surface", "engine", "algorithm")
            called = {name: getattr(work, name) for name in names}
            store.write_case(finding, called)
        return CampaignResult(
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
    """Whether the target has no backward pass, judged by a few plain calls.

    Raises:
        TargetError: it cannot be loaded, every call raises TypeError, or it needs another number
            of axes.
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
    if all(result.outcome == DECLINED for result in seen):  # perhaps only plain cases
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
            without += [] if failed else [False]  # forward fails too: backward is unknown
        else:
            without.append(result.finding is not None and result.finding.kind == NO_BACKWARD)
    return bool(without) and all(without)


def _require_these_axes(
    supervisor: Supervisor, cases: Sequence[Case], faults: Sequence[Finding | None]
) -> None:
    """Raise if the target fails in every plain call but runs with another number of axes.

    Raises:
        TargetError: names the number of axes that the target accepts.
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
    """Small calls, with and without a bias, that every target of the space should support."""
    dims = space.dims[0]
    ones, zeros = (1,) * dims, (0,) * dims
    gradients = space.gradients and dtype not in INTEGER and space.device != "meta"
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
    """One line that identifies a finding for `--known`: kind, key of the diagnosis, torch's kernel.

    It contains no sentences, so it stays the same when a message is reworded.
    """
    return f"{finding.kind} | {key_of(finding.diagnosis)} | {finding.kernel or '-'}"


def understood(
    raw: Sequence[Finding], supervisor: Supervisor, more: Mapping[str, int]
) -> list[Finding]:
    """Shrink, diagnose and merge raw findings; the result depends only on them."""
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
        # too large to be stored and compared, but like the explained ones in every other respect
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
    """The finding with `alike` and `unexamined` increased: it stands for more raw findings."""
    return replace(finding, alike=finding.alike + alike, unexamined=finding.unexamined + unexamined)


def _still(mistake: Mistake) -> Callable[[Finding], bool]:
    return lambda finding: bool(explains(mistake, finding))


def _most(finding: Finding) -> int:
    return FAULT_KINDS[finding.kind].most_shrunk or MOST_SHRUNK


def _minimal(finding: Finding, supervisor: Supervisor, keeps: Callable[[Finding], bool]) -> Finding:
    """The smallest case of a finding for which `keeps` holds, run three more times."""
    hangs = finding.kind == "hang"

    def alone(case: Case) -> Finding | None:
        return supervisor.alone(case, 1 if hangs else PATIENCE)

    def candidate(case: Case) -> Finding | None:
        seen = alone(case)
        return seen if seen is None or keeps(seen) else None

    if finding.kind in (FULL, ENDED):
        return finding  # a smaller case would not explain this one
    dims = supervisor.work.space.dims
    shrinker = Shrinker(finding, candidate, HANG_BUDGET if hangs else BUDGET, dims)
    minimal = shrinker.shrunk()
    if (
        hangs
        and minimal.case != finding.case
        and not minimal.same_fault(supervisor.alone(minimal.case))
    ):
        minimal = finding  # the smaller case was only slow: it ends if given more time
    if not finding.reproduced:
        again = [alone(minimal.case) for _ in range(1 if hangs else ALONE)]
        shown = sum(minimal.same_fault(f) for f in again)
        minimal = replace(minimal, reproduced=f"{shown} of {len(again)}")
    return replace(minimal, place=finding.place)


def _merged(found: Sequence[Finding]) -> list[Finding]:
    """Merge findings that have the same signature."""
    kept: dict[str, Finding] = {}
    for finding in found:
        key = signature(finding)
        first = kept.get(key)
        kept[key] = finding if first is None else _with(first, finding.alike, finding.unexamined)
    return list(kept.values())


def coverage(tally: Tally) -> list[tuple[str, int]]:
    """Number of cases in each corner class, in the order of `CORNERS`."""
    return [(name, tally.corners[name]) for name in CORNERS]
