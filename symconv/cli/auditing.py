"""What `symconv audit` prints, without the parsing of its command line."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from symconv.core.errors import ParseError
from symconv.documents import audit
from symconv.documents import audit_report as report
from symconv.documents.folders import text_of

WARNING = (
    "symconv: --run executes the code of these documents in separate processes, which are not a "
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
        raise ParseError("no document was given: name a file, a folder, or - for stdin")
    if not 0.1 <= seconds <= 3600:
        raise ParseError(f"--seconds {seconds:g} is not in the range 0.1 to 3600")
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
