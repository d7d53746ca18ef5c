"""`symconv.prove`: theorems of the library re-checked, and files of statements decided."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from symconv.core.arguments import suggest_names
from symconv.core.errors import ParseError
from symconv.proof import guards, narrate, opinions, overview
from symconv.proof.library import LibraryEntry, Status, files, load, recheck
from symconv.proof.proving import decide
from symconv.proof.refuting import Instance
from symconv.proof.trusted import certificates
from symconv.render.result import Result
from symconv.render.tree import Badge, Block, Document, Heading
from symconv.results.evidence import Evidence, Outcome, Semantics, Verdict
from symconv.results.reasons import stated

OUTCOMES = {
    "proved": Outcome.HOLDS,
    "needs_engine": Outcome.HOLDS,
    "refuted": Outcome.REFUTED,
    "unproved": Outcome.UNDECIDED,
    "broken": Outcome.UNDECIDED,
}
"""What the status of an entry means for the whole; see `Proofs.outcome`."""


@dataclass(frozen=True, repr=False)
class Proofs(Result):
    """The result of `prove`.

    Attributes:
        entries: the statements.
        statuses: the result for each.
        own: these are files of the user's, not the library's.
        asked: entries of the library were named.
        false: the false variants of the library's theorems, each with its counterexample.
    """

    entries: tuple[LibraryEntry, ...]
    statuses: tuple[Status, ...]
    own: bool
    asked: bool
    false: tuple[tuple[LibraryEntry, Instance | None], ...] = ()

    @property
    def outcome(self) -> Outcome:
        """Refuted if any statement is, else undecided if any is open.

        The library as a whole holds where an engine is missing; a statement that is asked for is
        undecided then.
        """
        found = [OUTCOMES[s.status] for s in self.statuses]
        if self.own or self.asked:
            missing = any(s.status == "needs_engine" for s in self.statuses)
            found += [Outcome.UNDECIDED] if missing else []
        found += [Outcome.UNDECIDED for _, seen in self.false if seen is None]
        return max(found, key=(Outcome.HOLDS, Outcome.UNDECIDED, Outcome.REFUTED).index)

    @property
    def evidence(self) -> Evidence:
        """The scope of the statements that are proved."""
        return Evidence(
            "the statements whose status is proved",
            "all sizes",
            Semantics.RING,
            overview.method(list(self.statuses)),
            overview.trusted(),
            "symconv prove --z3 --rocq, or numbers that break a statement",
        )

    @property
    def verdict(self) -> Verdict:
        """The outcome, with the first status that decides it."""
        outcome = self.outcome
        first = next((s for s in self.statuses if OUTCOMES[s.status] is outcome), None)
        detail = "" if first is None or outcome is Outcome.HOLDS else first.detail
        return Verdict(outcome, self.evidence, reasons=stated(detail))

    @property
    def pages(self) -> list[Document]:
        """A page per statement that is asked for, or one of the whole library."""
        pairs = list(zip(self.entries, self.statuses, strict=True))
        if self.own:
            return [overview.decided(entry, status) for entry, status in pairs]
        if self.asked:
            return [_page(entry, status) for entry, status in pairs]
        return [overview.summary(list(self.entries), list(self.statuses), list(self.false))]

    @property
    def document(self) -> Document:
        """The page; several statements are chapters of it."""
        pages = self.pages
        if len(pages) == 1:
            return pages[0]
        blocks: list[Block] = []
        for page in pages:
            blocks += [Heading(1, page.title), *page.blocks]
        return Document(f"{len(pages)} pages", tuple(blocks))

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        return {
            "schema": "symconv/1",
            "verb": "prove",
            "verdict": self.outcome.value,
            "evidence": self.evidence.to_json(),
            "theorems": [
                {
                    "name": s.name,
                    "statement": e.title,
                    "status": s.status,
                    "badge": overview.badge(s),
                    "parts": [overview.part_json(p) for p in e.parts],
                    "rocq": overview.rocq_domain(e),
                    "checkers": list(s.checkers),
                    "seconds": round(s.seconds, 6),
                    "detail": s.detail,
                }
                for e, s in zip(self.entries, self.statuses, strict=True)
            ],
            "refuted_twins": [
                {"beside": e.name, "claim": e.twin_says, "counterexample": seen and seen.values}
                for e, seen in self.false
            ],
        }


def _page(entry: LibraryEntry, status: Status) -> Document:
    known = {} if entry.only_rocq else certificates.read(entry.certificate)
    false = [seen for _, seen in opinions.twins([entry])]
    told = f"At {false[0]}." if false and false[0] else ""
    by = f"checked by {', '.join(status.checkers)}" if status.checkers else status.detail
    return narrate.document(entry, known, Badge(overview.badge(status), by), told)


@suggest_names
def prove(
    *names: str | Path,
    search: bool = False,
    z3: bool = False,
    rocq: bool = False,
    watch: Callable[[str], None] = lambda line: None,
) -> Proofs:
    """Re-check theorems of the library, or decide files of statements.

    Args:
        names: names of the library's theorems, or paths of `.py` files of statements, which are
            run; without any, the whole library.
        search: search for certificates, also for those that are stored.
        z3: check every obligation with z3 too.
        rocq: check with Rocq too, and the theory over sums.
        watch: is called with a line of progress while the library's certificates are rebuilt.

    Returns:
        A result with `.verdict`, `.to_text()`, `.to_json()` and `.save(path)`.

    Raises:
        ParseError: a name is unknown, or a file states no theorem.
        EngineMissing: a requested checker is not installed.

    >>> import symconv
    >>> symconv.prove("size_inverse").verdict.outcome.value
    'holds'
    """
    given = list(map(str, names))
    own = [Path(name) for name in given if name.endswith(".py")]
    wanted = [name for name in given if not name.endswith(".py")]
    entries = entries_of(wanted, own)
    if own and wanted:
        raise ParseError("names of the library and files of your own are decided one by one")
    if own:
        found = [_own(entry, search) for entry in entries]
        if z3 or rocq:
            found = _confirmed(entries, found, z3, rocq)
        return Proofs(tuple(entries), tuple(found), True, False)
    if search:
        rebuild(entries, watch)
    found = opinions.statuses(entries, with_z3=z3, with_rocq=rocq)
    false = tuple(opinions.twins(entries))
    return Proofs(tuple(entries), tuple(found), False, bool(wanted), false)


def entries_of(wanted: Sequence[str], own: Sequence[Path]) -> list[LibraryEntry]:
    """The entries of files, or of the library: those with these names, or all.

    Raises:
        ParseError: an unknown name, two files of one name, or a file that cannot be read.
    """
    known = {path.stem: path for path in files()}
    for name in wanted:
        if name not in known:
            raise ParseError(f"{name!r} is not in the library; symconv prove --list names them")
    paths = list(own) or [known[name] for name in wanted] or list(known.values())
    if len({path.stem for path in paths}) < len(paths):
        raise ParseError("two of the files have one name; decide them one by one")
    return [load(path) for path in paths]


def _confirmed(
    entries: Sequence[LibraryEntry], found: Sequence[Status], z3: bool, rocq: bool
) -> list[Status]:
    """The statuses after z3 and Rocq have looked at what is proved."""
    asked = ("proved", "needs_engine") if rocq else ("proved",)
    chosen = [e for e, s in zip(entries, found, strict=True) if s.status in asked]
    rest = iter(opinions.statuses(chosen, with_z3=z3, with_rocq=rocq))
    return [next(rest) if s.status in asked else s for s in found]


def _own(entry: LibraryEntry, search: bool) -> Status:
    """A user's file: by its certificate if that is still valid, else decided again."""
    if entry.certificate.exists() and not search:
        found = recheck(entry)
        if found.status in ("proved", "refuted"):
            return found
        if found.status == "broken" and not found.stale:
            again = decide(entry, keep=False)
            if again.status != "proved":
                return again
            return replace(found, detail=f"{found.detail}; --search seeks another certificate")
    return decide(entry)


def rebuild(entries: Sequence[LibraryEntry], watch: Callable[[str], None]) -> None:
    """Search for the library's certificates and instances, and write them."""
    for entry in entries:
        if not entry.only_rocq:
            status = decide(entry)
            watch(f"{entry.name}: {status.status} {status.seconds:.1f} s")
            path = guards.path_of(entry)
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(guards.record(entry)) + "\n")
