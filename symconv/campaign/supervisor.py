"""Supervision of workers: distribute batches, watch time limits, replace workers that end.

A worker's death is attributed to the case that was running. That case is run again on its own, with
a longer time limit, before the kind of its fault is decided: with a short limit, running out of
memory looks like a hang.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from symconv.campaign.case import Case
from symconv.campaign.endings import ending
from symconv.campaign.finding import CaseResult, Finding, at, finding_from_json, found
from symconv.campaign.processes import START_SECONDS, Processes, Worker
from symconv.campaign.worker import IDLE, MOST_ALIKE, Work, cases_of
from symconv.core.errors import TargetError
from symconv.results.evidence import UNDECIDED
from symconv.results.reasons import Reason, ReasonKind, Reasons, because, reason_from_json
from symconv.results.words import sentence
from symconv.targets.fault_kinds import ENDED, FULL

ALONE = 3
"""Number of separate runs of a case before the kind of a death is decided."""
RARE = 100
"""Number of separate runs, in one process, after which a crash counts as not reproducible."""
SLOW = 10
"""Number of separate runs after which a hang is attributed to a busy machine."""
PATIENCE = 4
"""Factor of the time limit for a case that runs on its own."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Result of one batch.

    Attributes:
        batch: its number.
        cases: number of cases.
        findings: the findings that are stored.
        more: numbers of findings that were counted but not stored, by group.
        corners: number of cases in each corner class.
        outcomes: numbers of cases by outcome.
        reasons: why cases are undecided or unsupported, in the format of `counted_reasons`.
    """

    batch: int
    cases: int = 0
    findings: list[Finding] = field(default_factory=list)
    more: Counter[str] = field(default_factory=Counter)
    corners: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, list[Any]] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """The data that the store keeps, apart from the findings."""
        return {
            "cases": self.cases,
            "more": dict(self.more),
            "corners": dict(self.corners),
            "found": len(self.findings),
            "outcomes": dict(self.outcomes),
            "reasons": self.reasons,
        }


class Supervisor(Processes):
    """Distributes cases to the workers of one target; use as a context manager."""

    def __init__(self, work: Work, workers: int, case_seconds: float = 10.0) -> None:
        """`case_seconds` is the time limit of a case; workers start when they are first needed."""
        super().__init__(work)
        self.count = workers
        self.case_seconds = case_seconds
        self.deaths = 0
        self._lane: Worker | None = None
        self._met: dict[str, int] = {}
        self._resolved: dict[str, str] = {}

    def _watch(self, seconds: float) -> None:
        """End workers whose case exceeds the time limit."""
        now = time.monotonic()
        for worker in list(self.workers.values()):
            if worker is self._lane:
                continue
            running = worker.running()
            if running != worker.last:
                worker.last, worker.since = running, now
            limit = seconds if running != IDLE else START_SECONDS
            busy = running != IDLE or not worker.ready
            if busy and now - worker.since > limit and not worker.killed and worker.pid:
                worker.killed = "out of memory" if self.is_full(worker) else "hang"
                with suppress(ProcessLookupError):
                    os.kill(worker.pid, signal.SIGKILL)

    def batches(self, numbers: Iterator[int], stop: Callable[[], bool]) -> Iterator[Progress]:
        """Run batches until `numbers` is exhausted or `stop()` is true; yield each when it is done.

        Deaths of workers are findings of their batch.
        """
        gathered: dict[int, Progress] = {}
        exhausted = False
        while True:
            mine = [w for w in self.workers.values() if w is not self._lane]
            if not exhausted and len(mine) < self.count:
                self.spawn()
            for worker in mine:
                if exhausted or stop() or not worker.ready or worker.batch is not None:
                    continue
                number = next(numbers, None)
                if number is None:
                    exhausted = True
                    break
                gathered[number] = Progress(number, len(cases_of(self.work, number)))
                self._assign(worker, number, list(range(len(cases_of(self.work, number)))), {})
            exhausted = exhausted or stop()
            if exhausted and not gathered:
                return
            for worker, message in self.events(0.05):
                done = self._handle(worker, message, gathered)
                if done is not None:
                    yield gathered.pop(done)
            self._watch(self.case_seconds)

    def _assign(self, worker: Worker, batch: int, todo: list[int], seen: dict[str, int]) -> None:
        worker.batch, worker.todo, worker.seen = batch, todo, seen
        worker.since = time.monotonic()
        message = {"do": "batch", "batch": batch, "todo": todo, "seen": seen}
        with suppress(OSError):  # the worker just ended: its death is reported later
            worker.connection.sendall(json.dumps(message).encode())

    def _handle(
        self, worker: Worker, message: dict[str, Any], gathered: dict[int, Progress]
    ) -> int | None:
        """Process one message; return the number of the batch that it completes, if any."""
        if "ready" in message:
            self.take_ready(worker, message)
            return None
        if "broken" in message:
            raise TargetError(message["broken"])
        if "death" in message:
            return self._after_death(worker, message["death"], gathered)
        batch = worker.batch
        if batch is None:
            return None
        progress = gathered[batch]
        if message.get("finding"):
            finding = finding_from_json(message["finding"])
            worker.seen[finding.group] = worker.seen.get(finding.group, 0) + 1
            progress.findings.append(finding)
        elif "more" in message:
            group = message["more"]
            worker.seen[group] = worker.seen.get(group, 0) + 1
            progress.more[group] += 1
        elif "did" in message:
            finished = set(message["did"])
            worker.todo = [n for n in worker.todo if n not in finished]
            progress.corners.update(message["corners"])
            progress.outcomes.update(message["outcomes"])
            for key, (count, *example) in message["reasons"].items():
                progress.reasons.setdefault(key, [0, *example])[0] += count
        elif message.get("done"):
            worker.batch = None
            return batch
        return None

    def _after_death(self, worker: Worker, code: int, gathered: dict[int, Progress]) -> int | None:
        """Diagnose the death of a worker and give its remaining cases to a new one."""
        self.deaths += 1
        running, batch = worker.running(), worker.batch
        told = worker.told()
        worker.errors.close()
        if not worker.ready:
            raise TargetError(
                f"target {self.work.target!r} ended its process while it was loaded: "
                f"{sentence(ending(code, worker.killed, told)[1])}"
            )
        if batch is None:
            return None
        if running != IDLE and running in worker.todo:
            case = cases_of(self.work, batch)[running]
            result = self._named(case, code, worker.killed, told)
            gathered[batch].outcomes[result.outcome] += 1
            if result.finding is not None:
                gathered[batch].findings.append(at(result.finding, batch, running))
            worker.todo.remove(running)
        if not worker.todo:
            return batch
        heir = self.spawn()
        self.wait_ready(heir)
        self._assign(heir, batch, worker.todo, worker.seen)
        return None

    def _named(self, case: Case, code: int, killed: str, told: str) -> CaseResult:
        """Decide the kind of a death from separate runs of its case.

        A death that does not recur is no evidence against the target: the machine may have been
        slow or out of memory. If a case only took too long, the result of its separate run counts.
        """
        raw, reason = ending(code, killed, told)
        seen = self._met.get(raw, 0)
        self._met[raw] = seen + 1
        if raw == ENDED:
            return found(Finding(ENDED, case, (reason,)))
        results: list[CaseResult] = []
        runs = {"hang": SLOW, "crash": RARE}.get(raw, ALONE)
        while seen < MOST_ALIKE and len(results) < runs:
            if len(results) >= ALONE and any(_is(result, raw) for result in results):
                break
            results.append(self.alone_result(case))
            if _is(results[-1], "hang"):
                break  # a hang takes the whole time limit, and it hung twice
        if not results:
            return found(Finding(self._resolved.get(raw, raw), case, (reason,)))
        kind = raw
        again = [result for result in results if _is(result, raw)]
        # with a longer limit, an apparent hang may turn out to be memory that ran out
        full = [result for result in results if _is(result, FULL)]
        if raw == "hang" and full and not again:
            again, kind = full, FULL
            reason = full[0].finding.reasons[0] if full[0].finding else reason
        if raw == "hang" and not again:
            self._met[raw] = seen
            return next((r for r in results if r.finding is not None), results[0])
        reasons: Reasons = (reason,)
        if not again and kind != FULL:
            kind = ENDED
            reasons = (reason, because(ReasonKind.NOT_AGAIN, runs=len(results)))
        self._resolved[raw] = kind
        return found(Finding(kind, case, reasons, reproduced=f"{len(again)} of {len(results)}"))

    def alone(self, case: Case, patience: float = PATIENCE) -> Finding | None:
        """The finding of one case run in a separate worker, None if there is none."""
        return self.alone_result(case, patience).finding

    def alone_result(self, case: Case, patience: float = PATIENCE) -> CaseResult:
        """Result of one case run in a separate worker; the worker's death is a finding."""
        finding, answer = self._ask({"do": "case", "case": case.to_json()}, case, patience)
        if finding is not None:
            return found(finding)
        reason = answer.get("reason")
        return CaseResult(
            answer.get("outcome", UNDECIDED),
            None,
            None if reason is None else reason_from_json(reason),
            answer.get("result", ""),
        )

    def decoded(self, case: Case) -> dict[str, Any] | None:
        """The coefficients of the target's products, None if they cannot be determined."""
        _, answer = self._ask({"do": "decode", "case": case.to_json()}, case, PATIENCE)
        return answer.get("decoded")

    def _ask(
        self, message: dict[str, Any], case: Case, patience: float
    ) -> tuple[Finding | None, dict[str, Any]]:
        lane = self._lane_worker()
        lane.connection.settimeout(0.05)
        started = time.monotonic()
        with suppress(OSError):
            lane.connection.sendall(json.dumps(message).encode())
        while True:
            data = b""
            try:
                data = lane.connection.recv(2**20)
            except TimeoutError:
                if time.monotonic() - started > self.case_seconds * patience and not lane.killed:
                    lane.killed = "out of memory" if self.is_full(lane) else "hang"
                    self.kill(lane)
                continue
            except OSError:
                pass
            if data:
                answer: dict[str, Any] = json.loads(data)
                told = answer.get("finding")
                return (finding_from_json(told) if told else None), answer
            kind, reason = self._buried(lane)
            return Finding(kind, case, (reason,)), {}

    def require_loaded(self) -> None:
        """Load the target in a worker.

        Raises:
            TargetError: it cannot be loaded.
        """
        self._lane_worker()

    def _lane_worker(self) -> Worker:
        """The worker for separate cases, outside the main loop."""
        if self._lane is None:
            self._lane = self.spawn()
            self.apart.add(self._lane.number)
            self.selector.unregister(self._lane.connection)
            self.wait_ready(self._lane)
        return self._lane

    def _buried(self, lane: Worker) -> tuple[str, Reason]:
        """The kind and reason of the death of the worker for separate cases."""
        while lane.number not in self.dead:
            self.listen()
        self.deaths += 1
        ended = ending(self.dead.pop(lane.number), lane.killed, lane.told())
        self.forget(lane)
        lane.errors.close()
        self._lane = None
        return ended


def _is(result: CaseResult, kind: str) -> bool:
    return result.finding is not None and result.finding.kind == kind
