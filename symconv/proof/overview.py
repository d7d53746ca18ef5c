"""Pages about the whole library: statements, their status, what is trusted, and the twins."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from symconv.core.errors import ParseError
from symconv.proof import guards
from symconv.proof.library import LibraryEntry, Status
from symconv.proof.narrate import coded, statement
from symconv.proof.refuting import Instance
from symconv.proof.theorem import InRocq, Theorem
from symconv.proof.trusted.statement import Entails, plain_text
from symconv.render.tree import (
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
from symconv.results.evidence import Method


@cache
def trusted_files() -> tuple[tuple[str, int], ...]:
    """`(file, lines of code)` of the trusted package and of the modules with the definitions.

    Blank lines, and lines that have only comments or docstrings, are not counted.
    """
    package = Path(__file__).parent / "trusted"
    root = package.parents[1]
    files = [
        *sorted(package.glob("*.py")),
        root / "core" / "laws.py",
        root / "core" / "geometry.py",
        root / "core" / "conditions.py",
        root / "core" / "dialects" / "torch.py",
        root / "core" / "polynomial.py",
    ]
    return tuple((str(f.relative_to(root.parent)), _code_lines(f.read_text())) for f in files)


def _code_lines(source: str) -> int:
    lines: set[int] = set()
    ignored = (
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
        tokenize.ENCODING,
    )
    docstrings = {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in ignored:
            lines.update(range(token.start[0], token.end[0] + 1))
    return len(lines - docstrings)


def trusted_lines() -> int:
    """The number of lines of code in the trusted package."""
    return sum(n for name, n in trusted_files() if "trusted" in name)


def trusted() -> tuple[str, ...]:
    """What a verdict of PROVED by the kernel relies on.

    It does not rely on SymPy, NumPy, scipy, z3 or LaTeX.
    """
    definitions = sum(n for name, n in trusted_files() if "trusted" not in name)
    return (
        f"the package symconv/proof/trusted ({trusted_lines()} lines of code: statements, "
        "well-formedness, obligations, certificates, kernel, verdict)",
        "the rule of bijections between finite sums, proved in rocq/Sums.v",
        f"for the words of a title, the definitions ({definitions} lines of code in laws.py, "
        "geometry.py, conditions.py, dialects/torch.py, polynomial.py), checked "
        "against torch, by enumeration",
        "Python's integers",
    )


def trusted_page() -> Document:
    """The page of `symconv prove --trusted`."""
    rows = tuple(((Code(name),), (str(n),)) for name, n in trusted_files() if "trusted" in name)
    others = tuple(
        ((Code(name),), (str(n),)) for name, n in trusted_files() if "trusted" not in name
    )
    return Document(
        "What a kernel proof relies on",
        (
            paragraph(
                f"{trusted_lines()} lines of code, without blank lines, comments and docstrings, "
                "in one package that imports nothing else from symconv:"
            ),
            Table(("file", "lines"), rows, (48, 8)),
            paragraph(
                "It proves the statement that it has read, which pages print in full. That the "
                "statement describes torch's operator relies on the definitions:"
            ),
            Table(("file", "lines"), others, (48, 8)),
            paragraph("In addition: the rule of bijections (rocq/Sums.v), Python's integers."),
        ),
    )


def badge(status: Status) -> str:
    """The mark of a status that all pages use, such as REFUTED."""
    if status.status == "proved":
        kernel = "kernel" in status.checkers
        return str((Method.KERNEL if kernel else Method.ROCQ).value)
    other = {"refuted": "REFUTED", "needs_engine": "NEEDS ROCQ", "broken": "REJECTED"}
    return other.get(status.status, "UNDECIDED")


def method(found: Sequence[Status]) -> Method:
    """The weakest method among the proved statements: KERNEL only if it holds for all of them."""
    proved = [s for s in found if s.status == "proved"]
    kernel = proved and all("kernel" in s.checkers for s in proved)
    return Method.KERNEL if kernel else Method.ROCQ


def part_json(part: Theorem) -> dict[str, Any]:
    """A theorem as JSON values, with the plain text that the trusted package writes."""
    if isinstance(part, InRocq):
        return {"kind": "rocq", "file": part.file, "lemma": part.lemma, "says": part.says}
    lines = plain_text(part)
    given = [line.removeprefix("given ") for line in lines[: len(part.given)]]
    return {
        "kind": "entails" if isinstance(part, Entails) else "equal",
        "hypotheses": given,
        "claims": lines[len(part.given) :],
    }


def counted(found: Sequence[Status], false: Sequence[tuple[LibraryEntry, Instance | None]]) -> str:
    """A sentence with the number of statements of each status and of refuted twins."""
    by = {
        word: sum(s.status == word for s in found)
        for word in ("proved", "refuted", "needs_engine", "unproved", "broken")
    }
    words = {
        "proved": "proved",
        "refuted": "refuted",
        "needs_engine": "need Rocq (--rocq)",
        "unproved": "undecided",
        "broken": "broken",
    }
    told = ", ".join(f"{n} {words[word]}" for word, n in by.items() if n)
    twins = f"; {sum(i is not None for _, i in false)} false versions refuted" if false else ""
    return f"{len(found)} {'statement' if len(found) == 1 else 'statements'}: {told}{twins}."


def decided(entry: LibraryEntry, status: Status) -> Document:
    """The page of a user's statement: its status, the statement, and what a proof relies on."""
    blocks: list[Block] = [Badge(badge(status), f"{entry.name}: {status.detail or 'as stored'}.")]
    for part in entry.parts:
        blocks += statement(part, entry.laws)
    if status.status == "proved":
        blocks.append(
            paragraph(
                f"Checked by {', '.join(status.checkers)}. Trusted: " + "; ".join(trusted()) + "."
            )
        )
    return Document(entry.title, tuple(blocks))


