"""A campaign from its first case to its named findings.

The raw findings depend on the seed and the number of cases alone, whoever ran the batches and
however often it was interrupted; what is made of them depends on them alone.
"""

from __future__ import annotations

import itertools
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from symconv.fuzz.case import Case
from symconv.fuzz.corners import CORNERS
from symconv.fuzz.diagnosis import Mistake, cause_of, covered, explains
from symconv.fuzz.finding import DEATHS, Finding
from symconv.fuzz.shrink import BUDGET, Shrinker
from symconv.fuzz.space import BATCH
from symconv.fuzz.store import Store
from symconv.fuzz.supervisor import ALONE, PATIENCE, Progress, Supervisor
from symconv.fuzz.worker import Work

MOST_SHRUNK = 3
"""Raw findings of one group that are shrunk, when no known cause explains them."""
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
    """

    cases: int = 0
    batches: int = 0
    raw: int = 0
    corners: Counter[str] = field(default_factory=Counter)
    deaths: int = 0
    seconds: float = 0.0
    more: Counter[str] = field(default_factory=Counter)

    def add(self, cases: int, more: dict[str, int], corners: dict[str, int], found: int) -> None:
        """One batch."""
        self.cases += cases
        self.batches += 1
        self.raw += found + sum(more.values())
        self.more.update(more)
        self.corners.update(corners)


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
    """

    work: Work
    tally: Tally
    findings: tuple[Finding, ...]
    known: tuple[Finding, ...]
    interrupted: bool = False
    symbolic: dict[str, Any] | None = None


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
) -> Result:
    """Draw, run, judge, store; then shrink and name what was found.

    Raises:
        ParseError: the store cannot be used.
        StoreFull: it cannot be written any more.
        TargetError: the target cannot be loaded.
    """
    store = Store(folder, resume)
    tally, interrupted = Tally(), False
    try:
        done = store.start(work, resume)
        for data in done.values():
            tally.add(data["cases"], data["more"], data["corners"], data["found"])
        if done:
            watch(tally)
        count = None if work.count is None else -(-work.count // BATCH)
        numbers = (n for n in (itertools.count() if count is None else range(count))
                   if n not in done)  # fmt: skip
        began = time.monotonic()
        with Supervisor(work, workers, case_seconds) as supervisor:

            def stop() -> bool:
                return seconds is not None and time.monotonic() - began > seconds

            try:
                for progress in runner(supervisor)(numbers, stop):
                    store.add(progress)
                    tally.add(progress.cases, progress.more, progress.corners,
                              len(progress.findings))  # fmt: skip
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
            store.write_case(finding, {"target": work.target, "call": work.call})
        return Result(work, tally, tuple(named), tuple(listed), interrupted)
    finally:
        store.close()


def signature(finding: Finding) -> str:
    """One line for `--known`: kind, the head of the cause with N for numbers, the kernel."""
    head = finding.cause.split(";")[0].split(" (")[0].split(", first in ")[0]
    head = re.sub(r"^(every cell|\d+ of \d+ cells) of \w+ (is|are) wrong.*", "wrong cells", head)
    head = re.sub(r"\d+", "N", head)[:80]
    return f"{finding.kind} | {head} | {finding.kernel or '-'}"


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
        cause = f"{mistake.name}: {mistake.words}"
        cause += f" (as in {mistake.source})" if mistake.source else ""
        for finding in members:
            homes.setdefault(finding.group, len(found))
        found.append(replace(minimal, cause=cause, alike=len(members)))
    for finding in [f for f in rest if not f.results and f.group in homes]:
        # too large to be kept and compared, and otherwise like those that are explained
        place = homes[finding.group]
        found[place] = replace(found[place], alike=found[place].alike + 1)
        rest.remove(finding)
    groups: dict[str, list[Finding]] = {}
    for finding in rest:
        groups.setdefault(finding.group, []).append(finding)
    for group, members in groups.items():
        homes.setdefault(group, len(found))
        chosen = members[: _most(members[0])]
        for n, finding in enumerate(chosen):
            minimal = _minimal(finding, supervisor, lambda f: True)
            alike = 1 + (len(members) - len(chosen) if n == 0 else 0)
            cause = cause_of(minimal, supervisor.decoded)
            found.append(replace(minimal, cause=cause, alike=alike))
    for group, count in more.items():
        home = homes.get(group)
        if home is not None:
            found[home] = replace(found[home], alike=found[home].alike + count)
    return _merged(sorted(found, key=lambda f: (-f.alike, f.place)))


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

    shrinker = Shrinker(finding, candidate, HANG_BUDGET if hangs else BUDGET)
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
        kept[key] = finding if first is None else replace(first, alike=first.alike + finding.alike)
    return list(kept.values())


def coverage(tally: Tally) -> list[tuple[str, int]]:
    """How often each corner was met, in the order of the list."""
    return [(name, tally.corners[name]) for name in CORNERS]
