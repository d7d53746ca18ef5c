"""What a document says at one place, and what is to be held of it."""

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
"""What somebody has to look at."""
LISTED = (*HEEDED, RANDOM, NOT_RUN)
"""What a report lists without being asked."""
VERDICTS = {
    RIGHT: "holds exactly, in the reading that is named",
    WRONG: "does not hold in any reading that can have this size",
    DOUBTFUL: "does not hold as read here, but may in another reading",
    DEFINES: "gives a name to a value",
    GENERAL: "speaks of letters that have no value here; not judged unless it is said",
    UNREAD: "could not be read, and why; not judged",
    RANDOM: "a printed output that differs from run to run; not judged",
    NOT_RUN: "a printed output whose code did not run; not judged",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict on one statement of a formula or sentence.

    Attributes:
        verdict: one of `VERDICTS`.
        note: what is wrong and what is right instead, or the reading, or the reason.
        at: where in the formula's text it stands.
    """

    verdict: str
    note: str = ""
    at: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """A finding with its place in a file.

    Attributes:
        file: as it was named; `-` is standard input.
        cell: the cell of a notebook, counted from 1, or None.
        line: line of the file, or of the cell, counted from 1.
        text: its text.
        finding: the verdict, and what is wrong.
    """

    file: str
    cell: int | None
    line: int
    text: str
    finding: Finding

    @property
    def verdict(self) -> str:
        """The finding's verdict, one of `VERDICTS`."""
        return self.finding.verdict

    @property
    def note(self) -> str:
        """The finding's note."""
        return self.finding.note

    @property
    def claim(self) -> str:
        """The text on one line, made short."""
        from symconv.documents.excerpt import compact

        return compact(self.text)

    @property
    def place(self) -> str:
        """`notes.md:12`, or `notes.ipynb cell 3:2`."""
        inside = f" cell {self.cell}" if self.cell is not None else ""
        return f"{self.file}{inside}:{self.line}"

    def to_json(self) -> dict[str, object]:
        """The record as JSON values."""
        return {
            "file": self.file,
            "cell": self.cell,
            "line": self.line,
            "claim": self.claim,
            "verdict": self.verdict,
            "correction": self.note,
        }
