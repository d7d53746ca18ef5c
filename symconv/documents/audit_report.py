"""Format the result of an audit as text, as a JSON object, or as GitHub annotations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from symconv.documents.claim import (
    DEFINES,
    DOUBTFUL,
    GENERAL,
    HEEDED,
    LISTED,
    NOT_RUN,
    RANDOM,
    RIGHT,
    UNREAD,
    VERDICTS,
    WRONG,
    Claim,
)
from symconv.documents.document import Reading
from symconv.render.lines import Limits
from symconv.render.result import Result
from symconv.render.text import SCREEN
from symconv.render.tree import Document, Listing
from symconv.results.evidence import Evidence, Method, Outcome, Semantics, Verdict

REMAIN = (DOUBTFUL, UNREAD, NOT_RUN)
"""Verdicts that `--strict` does not accept."""


@dataclass(frozen=True, repr=False)
class Audit(Result):
    """The result of reading all documents.

    Attributes:
        readings: one reading per file.
        others: number of files of other kinds in the folders, by extension.
        isolation: the limits under which code was run, as text; empty if none was run.
    """

    readings: list[Reading]
    others: dict[str, int] = field(default_factory=dict)
    isolation: str = ""

    @property
    def verdict(self) -> Verdict:
        """The outcome with its evidence."""
        return Verdict(Outcome(self.outcome), EVIDENCE)

    @property
    def document(self) -> Document:
        """The page: the lines as they are."""
        return Document("Audit", (Listing(text(self)),))

    def to_text(self, limits: Limits = SCREEN) -> str:
        """The claims that are not right, and the summary."""
        return text(self) + "\n"

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        return to_json(self)

    @property
    def claims(self) -> list[Claim]:
        """Every claim, file by file."""
        return [claim for reading in self.readings for claim in reading.claims]

    def count(self, verdict: str) -> int:
        """Number of claims with a given verdict."""
        return sum(claim.verdict == verdict for claim in self.claims)

    @property
    def outputs(self) -> int:
        """Number of printed outputs in the documents."""
        return sum(block.kind == "output" for r in self.readings for block in r.blocks)

    def exit_code(self, *, strict: bool = False) -> int:
        """1 if a claim is wrong; with `strict`, 3 if something is undecided; 0 otherwise."""
        if self.count(WRONG):
            return 1
        return 3 if strict and self._open else 0

    @property
    def _open(self) -> bool:
        """Whether something is undecided, including printed outputs whose code was not run."""
        return any(map(self.count, REMAIN)) or bool(self.outputs and not self.isolation)

    @property
    def outcome(self) -> str:
        """`refuted`, `holds` or `undecided`.

        `refuted` if a claim is wrong; `holds` if a claim is right and nothing is undecided.
        """
        if self.count(WRONG):
            return "refuted"
        return "undecided" if self._open or not self.count(RIGHT) else "holds"


def text(audit: Audit, *, verbose: bool = False) -> str:
    """Format an audit as text: claims that need attention (`verbose`: all claims) and a summary."""
    lines = []
    for claim in audit.claims:
        if verbose or claim.verdict in LISTED:
            word = claim.verdict.upper() if claim.verdict in HEEDED else claim.verdict
            lines.append(f"{claim.place} {word}: {claim.claim}")
            if claim.note:
                lines.append(f"    -> {claim.note}")
    return "\n".join([*lines, *([""] if lines else []), *summary(audit, verbose=verbose)])


def summary(audit: Audit, *, verbose: bool = False) -> list[str]:
    """The lines of the summary: counts of everything in the documents, judged or not."""
    count = {verdict: audit.count(verdict) for verdict in VERDICTS}
    files = len(audit.readings)
    lines = [
        f"{_number(files, 'file')}: {count[RIGHT]} right, {count[WRONG]} wrong, "
        f"{count[DOUBTFUL]} doubtful; {_number(count[DEFINES], 'definition')}, "
        f"{_number(count[GENERAL], 'general formula')}."
    ]
    if count[UNREAD]:
        how = "" if verbose else " (-v lists them)"
        lines.append(f"Not understood and not judged: {count[UNREAD]}{how}.")
    prose = sum(r.prose for r in audit.readings)
    formulas = sum(r.formulas for r in audit.readings)
    lines.append(
        f"Not judged: {_number(prose, 'sentence')} that {_s(prose, 'says', 'say')} nothing about "
        f"sizes, {_number(formulas, 'formula')} that {_s(formulas, 'claims', 'claim')} nothing."
    )
    if audit.isolation:
        lines.append(
            f"Printed outputs: {count[RANDOM]} random, {count[NOT_RUN]} not run. Code was run "
            f"{audit.isolation}."
        )
    elif audit.outputs:
        lines.append(
            f"{_number(audit.outputs, 'printed output')} not judged: use --run to execute the "
            "document's code."
        )
    if audit.others:
        kinds = ", ".join(
            f"{n} {kind if kind.isprintable() else repr(kind)}"
            for kind, n in sorted(audit.others.items())
        )
        lines.append(f"Files of other kinds, not read: {kinds}.")
    return lines


def _number(count: int, word: str) -> str:
    plural = {"formula": "formulas", "general formula": "general formulas"}.get(word, word + "s")
    return f"{count:,} {word if count == 1 else plural}"


def _s(count: int, one: str, many: str) -> str:
    return one if count == 1 else many


EVIDENCE = Evidence(
    "each claim listed as right holds, and each listed as wrong does not",
    "the claims listed, each in the reading that is named; claims that are not understood are "
    "not judged",
    Semantics.RATIONALS,
    Method.COMPUTED,
    ("the reader of formulas (symconv/documents)", "Python's integers"),
    "compute the named cell by hand",
)


def to_json(audit: Audit) -> dict[str, Any]:
    """The JSON object that `--json` prints."""
    return {
        "schema": "symconv/1",
        "verb": "audit",
        "verdict": audit.outcome,
        "evidence": EVIDENCE.to_json(),
        "files": [r.file for r in audit.readings],
        "counts": {verdict: audit.count(verdict) for verdict in VERDICTS},
        "prose": sum(r.prose for r in audit.readings),
        "formulas_without_claim": sum(r.formulas for r in audit.readings),
        "printed_outputs": audit.outputs,
        "isolation": audit.isolation or None,
        "other_files": audit.others,
        "claims": [claim.to_json() for claim in audit.claims],
    }


def github(audit: Audit) -> str:
    """Format wrong and doubtful claims as GitHub workflow annotations, followed by the summary."""
    lines = []
    for claim in audit.claims:
        if claim.verdict not in HEEDED:
            continue
        level = "error" if claim.verdict == WRONG else "warning"
        inside = f" (cell {claim.cell}, line {claim.line})" if claim.cell is not None else ""
        line = "" if claim.cell is not None else f",line={claim.line}"
        message = f"{claim.claim} -> {claim.note}{inside}"
        lines.append(
            f"::{level} file={_escaped(claim.file, property_=True)}{line},"
            f"title=symconv audit%3A {claim.verdict}::{_escaped(message)}"
        )
    return "\n".join([*lines, *summary(audit)])


def _escaped(words: str, *, property_: bool = False) -> str:
    signs = [("%", "%25"), ("\r", "%0D"), ("\n", "%0A")]
    signs += [(":", "%3A"), (",", "%2C")] if property_ else []
    for sign, code in signs:
        words = words.replace(sign, code)
    return words
