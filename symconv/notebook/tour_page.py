"""The tour through the claims of the notebook, as a page and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from symconv.core.arguments import suggest_names
from symconv.notebook import (
    beyond,
    followed,
    restoring,
)
from symconv.notebook import (
    blocks_part as blocks,
)
from symconv.notebook import (
    matrix_part as matrices,
)
from symconv.notebook import (
    windows_part as windows,
)
from symconv.notebook.claims import TourClaim, judged
from symconv.render.result import Result
from symconv.render.tree import Block, Document, Heading, Inline, Table, paragraph
from symconv.results.evidence import Evidence, Method, Outcome, Semantics, Verdict
from symconv.targets import torchlib

PARTS = (
    ("Placed blocks and channels", blocks.MAKERS),
    ("The connection to a matrix and its transpose", matrices.MAKERS),
    ("What the transpose restores", restoring.MAKERS),
    ("Strided windows", windows.MAKERS),
    ("Beyond the notebook", beyond.MAKERS),
)


@dataclass(frozen=True, repr=False)
class Tour(Result):
    """The judged claims of the notebook and those beyond it.

    Attributes:
        parts: the title and the claims of each part, in the notebook's order.
        devices: the devices on which torch ran.
    """

    parts: tuple[tuple[str, tuple[TourClaim, ...]], ...]
    devices: tuple[str, ...]

    @property
    def claims(self) -> list[TourClaim]:
        """The claims of all parts, in order."""
        return [claim for _, claims in self.parts for claim in claims]

    @property
    def outcome(self) -> Outcome:
        """HOLDS if every claim is as expected, else REFUTED."""
        return Outcome.HOLDS if all(c.as_expected for c in self.claims) else Outcome.REFUTED

    @property
    def verdict(self) -> Verdict:
        """The outcome with its evidence."""
        return Verdict(self.outcome, self.evidence)

    @property
    def evidence(self) -> Evidence:
        """The statement, domain and method of the tour's own verdict."""
        return Evidence(
            statement="every claim of the notebook gets the mathematically correct verdict",
            domain=f"{len(self.claims)} claims",
            semantics=Semantics.RATIONALS,
            method=Method.COMPUTED,
            trusted=tuple(
                dict.fromkeys(t for c in self.claims for t in c.verdict.evidence.trusted)
            ),
            refute_by="recompute any claim by hand, with torch, or with another exact system",
        )

    @property
    def environment(self) -> str:
        """The torch version and devices of the cross-checks, or why there are none."""
        if not torchlib.installed():
            return f"no cross-check: torch is not installed; {torchlib.INSTALL}"
        return ", ".join(torchlib.environment(device) for device in self.devices)

    @property
    def table(self) -> Table:
        """The table of all claims with verdict, method and cross-check."""
        return Table(
            ("claim", "verdict", "how it is known", "cross-check"),
            tuple(_row(claim) for claim in self.claims),
            (40, 12, 20, 26),
        )

    @property
    def summary(self) -> str:
        """A sentence with the number of claims that hold and are refuted, or with the faults."""
        wrong = [c.id for c in self.claims if not c.as_expected]
        refuted = sum(c.verdict.outcome is Outcome.REFUTED for c in self.claims)
        if wrong:
            return f"FAULT: the verdict on {', '.join(wrong)} is mathematically incorrect."
        return (
            f"{len(self.claims)} claims: {len(self.claims) - refuted} hold, {refuted} are refuted "
            "and followed by the correct statement."
        )

    @cached_property
    def document(self) -> Document:
        """The tour as a page."""
        page: list[Block] = [
            blocks.INTRODUCTION,
            paragraph(f"{self.summary} Cross-checks: {self.environment}."),
            self.table,
        ]
        for title, claims in self.parts:
            page.append(Heading(2, title))
            for claim in claims:
                page += claim.section()
        return Document("Transposed convolution, derived and judged", tuple(page))

    def to_json(self) -> dict[str, Any]:
        """The JSON object that `symconv tour --json` prints."""
        return {
            "schema": "symconv/1",
            "verb": "tour",
            "verdict": self.outcome.value,
            "evidence": self.evidence.to_json(),
            "environment": self.environment,
            "claims": [claim.to_json() for claim in self.claims],
        }


def _row(claim: TourClaim) -> tuple[tuple[Inline, ...], ...]:
    verdict = claim.verdict.outcome.value
    if not claim.as_expected:
        verdict += " (FAULT)"
    return (
        (claim.sentence,),
        (verdict,),
        (_how(claim),),
        (claim.check.mark,),
    )


def _how(claim: TourClaim) -> str:
    method = claim.verdict.evidence.method.value
    if claim.verdict.outcome is Outcome.REFUTED:
        return f"witness, {method}"
    return method


@suggest_names
def tour(device: str = "auto") -> Tour:
    """Judge all claims; `device` (`auto`, `cpu` or `cuda`) is where the cross-checks run.

    Raises:
        EngineMissing: `device` is `cuda` and there is none.

    >>> import symconv
    >>> symconv.tour(device="cpu").verdict.outcome.value
    'holds'
    """
    devices = torchlib.devices(device)
    every = [*PARTS, ("The notebook's programs, followed", followed.makers())]
    parts = tuple((t, tuple(judged(m, devices) for m in makers)) for t, makers in every if makers)
    return Tour(parts, devices)
