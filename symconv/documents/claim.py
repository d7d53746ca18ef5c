"""Claims of a document and the verdicts on them."""

from __future__ import annotations

from dataclasses import dataclass

RIGHT = "right"
WRONG = "wrong"
DOUBTFUL = "doubtful"
DEFINES = "defines"
GENERAL = "general"
UNREAD = "not understood"
RANDOM = "random"
NOT_RUN = "not run"

HEEDED = (WRONG, DOUBTFUL)
"""Verdicts that need attention."""
LISTED = (*HEEDED, RANDOM, NOT_RUN)
"""Verdicts that a report lists by default."""
VERDICTS = {
    RIGHT: "holds exactly in the reading that is named",
    WRONG: "does not hold in any reading that can have this size",
    DOUBTFUL: "does not hold as read here, but may in another reading",
    DEFINES: "gives a name to a value",
    GENERAL: "contains symbols without a value here; not judged unless stated otherwise",
    UNREAD: "could not be read, with the reason; not judged",
    RANDOM: "a printed output that differs from run to run; not judged",
    NOT_RUN: "a printed output whose code did not run; not judged",
}


@dataclass(frozen=True, slots=True)
class Assessment:
    """The verdict on one statement of a formula or sentence.

    Attributes:
        verdict: one of `VERDICTS`.
        note: the error and its correction, or the reading that holds, or why it is not judged.
        at: offset in the text of the formula.
    """

    verdict: str
    note: str = ""
    at: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim of a document: its place, its text and the finding on it.

    Attributes:
        file: the file as given by the user; `-` is standard input.
        cell: the cell of a notebook, counted from 1, or None.
        line: the line of the file, or of the cell, counted from 1.
        text: the text of the claim.
        finding: the verdict and its note.
    """

    file: str
    cell: int | None
    line: int
    text: str
    finding: Assessment

    @property
    def verdict(self) -> str:
        """The verdict of the finding, one of `VERDICTS`."""
        return self.finding.verdict

    @property
    def note(self) -> str:
        """The note of the finding."""
        return self.finding.note

    @property
    def claim(self) -> str:
        """The text on one line, shortened."""
        from symconv.documents.excerpt import compact

        return compact(self.text)

    @property
    def place(self) -> str:
        """The place as text: `notes.md:12`, or `notes.ipynb cell 3:2`."""
        inside = f" cell {self.cell}" if self.cell is not None else ""
        return f"{self.file}{inside}:{self.line}"

    def to_json(self) -> dict[str, object]:
        """The claim as an object of JSON values."""
        return {
            "file": self.file,
            "cell": self.cell,
            "line": self.line,
            "claim": self.claim,
            "verdict": self.verdict,
            "correction": self.note,
        }
