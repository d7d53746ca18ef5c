"""The command line: one module per verb, loaded when it is called."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress


def entry() -> None:
    """Run `symconv` as a process of its own.

    Python ends with 1 after an uncaught exception; here 1 means "refuted", so an uncaught
    exception ends with 3, undecided.
    """
    from symconv.cli.supervised import VERBS, supervised

    verb = sys.argv[1] if len(sys.argv) > 1 else ""
    if verb in VERBS and hasattr(os, "fork"):
        sys.exit(supervised(verb, lambda: _guarded(_exit_code)))
    sys.exit(_guarded(_exit_code))


def main() -> None:
    """Run the command line inside another program; `sys.argv` is read."""
    code = _exit_code()
    if code:
        sys.exit(code)


def _exit_code() -> int:
    from symconv.cli.app import app

    try:
        app(prog_name="symconv")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 3
    except BrokenPipeError:
        # the reader of the pipe has closed it; not an error, but nothing more can be written
        _discard_stdout()
    return 0


def _guarded(work: Callable[[], int]) -> int:
    """Return the exit code of `work` after flushing; 3 where it raises."""
    try:
        code = work()
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:  # None where it was closed before we began
                stream.flush()
    except OSError as error:
        # most often a full disk behind a redirection
        reason = error.strerror or error
        return _failed(f"symconv: stopped by the system: {reason}; nothing is decided")
    except Exception:
        import traceback

        return _failed(
            f"{traceback.format_exc()}symconv: an error in symconv itself; nothing is decided"
        )
    return code


def _failed(message: str) -> int:
    with suppress(OSError):
        print(message, file=sys.stderr)
    _discard_stdout()
    return 3


def _discard_stdout() -> None:
    """Send what is still buffered to the null device; writing it would fail again at exit."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
