"""Termination of a child process together with its parent, however the parent ends."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""Option of Linux's prctl that sets the signal sent to a process when its parent dies."""


def die_with(parent: int) -> None:
    """Kill this process when its parent, process id `parent`, dies (Linux only).

    If the parent is already dead, exit at once.
    """
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(0)
