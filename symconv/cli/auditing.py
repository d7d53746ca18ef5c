"""What `symconv audit` answers, and plain uses of it read without click.

Click's import alone takes longer than reading a document; whatever is not plain, help and every
mistake among it, is click's.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from symconv.audit import audit, report
from symconv.audit.files import text_of
from symconv.cli.verbs import INTERRUPTED
from symconv.errors import ParseError, SymconvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

WARNING = (
    "symconv: --run executes the code of these documents in processes of their own; that is no "
    "sandbox"
)


def answer(
    names: Sequence[str],
    *,
    verbose: bool = False,
    strict: bool = False,
    run: bool = False,
    seconds: float = 60.0,
    macros: str | None = None,
    kind: str = "text",
) -> tuple[str, int]:
    """What is printed, and the exit code.

    Raises:
        ParseError: no document, or one that cannot be read.
    """
    if not names:
        raise ParseError("no document was named: symconv audit notes.md, a folder, or - for stdin")
    if not 0.1 <= seconds <= 3600:
        raise ParseError(f"--seconds {seconds:g} is no time from 0.1 to 3600: --seconds 60")
    if run:
        print(WARNING, file=sys.stderr)
    done = audit(names, macros="" if macros is None else text_of(macros), run=run, seconds=seconds)
    code = done.exit_code(strict=strict)
    if kind == "json":
        import json

        return json.dumps(report.to_json(done), indent=2), code
    if kind == "github":
        return report.github(done), code
    return report.text(done, verbose=verbose), code


def printable(text: str) -> str:
    r"""What standard output can encode; other signs as `\u....`."""
    coding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return text.encode(coding, "backslashreplace").decode(coding)


FLAGS = {
    "-v": "verbose", "--verbose": "verbose", "--strict": "strict", "--run": "run",
}  # fmt: skip


def quickly(words: Sequence[str]) -> tuple[str, int] | None:
    """The answer and the exit code; None where click has to read the words."""
    names = [word for word in words if not word.startswith("-") or word == "-"]
    flags = [word for word in words if word.startswith("-") and word != "-"]
    given: dict[str, Any] = {}
    for word in flags:
        if word == "--json":
            given["kind"] = "json"
        elif word in FLAGS:
            given[FLAGS[word]] = True
        else:
            return None
    try:
        text, code = answer(names, **given)
        return printable(text), code
    except SymconvError as error:
        # said here and not by click, which would read standard input and run code once more
        print(f"symconv: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print(INTERRUPTED, file=sys.stderr)
        sys.exit(3)
