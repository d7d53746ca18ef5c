"""A verb that runs somebody's program works in a child process, and its exit code is what it
decided.

A program can end the process that it runs in: C's `exit(0)`, a fault of memory, the system when
memory runs out. By itself such an end would look like an answer, "holds" for `exit(0)`. Here the
answer is a byte that the child sends when it has decided; a child that ends without it has decided
nothing. What a C library writes to file descriptor 1 goes to stderr, so that stdout holds the
answer only.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress

from symconv.core.orphans import die_with

VERBS = frozenset({"check", "fuzz", "prove"})
"""The verbs that run a program in their own process. `fuzz`, `replay` and `audit --run` start
processes of their own for it.
"""
PASSED_ON = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
UNDECIDED = 3


def supervised(verb: str, work: Callable[[], int | None]) -> int:
    """The exit code that `work` returns in a child process; 3 if the child ends without one."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    while (spare := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass  # a standard stream that is closed does not become the pipe
    os.close(spare)
    reading, writing = os.pipe()
    watched = {signal.SIGCHLD, *PASSED_ON}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, watched)
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.close(reading)
        die_with(parent)
        _keep_stdout()
        code = work() or 0
        with suppress(OSError):
            os.write(writing, bytes([code]))
        os.close(writing)
        sys.exit(code)  # what was registered with atexit runs; it can no longer change the answer
    os.close(writing)
    ended = _wait(child, watched)
    answer = os.read(reading, 1)
    os.close(reading)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    if answer:
        return answer[0]
    if -ended in PASSED_ON:  # the user's wish, so the shell is to see it
        signal.signal(-ended, signal.SIG_DFL)
        os.kill(os.getpid(), -ended)
    _say(verb, ended)
    return UNDECIDED


def _wait(child: int, watched: set[signal.Signals]) -> int:
    """The child's exit code, minus the signal's number if one ended it; signals that are sent to
    us are passed on.
    """
    while True:
        if hasattr(signal, "sigwaitinfo"):
            seen = signal.sigwaitinfo(watched)
            number = seen.si_signo
            sent = seen.si_pid != 0  # Ctrl-C reaches the child by itself
        else:  # macOS
            number = signal.sigwait(watched)
            sent = number != signal.SIGINT
        if number == signal.SIGCHLD:
            pid, status = os.waitpid(child, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
        elif sent:
            os.kill(child, number)


def _keep_stdout() -> None:
    """`sys.stdout` writes to a copy of file descriptor 1, which itself goes where stderr goes."""
    if sys.stdout is None or sys.stderr is None:
        return
    with suppress(OSError, io.UnsupportedOperation):
        answers = os.dup(sys.stdout.fileno())
        os.dup2(sys.stderr.fileno(), 1)
        sys.stdout = io.TextIOWrapper(
            open(answers, "wb"),  # noqa: SIM115, PTH123 - a descriptor, open until the end
            encoding=sys.stdout.encoding,
            errors=sys.stdout.errors,
            line_buffering=sys.stdout.isatty(),
        )


def _say(verb: str, ended: int) -> None:
    if ended < 0:
        name = signal.Signals(-ended).name
        how = f"was ended by {name}"
        if -ended == signal.SIGKILL:
            how += ", as the system does when memory runs out"
    else:
        how = f"was ended with exit code {ended} by the program that it ran"
    way_out = ""
    if verb == "check":
        way_out = (
            ". Use symconv fuzz, which runs each case in a separate process and names the one that "
            "ends it"
        )
    with suppress(OSError):
        print(f"symconv: {verb} {how}; nothing is decided{way_out}", file=sys.stderr)
