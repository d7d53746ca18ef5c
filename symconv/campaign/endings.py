"""How a process ended, in words: from its exit code and from what it wrote."""

from __future__ import annotations

import signal
from pathlib import Path

from symconv.campaign.finding import ENDED, FULL
from symconv.results.reasons import Reason, ReasonKind, because
from symconv.targets.calling import out_of_memory, out_of_threads

OURS = Path(__file__).resolve().parents[1]
"""A folder of users may bear our name too."""
DEVICE_LOST = 86
"""The exit code of a worker whose device takes no more calls; it has written why."""
FROM_OUTSIDE = (
    signal.SIGKILL,
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGXCPU,
)
"""Signals that users, schedulers and the system send; faults of a program are others."""


def ending(code: int, killed: str, written: str) -> tuple[str, Reason]:
    """The kind of a worker's death and its reason.

    Args:
        code: the exit code, minus the number of the signal that ended it.
        killed: the kind for which the supervisor ended it, "" if it did not.
        written: what the worker wrote to stderr.
    """
    if killed:
        limit = ReasonKind.TIME_LIMIT if killed == "hang" else ReasonKind.MEMORY_LIMIT
        return killed, because(limit)
    if code == DEVICE_LOST:
        last = written.strip().splitlines()[-1][:300]
        return "crash", because(ReasonKind.DEVICE_LOST, message=last)
    if out_of_memory(written):
        return FULL, because(ReasonKind.ALLOCATION_FAILED)
    if out_of_threads(written):
        return ENDED, because(ReasonKind.NO_THREADS)
    if code >= 0:
        return "exit", because(ReasonKind.EXIT_CODE, code=code)
    number = signal.Signals(-code)
    if number in FROM_OUTSIDE:
        return ENDED, because(ReasonKind.SIGNAL_FROM_OUTSIDE, signal=number.name)
    return "crash", because(ReasonKind.SIGNAL, signal=number.name, frame=frame(written))


def frame(told: str) -> str:
    """The innermost Python frame of a fatal error in the target: no file of ours, and none of an
    installed package where there is another.
    """
    lines = [line.strip() for line in told.splitlines() if line.strip().startswith('File "')]
    others = [line for line in lines if f'File "{OURS}' not in line]
    own = [line for line in others if "site-packages" not in line and "dist-packages" not in line]
    return next(iter([*own, *others]), "")[:160]
