"""How a process ended, in words: from its exit code and from what it wrote."""

from __future__ import annotations

import signal
from pathlib import Path

from symconv.campaign.finding import ENDED, FULL

OURS = Path(__file__).resolve().parents[1]
"""A folder of users may bear our name too."""
MEMORY_WORDS = (
    "bad_alloc",
    "MemoryError",
    "can't allocate memory",
    "Cannot allocate memory",
    "out of memory",
)

DEVICE_LOST = 86
"""The exit code of a worker whose device takes no more calls; it has written why."""
THREAD_WORDS = ("Thread creation failed", "can't start new thread", "pthread_create failed")
FROM_OUTSIDE = (
    signal.SIGKILL,
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGXCPU,
)
"""Signals that users, schedulers and the system send; faults of a program are others."""


def ending(code: int, killed: str, told: str) -> tuple[str, str]:
    """`(kind, detail)` of a death from its exit code and what the worker wrote."""
    if killed:
        limit = "the limit of one case passed (--case-seconds)"
        return killed, limit if killed == "hang" else "memory was full (--case-memory)"
    if code == DEVICE_LOST:
        return "crash", f"the device was lost: {told.strip().splitlines()[-1][:300]}"
    if any(word in told for word in MEMORY_WORDS):
        return FULL, "an allocation failed (--case-memory)"
    if any(word in told for word in THREAD_WORDS):
        return ENDED, "the system let it start no more threads"
    if code >= 0:
        return "exit", f"exit code {code}"
    number = signal.Signals(-code)
    if number in FROM_OUTSIDE:
        return ENDED, f"{number.name}, as users, schedulers and a system without memory send it"
    return "crash", f"{number.name}: {frame(told)}".rstrip(": ")


def frame(told: str) -> str:
    """The innermost Python frame of a fatal error in the target: no file of ours, and none of an
    installed package where there is another.
    """
    lines = [line.strip() for line in told.splitlines() if line.strip().startswith('File "')]
    others = [line for line in lines if f'File "{OURS}' not in line]
    own = [line for line in others if "site-packages" not in line and "dist-packages" not in line]
    return next(iter([*own, *others]), "")[:160]
