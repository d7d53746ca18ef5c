"""The library on one page: what is proved, by whom, from what, and what is false beside it."""

from __future__ import annotations

from collections.abc import Sequence

from symconv.document.tree import (
    Badge,
    Block,
    Code,
    Document,
    Heading,
    Inline,
    Listing,
    Table,
    paragraph,
)
from symconv.errors import ParseError
from symconv.evidence import Method
from symconv.proof import guards
from symconv.proof.library import Entry, Status
from symconv.proof.narrate import coded, statement
from symconv.proof.refuting import Instance

TRUSTED = (
    "the kernel (proof/kernel.py)",
    "the generator of obligations (proof/obligations.py, proof/wellformed.py)",
    "the rules of bijections and products, proved in rocq/Sums.v",
    "the definitions (geometry.py, dialects/torch.py), checked against torch and by enumeration",
    "Python's integers",
)
"""What must be believed for a PROVED of the kernel. Not: SymPy, NumPy, scipy, z3, LaTeX."""


def badge(status: Status) -> str:
    """The word of a status, as on all pages."""
    if status.status == "proved":
        kernel = "kernel" in status.checkers
        return str((Method.KERNEL if kernel else Method.ROCQ).value)
    other = {"refuted": "REFUTED", "needs_engine": "NEEDS ROCQ", "broken": "REJECTED"}
    return other.get(status.status, "UNDECIDED")


def counted(found: Sequence[Status], false: Sequence[tuple[Entry, Instance | None]]) -> str:
    """The counts in one sentence."""
    by = {word: sum(s.status == word for s in found) for word in
          ("proved", "refuted", "needs_engine", "unproved", "broken")}  # fmt: skip
    words = {"proved": "proved", "refuted": "refuted", "needs_engine": "need Rocq (--rocq)",
             "unproved": "undecided", "broken": "broken"}  # fmt: skip
    told = ", ".join(f"{n} {words[word]}" for word, n in by.items() if n)
    twins = f"; {sum(i is not None for _, i in false)} false versions refuted" if false else ""
    return f"{len(found)} {'statement' if len(found) == 1 else 'statements'}: {told}{twins}."


def decided(entry: Entry, status: Status) -> Document:
    """One statement of a user's own, as it came out."""
    blocks: list[Block] = [Badge(badge(status), f"{entry.name}: {status.detail or 'as stored'}.")]
    for part in entry.parts:
        blocks += statement(part, entry.laws)
    if status.status == "proved":
        blocks.append(paragraph(f"Checked by {', '.join(status.checkers)}. To be trusted: "
                                + "; ".join(TRUSTED) + "."))  # fmt: skip
    return Document(entry.title, tuple(blocks))


def summary(entries: Sequence[Entry], found: Sequence[Status],
            false: Sequence[tuple[Entry, Instance | None]]) -> Document:  # fmt: skip
    """The table that `symconv prove` prints."""
    rows = []
    for entry, status in zip(entries, found, strict=True):
        said: list[Inline] = [entry.title]
        if status.detail and status.status != "needs_engine":
            said.append(f" {status.detail}")
        by = ", ".join(status.checkers) or "-"
        rows.append(((entry.name,), (badge(status),), (by,), tuple(said)))
    blocks: list[Block] = [paragraph(counted(found, false)),
                           Table(("theorem", "status", "checked by", "statement"), tuple(rows),
                                 (24, 18, 14, 44))]  # fmt: skip
    blocks += twins(false)
    blocks.append(paragraph("A PROVED (kernel) trusts: " + "; ".join(TRUSTED) + "."))
    return Document("Proved for all sizes", tuple(blocks))


def twins(false: Sequence[tuple[Entry, Instance | None]]) -> list[Block]:
    """What is false, with numbers."""
    if not false:
        return []
    rows = tuple(
        ((entry.name,), (entry.twin_says,), (str(seen) if seen else "no counterexample recorded",))
        for entry, seen in false
    )
    return [Heading(2, "False, though plausible"),
            Table(("beside", "claim", "counterexample"), rows, (20, 40, 40))]  # fmt: skip


def readme(entries: Sequence[Entry]) -> Document:
    """The library's own page: statements, hypotheses, sources, checkers, twins, dependencies."""
    kernel = sum(not e.only_rocq for e in entries)
    obligations = sum(len(e.obligations) for e in entries)
    blocks: list[Block] = [
        paragraph(
            f"{len(entries)} statements about transposed convolution, for all sizes: {kernel} with "
            f"certificates that the kernel checks ({obligations} sequents), "
            f"{len(entries) - kernel} proved in Rocq alone. Run ", Code("symconv prove"),
            " to check them here; this page is written by ",
            Code("symconv prove --list --format markdown"), "."),
        Badge("TRUSTED", "; ".join(TRUSTED) + ". Not trusted: SymPy, NumPy, scipy, z3, LaTeX."),
        Heading(2, "What rests on what"),
        Listing(graph(entries), "mermaid"),
    ]  # fmt: skip
    for entry in entries:
        blocks += _section(entry)
    return Document("Proofs", tuple(blocks))


def graph(entries: Sequence[Entry]) -> str:
    """Arrows from what is used to what uses it, in Mermaid's language."""
    lines = ["graph LR"]
    for entry in entries:
        lines += [f"  {used} --> {entry.name}" for used in entry.uses]
    return "\n".join(lines)


def checkers(entry: Entry) -> str:
    """Who agrees, where all engines are there."""
    named = [] if entry.only_rocq else ["kernel", "z3", "Rocq (certificates)"]
    named += [f"Rocq ({file}: {lemma})" for file, lemma in entry.by_hand]
    return ", ".join(named)


def _section(entry: Entry) -> list[Block]:
    blocks: list[Block] = [Heading(2, entry.name), paragraph(*coded(entry.title))]
    if entry.words:
        blocks.append(paragraph(*coded(entry.words)))
    blocks.append(paragraph(f"Source: {entry.source} Checked by: {checkers(entry)}."))
    try:
        data = guards.read(entry)
    except ParseError:
        return blocks
    for rows in data["hypotheses"]:
        table = tuple(((Code(words),), (_why(answer),)) for words, answer in rows)
        if table:
            blocks.append(Table(("hypothesis", "without it"), table, (40, 60)))
    seen = guards.twin_instance(entry, data)
    if seen is not None:
        blocks.append(paragraph(f"False: {entry.twin_says}. At {seen}."))
    return blocks


def _why(answer: object) -> str:
    if isinstance(answer, dict):
        return "fails at " + ", ".join(f"{n} = {v}" for n, v in answer.items())
    return str(answer)
