"""The worker process, which calls the target: nothing that happens here can harm the campaign.

Before each call, the number of the case is written to a slot of shared memory, so that after any
death the running case is known. Findings are sent at once; finished groups are acknowledged.
"""

from __future__ import annotations

import faulthandler
import json
import mmap
import os
import resource
import signal
import socket
import struct
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NoReturn

from symconv.campaign.case import DRAWS, Case, from_json
from symconv.campaign.coefficients import decode
from symconv.campaign.endings import DEVICE_LOST
from symconv.campaign.execute import Executor
from symconv.campaign.finding import CaseResult, Finding, at, counted_reasons, found
from symconv.campaign.prepare import Draws, prepare
from symconv.campaign.space import BATCH, Space, batch_cases, counted
from symconv.campaign.torch_draws import run_prepared
from symconv.core.orphans import die_with
from symconv.results.reasons import ReasonKind, because
from symconv.targets import cuda
from symconv.targets.fault_kinds import NOT_JUDGED
from symconv.targets.resolve import code_digest

SLOT = struct.Struct("<q")
IDLE = -1
MOST_MESSAGE = 150_000
MOST_ALIKE = 3
"""Number of findings of one group that a batch reports; further ones are only counted."""


@dataclass(frozen=True, slots=True)
class Work:
    """The task of a worker, sent once.

    Attributes:
        target: `torch` or `module:callable`.
        call: `torch`, `paper` or `module`.
        surface: how the target is run, a name of `SURFACES`.
        engine: what the target computes with.
        algorithm: `any` or `direct`.
        memory: limit in bytes on top of the use at the start, on CUDA for tensors; 0 for no limit.
        space: the space that batches are drawn from.
        seed: seed of the campaign.
        count: total number of cases; the last batch may be shorter.
        paths: additional folders that modules are imported from.
        demand_gradients: whether a backward pass is required.
    """

    target: str
    call: str = "torch"
    algorithm: str = "any"
    memory: int = 2 * 1024**3
    space: Space = field(default_factory=Space)
    seed: int = 0
    count: int | None = None
    paths: tuple[str, ...] = ()
    demand_gradients: bool = False
    surface: str = "eager"
    engine: str = "torch"


def cases_of(work: Work, batch: int) -> list[Case]:
    """The cases of one batch."""
    size = BATCH if work.count is None else min(BATCH, work.count - batch * BATCH)
    return batch_cases(work.space, work.seed, batch, size)


def _limit(work: Work) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if work.memory and work.space.device == "cuda":
        cuda.limit_memory(work.memory)
    elif work.memory and sys.platform.startswith("linux"):
        with open("/proc/self/statm") as stream:  # noqa: PTH123 - read in a process that is forked
            pages = int(stream.read().split()[0])
        most = pages * resource.getpagesize() + work.memory
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def main(connection: socket.socket, slot: int, errors: int, work: Work, parent: int) -> None:
    """Serve requests until the connection closes; never returns."""
    die_with(parent)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(errors, 1)
    os.dup2(errors, 2)
    faulthandler.enable(2)
    place = mmap.mmap(slot, SLOT.size)

    def mark(number: int) -> None:
        SLOT.pack_into(place, 0, number)

    def send(message: dict[str, Any]) -> None:
        data = json.dumps(message).encode()
        if len(data) > MOST_MESSAGE and message.get("finding"):
            message["finding"]["results"] = {}
            data = json.dumps(message).encode()
        connection.sendall(data)

    try:
        executor = _executor(work)
        _limit(work)
    except BaseException as error:  # importing the target may run any code
        send({"broken": (str(error) or type(error).__name__)[:2000]})
        os._exit(0)
    send({"ready": True, "code": code_digest()})
    while True:
        data = connection.recv(2**20)
        if not data:
            os._exit(0)
        message = json.loads(data)
        if message["do"] == "batch":
            run_batch(executor, work, message, mark, send)
        elif message["do"] == "case":
            case = from_json(message["case"])
            mark(0)
            result = _run(executor, case)
            mark(IDLE)
            finding = result.finding and result.finding.to_json()
            send(
                {
                    "finding": finding,
                    "outcome": result.outcome,
                    "reason": result.reason and result.reason.to_json(),
                    "result": result.result,
                    "done": True,
                }
            )
        else:
            mark(0)
            coefficients = decode(executor, from_json(message["case"]))
            mark(IDLE)
            send({"decoded": coefficients, "done": True})


