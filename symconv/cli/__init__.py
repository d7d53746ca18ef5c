"""The command line: one file a verb.

Help, version, `size` and `audit` answer without loading click, which costs more than Python's own
start.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress

from symconv import __version__
from symconv.cli.verbs import help_text


def entry() -> None:
    """`symconv` as a process of its own.

    Python ends with 1 after an error that nobody caught; here 1 says that something is refuted, so
    such an error ends with 3, undecided.
    """
    arguments = sys.argv[1:]
    code = _guarded(lambda: _quickly(arguments))
    if code is not None:
        # Nothing is left but memory, which the system takes back sooner than the interpreter does:
        # a tenth of the whole answer.
        os._exit(code)
    from symconv.cli.supervised import VERBS, supervised

    verb = arguments[0] if arguments else ""
    if verb in VERBS and hasattr(os, "fork"):
        sys.exit(supervised(verb, lambda: _guarded(_by_click)))
    sys.exit(_guarded(_by_click))


def _guarded(work: Callable[[], int | None]) -> int | None:
    """What `work` returns, when all is written; 3 where it raises."""
    try:
        code = work()
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:  # closed before we began
                stream.flush()
    except OSError as error:
        # a full disk behind a redirection, most of the time
        return _failed(f"symconv: stopped by the system: {error.strerror or error}; nothing is "
                       "decided")  # fmt: skip
    except Exception:
        import traceback

        return _failed(f"{traceback.format_exc()}symconv: a fault of symconv's own; nothing is "
                       "decided")  # fmt: skip
    return code


def _failed(words: str) -> int:
    with suppress(OSError):
        print(words, file=sys.stderr)
    _write_no_more()
    return 3


def _write_no_more() -> None:
    """What is still in the buffer would fail again at exit."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main() -> None:
    """The command line inside a program of somebody else's: `sys.argv` is read."""
    code = _quickly(sys.argv[1:])
    if code is None:
        code = _by_click()
    if code:
        sys.exit(code)


def _by_click() -> int:
    from symconv.cli.app import app

    try:
        app(prog_name="symconv")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 3
    return 0


def _quickly(arguments: list[str]) -> int | None:
    """The exit code of what is answered without click; None where click has to."""
    found: tuple[str, int] | None = None
    if arguments in (["--help"], ["-h"]):
        found = help_text().removesuffix("\n"), 0
    elif arguments == ["--version"]:
        found = f"symconv {__version__}", 0
    elif arguments[:1] == ["size"]:
        from symconv.cli.quick import size

        found = size(arguments[1:])
    elif arguments[:1] == ["audit"]:
        from symconv.cli.auditing import quickly

        found = quickly(arguments[1:])
    if found is None:
        return None
    try:
        print(found[0], flush=True)
    except BrokenPipeError:
        # the reader of the pipe has seen enough; nothing more may be written at exit
        _write_no_more()
    return found[1]