def summary(
    entries: Sequence[LibraryEntry],
    found: Sequence[Status],
    false: Sequence[tuple[LibraryEntry, Instance | None]],
) -> Document:
    """The page that `symconv prove` prints: the table of statements and that of twins."""
    rows = []
    for entry, status in zip(entries, found, strict=True):
        said: list[Inline] = [entry.title]
        if status.detail and status.status != "needs_engine":
            said.append(f" {status.detail}")
        by = ", ".join(status.checkers) or "-"
        rows.append(((entry.name,), (badge(status),), (by,), tuple(said)))
    blocks: list[Block] = [
        paragraph(counted(found, false)),
        Table(("theorem", "status", "checked by", "statement"), tuple(rows), (24, 18, 14, 44)),
    ]
    blocks += twins(false)
    blocks.append(paragraph("PROVED (kernel) relies on: " + "; ".join(trusted()) + "."))
    return Document("Proved for all sizes", tuple(blocks))


def twins(false: Sequence[tuple[LibraryEntry, Instance | None]]) -> list[Block]:
    """The table of twins with their counterexamples; empty if there are no twins."""
    if not false:
        return []
    rows = tuple(
        ((entry.name,), (entry.twin_says,), (str(seen) if seen else "no counterexample recorded",))
        for entry, seen in false
    )
    return [
        Heading(2, "Plausible but false"),
        Table(("variant of", "claim", "counterexample"), rows, (20, 40, 40)),
    ]


def readme(entries: Sequence[LibraryEntry]) -> Document:
    """The page of `symconv prove --list`: statements, sources, checkers, hypotheses and twins.

    It starts with a graph of the dependencies between statements.
    """
    kernel = sum(not e.only_rocq for e in entries)
    obligations = sum(len(e.obligations) for e in entries)
    blocks: list[Block] = [
        paragraph(
            f"{len(entries)} statements about transposed convolution, for all sizes: {kernel} with "
            f"certificates that the kernel checks ({obligations} sequents), "
            f"{len(entries) - kernel} proved only in Rocq. Run ",
            Code("symconv prove"),
            " to check them; this page is generated by ",
            Code("symconv prove --list --format markdown"),
            ".",
        ),
        Badge("TRUSTED", "; ".join(trusted()) + ". Not trusted: SymPy, NumPy, scipy, z3, LaTeX."),
        Heading(2, "Dependencies"),
        Listing(graph(entries), "mermaid"),
    ]
    for entry in entries:
        blocks += _section(entry)
    return Document("Proofs", tuple(blocks))


def graph(entries: Sequence[LibraryEntry]) -> str:
    """The dependencies as a Mermaid graph, with arrows from an entry to those that use it."""
    lines = ["graph LR"]
    for entry in entries:
        lines += [f"  {used} --> {entry.name}" for used in entry.uses]
    return "\n".join(lines)


def checkers(entry: LibraryEntry) -> str:
    """The checkers that confirm an entry if all of them are installed, as text."""
    named = [] if entry.only_rocq else ["kernel", "z3", "Rocq (sequents)"]
    if entry.only_rocq:
        named += [f"Rocq ({file}: {lemma})" for file, lemma in entry.by_hand]
    return ", ".join(named)


def rocq_domain(entry: LibraryEntry) -> str:
    """A sentence on the domain of an entry's lemmas in the Rocq theory; "" without lemmas."""
    lemmas = ", ".join(f"{lemma} of {file}" for file, lemma in entry.by_hand)
    if not lemmas:
        return ""
    return f"In Rocq's theory, {lemmas}: {entry.covers or 'the domain is not recorded'}."


def _section(entry: LibraryEntry) -> list[Block]:
    blocks: list[Block] = [Heading(2, entry.name), paragraph(*coded(entry.title))]
    if entry.words:
        blocks.append(paragraph(*coded(entry.words)))
    blocks.append(paragraph(f"Source: {entry.source} Checked by: {checkers(entry)}."))
    if entry.by_hand:
        blocks.append(paragraph(rocq_domain(entry)))
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
