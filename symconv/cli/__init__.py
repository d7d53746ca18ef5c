"""The command line: one file a verb.

Help and version answer without loading click, which costs more than Python's own start.
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
    else:
        from symconv.cli.app import app

        app(prog_name="symconv")
