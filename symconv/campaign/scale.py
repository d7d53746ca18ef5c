"""A campaign on many machines: shards of batches are distributed, each run by a local supervisor.

Crashes of the target never reach the scheduler. If a machine is lost, its shards run elsewhere,
with the same cases.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

from symconv.campaign.campaign import Runner
from symconv.campaign.supervisor import Progress, Supervisor
from symconv.campaign.worker import Work
from symconv.core.errors import EngineMissing, ParseError, Undecided

SHARD = 8
"""Number of batches in a shard."""


def run_shard(work: Work, numbers: list[int], case_seconds: float) -> list[Progress]:
    """Run the given batches on a machine of the cluster, with one worker of its own."""
    with Supervisor(work, 1, case_seconds) as supervisor:
        return list(supervisor.batches(iter(numbers), lambda: False))


def connect(address: str) -> Any:
    """A client of a running scheduler.

    Raises:
        ParseError: `address` is not an address.
        EngineMissing: dask.distributed is not installed.
        Undecided: no scheduler answers at the address.
    """
    if not re.fullmatch(r"(\w+://)?\S+:\d{1,5}", address):
        raise ParseError(
            f"--scheduler {address} is not the address of a scheduler. "
            "Give one such as tcp://127.0.0.1:8786, as `dask scheduler` prints it."
        )
    try:
        from distributed import Client
    except ImportError:
        raise EngineMissing(
            "--scheduler requires dask.distributed; install it with: pip install 'symconv[dask]'"
        ) from None
    try:
        return Client(address, timeout=10, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise Undecided(
            f"--scheduler {address}: no scheduler answers: {error}. "
            "Start one there with `dask scheduler`."
        ) from None


def over(client: Any, case_seconds: float) -> Callable[[Supervisor], Runner]:
    """A runner of batches on a cluster, for `campaign.run`."""

    def runner(supervisor: Supervisor) -> Runner:
        return lambda numbers, stop: batches(supervisor.work, numbers, stop)

    def batches(work: Work, numbers: Iterator[int], stop: Callable[[], bool]) -> Iterator[Progress]:
        from distributed import as_completed

        def shards() -> Iterator[list[int]]:
            while not stop():
                shard = list(itertools.islice(numbers, SHARD))
                if not shard:
                    return
                yield shard

        def submit(shard: list[int]) -> Any:
            return client.submit(run_shard, work, shard, case_seconds, pure=False, retries=5)

        waiting = shards()
        first = [submit(shard) for shard in itertools.islice(waiting, 2 * _width(client))]
        pending = as_completed(first, loop=client.loop)
        for future in pending:
            yield from future.result()
            shard = next(waiting, None)
            if shard is not None:
                pending.add(submit(shard))

    return runner


def _width(client: Any) -> int:
    """Number of threads in the cluster, at least one."""
    return max(1, sum(int(n) for n in client.nthreads().values()))
