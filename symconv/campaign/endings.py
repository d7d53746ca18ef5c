"""Why a worker process ended, from its exit code and from what it wrote to stderr."""

from __future__ import annotations

import signal
from pathlib import Path

from symconv.results.reasons import Reason, ReasonKind, because
from symconv.targets.fault_kinds import ENDED, FULL
from symconv.targets.faults import out_of_memory, out_of_threads

OURS = Path(__file__).resolve().parents[1]
"""symconv's own folder, as an absolute path: a folder of the user may have the same name."""
DEVICE_LOST = 86
"""Exit code of a worker whose device accepts no more calls; stderr gives the reason."""
FROM_OUTSIDE = (
    signal.SIGKILL,
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGXCPU,
)
"""Signals that users, schedulers and the system send; program faults raise others."""


def ending(code: int, killed: str, written: str) -> tuple[str, Reason]:
    """The kind of a worker's death and its reason.

    Args:
        code: the exit code, or minus the number of the signal that ended it.
        killed: the kind of the limit for which the supervisor ended it, "" if it did not.
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
    """The innermost Python frame of a fatal error in the target.

    Frames in symconv are skipped, and those in installed packages if there are others.
    """
    lines = [line.strip() for line in told.splitlines() if line.strip().startswith('File "')]
    others = [line for line in lines if f'File "{OURS}' not in line]
    own = [line for line in others if "site-packages" not in line and "dist-packages" not in line]
    return next(iter([*own, *others]), "")[:160]
