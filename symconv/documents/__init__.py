"""Check what documents claim about matrices, sums and sizes, in exact arithmetic.

Nothing here imports SymPy, torch or NumPy, and no code of a document is executed unless `run` is
set.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from symconv.core.arguments import suggest_names

if TYPE_CHECKING:
    from symconv.documents.audit_report import Audit


@suggest_names
def audit(
    names: str | Path | Iterable[str | Path],
    *,
    macros: str = "",
    run: bool = False,
    seconds: float = 60.0,
) -> Audit:
    """Read documents and judge their claims.

    Args:
        names: a file, a folder, several of them, or `-` for standard input.
        macros: LaTeX definitions that every document may use.
        run: whether to execute the code of the documents and judge their printed outputs; see
            `symconv.documents.outputs` for the precautions and risks.
        seconds: time limit for the code of one document.

    Raises:
        ParseError: a name is not a file or folder, or a named file is not readable text.

    >>> import symconv, tempfile, pathlib
    >>> page = pathlib.Path(tempfile.mkdtemp(), "notes.md")
    >>> _ = page.write_text("The size is $(4 - 1) * 2 + 3 = 10$.")
    >>> symconv.audit(page).verdict.outcome.value
    'refuted'
    """
    from symconv.core.errors import ParseError
    from symconv.documents.audit_report import Audit
    from symconv.documents.document import KINDS, kind_of, read_document, unreadable
    from symconv.documents.folders import collect, kind_of_text, text_of
    from symconv.documents.tex.macros import read_macros

    several = (names,) if isinstance(names, (str, Path)) else names
    found = collect(map(str, several))
    shared = read_macros(macros)
    readings = []
    isolation = ""
    for name in found.files:
        try:
            text = text_of(name)
        except ParseError as error:
            if name in found.named:
                raise
            readings.append(unreadable(name, str(error)))
            continue
        known = any(name.lower().endswith(ending) for ending in KINDS)
        kind = kind_of(name) if known else kind_of_text(text)
        try:
            reading = read_document(text, name, kind, shared)
        except ParseError as error:
            if name in found.named:
                raise
            readings.append(unreadable(name, str(error)))
            continue
        if run:
            from symconv.documents.outputs.verdicts import judge_outputs

            claims, isolation = judge_outputs(reading.blocks, name, seconds)
            reading.claims += claims
            reading.claims.sort(key=lambda c: (c.cell or 0, c.line))
        readings.append(reading)
    return Audit(readings, found.others, isolation)
