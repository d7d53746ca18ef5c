"""The command line: one file a verb.

Help, version, `size` and `audit` answer without loading click, which costs more than Python's own
start.
"""

from __future__ import annotations

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
    from symconv.cli import quick

    found = quick.size(words) if verb == "size" else quick.audit(words)
    if found is None:
        return False
    print(found[0])
    if found[1]:
        sys.exit(found[1])
    return True
