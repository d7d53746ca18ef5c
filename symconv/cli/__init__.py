"""The command line: one file a verb.

Help, version, `size` and `audit` answer without loading click, which costs more than Python's own
start.
"""

from __future__ import annotations

import os
import sys

from symconv import __version__
from symconv.cli.verbs import help_text


def main() -> None:
    """The entry point of the `symconv` command."""
    arguments = sys.argv[1:]
    if arguments in (["--help"], ["-h"]):
        print(help_text(), end="")
    elif arguments == ["--version"]:
        print(f"symconv {__version__}")
    elif arguments[:1] not in (["size"], ["audit"]) or not _quickly(*arguments):
        from symconv.cli.app import app

        app(prog_name="symconv")


def _quickly(verb: str, *words: str) -> bool:
    """A verb answered without click; does not come back where an exit code is due."""
    if verb == "size":
        from symconv.cli.quick import size as quickly
    else:
        from symconv.cli.auditing import quickly
    found = quickly(words)
    if found is None:
        return False
    try:
        print(found[0], flush=True)
    except BrokenPipeError:
        # the reader of the pipe has seen enough; nothing more may be written at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if found[1]:
        sys.exit(found[1])
    return True
