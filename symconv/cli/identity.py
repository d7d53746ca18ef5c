"""`symconv prove --at FILE.py:NAME`: an identity of two programs at shapes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from symconv.cli import writing
from symconv.core.errors import ParseError, SymconvError
from symconv.proof.library import run_file


def loaded(text: str) -> Any:
    """What a file holds under a name; the file is run.

    Raises:
        ParseError: no such file or name, or it cannot be run.
    """
    file, _, name = text.rpartition(":")
    if not file.endswith(".py") or not name:
        raise ParseError(f"--at {text!r}: FILE.py:NAME is required")
    path = Path(file)
    if not path.is_file():
        raise ParseError(f"--at: {file} does not exist")
    sys.path.insert(0, str(path.parent))
    try:
        names = run_file(path)
    except SymconvError:
        raise
    except (Exception, SystemExit) as error:  # the user's code may fail in any way
        raise ParseError(f"{file} cannot be run: {type(error).__name__}: {error}") from None
    finally:
        sys.path.remove(str(path.parent))
    if name not in names:
        raise ParseError(f"--at: {file} defines no {name!r}")
    return names[name]


def show(text: str, kind: str, output: str | None) -> int:
    """Compare, report; the exit code."""
    from symconv.render.formats import render
    from symconv.render.tree import Badge, Block, Document, paragraph
    from symconv.results.evidence import Outcome
    from symconv.tracing.identities import as_identity

    verdict = as_identity(loaded(text)).verdict()
    scope = verdict.evidence
    if kind == "json":
        writing.emit_json(
            {
                "schema": "symconv/1",
                "verb": "prove",
                "verdict": verdict.outcome.value,
                "evidence": scope.to_json(),
                "where": verdict.where,
                "expected": verdict.expected,
                "actual": verdict.actual,
                "cause": verdict.cause,
            },
            output,
        )
        return verdict.outcome.exit_code
    blocks: list[Block] = [Badge(verdict.badge, f"{scope.statement}: {scope.domain}.")]
    if verdict.outcome is Outcome.REFUTED:
        blocks += [
            paragraph(f"At {verdict.where}: left {verdict.expected}, right {verdict.actual}."),
            paragraph(f"{verdict.cause}."),
        ]
    elif verdict.outcome is Outcome.UNDECIDED:
        blocks.append(paragraph(f"{verdict.cause}."))
    else:
        blocks.append(paragraph(f"Other shapes are not covered; {verdict.cause}."))
    writing.emit(render(Document(f"Identity {text}", tuple(blocks)), kind), output)
    return verdict.outcome.exit_code
