"""The command line: one file a verb.

Help, version, `size` and `audit` answer without loading click, which costs more than Python's own
start.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from symconv import __version__
from symconv.cli.verbs import help_text


def entry() -> None:
    """`symconv` as a process of its own.

    Python ends with 1 after an error that nobody caught; here 1 says that something is refuted, so
    such an error ends with 3, undecided.
    """
    try:
        code = _quickly(sys.argv[1:])
        if code is None:
            _by_click()
    except OSError as error:
        # a full disk behind a redirection, most of the time
        _leave(f"symconv: stopped by the system: {error.strerror or error}; nothing is decided")
    except Exception:
        import traceback

        _leave(f"{traceback.format_exc()}symconv: a fault of symconv's own; nothing is decided")
    else:
        # Nothing is left but memory, which the system takes back sooner than the interpreter does:
        # a tenth of the whole answer.
        with suppress(OSError):
            for stream in (sys.stdout, sys.stderr):
                if stream is not None:  # closed before we began
                    stream.flush()
        os._exit(code or 0)


def _leave(words: str) -> None:
    with suppress(OSError):
        print(words, file=sys.stderr)
    _write_no_more()
    os._exit(3)


def _write_no_more() -> None:
    """What is still in the buffer would fail again at exit."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main() -> None:
    """The command line inside a program of somebody else's: `sys.argv` is read."""
    code = _quickly(sys.argv[1:])
    if code is None:
        _by_click()
    elif code:
        sys.exit(code)


def _by_click() -> None:
    from symconv.cli.app import app

    app(prog_name="symconv")


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