def _executor(work: Work) -> Executor:
    from symconv.targets.resolve import load_target

    sys.path += [path for path in work.paths if path not in sys.path]
    target = load_target(work.target, call=work.call, surface=work.surface, engine=work.engine)
    return Executor(target, work.algorithm, BaseException, work.demand_gradients)


def run_batch(
    executor: Executor, work: Work, message: dict[str, Any], mark: Any, send: Any
) -> None:
    """Run groups of draws one after the other; acknowledge each with its corners and outcomes."""
    batch = message["batch"]
    cases = cases_of(work, batch)
    seen: dict[str, int] = message["seen"]
    groups = [list(numbers) for _, numbers in groupby(message["todo"], lambda n: n // DRAWS)]
    ready = [_prepared(executor, [cases[n] for n in numbers]) for numbers in groups]
    for numbers, prepared in zip(groups, ready, strict=True):
        chosen = [cases[n] for n in numbers]
        results = _survived(executor, chosen, prepared, _marker(mark, numbers))
        mark(IDLE)
        for number, result in zip(numbers, results, strict=True):
            if result.finding is not None:
                _report(at(result.finding, batch, number), seen, send)
        send(
            {
                "did": numbers,
                "corners": counted(chosen),
                "outcomes": Counter(result.outcome for result in results),
                "reasons": counted_reasons(results),
            }
        )
    send({"done": True})


def _prepared(executor: Executor, cases: list[Case]) -> list[Draws | Case]:
    """Prepare draws together, or leave them to be run one by one if that fails."""
    try:
        return prepare(executor, cases)
    except Exception:  # an error in symconv, reported when the case is run
        return list(cases)


def _survived(
    executor: Executor,
    cases: list[Case],
    prepared: list[Draws | Case],
    mark: Callable[[int], None],
) -> list[CaseResult]:
    """Results of a group's cases; if symconv fails, run them one by one and report each error."""
    try:
        return run_prepared(executor, prepared, mark)
    except cuda.DeviceLost as error:  # the slot holds the case
        _leave(error)
    except Exception:  # what a target returns may make the judge fail
        results: list[CaseResult] = []
        for n, case in enumerate(cases):
            mark(n)
            results.append(_run(executor, case))
        return results


def _run(executor: Executor, case: Case) -> CaseResult:
    try:
        return executor.run(case)
    except cuda.DeviceLost as error:
        _leave(error)
    except Exception as error:  # a separate kind, which refutes nothing
        if cuda.is_lost(case.device):
            _leave(cuda.DeviceLost(f"{type(error).__name__}: {error}"))
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{last.filename.rpartition('symconv/')[2]}:{last.lineno}"
        failed = because(ReasonKind.JUDGE_FAILED, type=type(error).__name__, frame=place)
        return found(Finding(NOT_JUDGED, case, (failed,), message=str(error)[:2000]))


def _leave(error: cuda.DeviceLost) -> NoReturn:
    """Exit: the supervisor finds the case in the slot and the error in stderr."""
    print(error, file=sys.stderr, flush=True)
    os._exit(DEVICE_LOST)


def _marker(mark: Callable[[int], None], numbers: list[int]) -> Callable[[int], None]:
    """A `mark` that translates positions in the group to numbers in the batch."""
    return lambda n: mark(numbers[n])


def _report(finding: Finding, seen: dict[str, int], send: Any) -> None:
    seen[finding.group] = seen.get(finding.group, 0) + 1
    full = seen[finding.group] <= MOST_ALIKE
    send({"finding": finding.to_json()} if full else {"more": finding.group})
