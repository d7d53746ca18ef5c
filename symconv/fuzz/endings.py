"""How a process ended, in words: from its exit code and from what it wrote."""

from __future__ import annotations

import signal
from pathlib import Path

OURS = Path(__file__).resolve().parents[1]
"""A folder of users may bear our name too."""
MEMORY_WORDS = ("bad_alloc", "MemoryError", "can't allocate memory", "Cannot allocate memory",
                "out of memory")  # fmt: skip


def ending(code: int, killed: str, told: str) -> tuple[str, str]:
    """`(kind, detail)` of a death from its exit code and what the worker wrote."""
    if killed:
        return killed, "the limit of time passed" if killed == "hang" else "memory was full"
    if any(word in told for word in MEMORY_WORDS):
        return "out of memory", "an allocation failed"
    if code >= 0:
        return "exit", f"exit code {code}"
    name = signal.Signals(-code).name
    if name == "SIGKILL":
        return "out of memory", "killed by the system"
    return "crash", f"{name}: {frame(told)}".rstrip(": ")


def frame(told: str) -> str:
    """The innermost Python frame of a fatal error that is not ours."""
    for line in told.splitlines():
        if line.strip().startswith('File "') and f'File "{OURS}' not in line:
            return line.strip()[:160]
    return ""
