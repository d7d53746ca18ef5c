"""The command line: one file a verb.

Help, version and `size` answer without loading click, which costs more than Python's own start.
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
    elif arguments[:1] != ["size"] or not _sized(arguments[1:]):
        from symconv.cli.app import app

        app(prog_name="symconv")


def _sized(words: list[str]) -> bool:
    """`symconv size` answered; does not come back where an exit code is due."""
    from symconv.cli.quick import size

    found = size(words)
    if found is None:
        return False
    print(found[0])
    if found[1]:
        sys.exit(found[1])
    return True
