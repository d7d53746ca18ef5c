"""The status of entries according to all checkers: the kernel, and z3 and Rocq on request."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from symconv.core.errors import ParseError
from symconv.proof import guards, rocq, smt
from symconv.proof.library import LibraryEntry, Status, recheck
from symconv.proof.refuting import Instance
from symconv.proof.theorem import InRocq
from symconv.proof.trusted.certificates import read

ROCQ_SEQUENTS = "Rocq (sequents)"
"""Rocq accepted the certificates of the sequents; that these imply the statement is trusted."""
ROCQ_LEMMA = "Rocq (lemma)"
"""Rocq accepted a handwritten proof of a lemma; the page says on which domain."""


def statuses(entries: Sequence[LibraryEntry], *, with_z3: bool, with_rocq: bool) -> list[Status]:
    """The status of each entry, in order.

    Raises:
        EngineMissing: a requested checker is not installed.
        Undecided: Rocq does not accept the theory.
    """
    found = [recheck(entry) for entry in entries]
    if with_z3:
        smt.load()
        found = [_by_z3(e, s) for e, s in zip(entries, found, strict=True)]
    if with_rocq:
        found = _by_rocq(entries, found)
    return found


def _by_z3(entry: LibraryEntry, status: Status) -> Status:
    if not entry.obligations or status.status == "broken":
        return status
    start = time.perf_counter()
    for obligation in entry.obligations:
        answer = smt.proves(obligation)
        if answer is False:
            return replace(status, status="broken", detail=f"z3 refutes {obligation.name}")
        if answer is None:
            return replace(status, detail=f"z3 cannot decide {obligation.name}")
    seconds = status.seconds + time.perf_counter() - start
    return replace(status, checkers=(*status.checkers, "z3"), seconds=seconds)


def _by_rocq(entries: Sequence[LibraryEntry], before: list[Status]) -> list[Status]:
    by_hand = rocq.theory() if any(entry.by_hand for entry in entries) else {}
    proved = [
        e for e, s in zip(entries, before, strict=True) if s.status == "proved" and e.obligations
    ]
    parts = {entry.name: (entry.obligations, read(entry.certificate)) for entry in proved}
    refused = rocq.compiled(rocq.exported(parts)) if parts else None
    if refused is not None and len(parts) > 1:
        # the combined file was rejected; compile one file per entry to find out which is wrong
        wrong = {n: rocq.compiled(rocq.exported({n: part})) for n, part in parts.items()}
    else:
        wrong = dict.fromkeys(parts, refused)
    found = []
    for entry, status in zip(entries, before, strict=True):
        if not entry.ours and any(isinstance(p, InRocq) for p in entry.parts):
            status = _by_lemma_of_ours(entry, status, by_hand)
        elif wrong.get(entry.name):
            detail = f"Rocq does not accept the sequents: {wrong[entry.name]}"[:300]
            status = replace(status, status="broken", detail=detail)
        elif entry.by_hand and not rocq.proved_by_hand(entry, by_hand):
            status = replace(status, status="broken", detail="Rocq's theory has no such lemma")
        elif entry.rocq is not None and not entry.ours:
            refusal = rocq.other_statement(entry)
            if refusal:
                status = replace(status, status="broken", detail=refusal)
            else:
                status = replace(status, checkers=(*status.checkers, ROCQ_LEMMA))
        elif entry.name in parts:
            status = replace(status, checkers=(*status.checkers, ROCQ_SEQUENTS))
        if entry.only_rocq and status.status == "needs_engine":
            status = replace(status, status="proved", detail="", checkers=(ROCQ_LEMMA,))
        elif status.status == "needs_engine" and entry.name in parts:
            status = replace(status, status="proved", detail="")
        found.append(status)
    return found


def _by_lemma_of_ours(entry: LibraryEntry, status: Status, known: Mapping[str, set[str]]) -> Status:
    """The status of a user's file that cites lemmas of symconv's Rocq theory.

    It is never `proved`, since nothing compares the text of the file with the lemmas.
    """
    for part in entry.parts:
        if isinstance(part, InRocq) and part.lemma not in known.get(part.file, ()):
            detail = f"Rocq's theory has no lemma {part.lemma} in {part.file}"
            return replace(status, status="broken", detail=detail)
    named = ", ".join(f"{lemma} of {file}" for file, lemma in entry.by_hand)
    detail = (
        f"Rocq proves {named}, but this is not compared with the words of this file; state the "
        "theorem with entails(...) or equal(...)"
    )
    return replace(status, status="unproved", detail=detail)


def twins(entries: Sequence[LibraryEntry]) -> list[tuple[LibraryEntry, Instance | None]]:
    """The entries with a twin, each with the twin's counterexample, which is checked again.

    The counterexample is None if it is not recorded, damaged or wrong.
    """
    found = []
    for entry in entries:
        if entry.twin is not None:
            try:
                seen = guards.twin_instance(entry, guards.read(entry))
            except ParseError:
                seen = None
            found.append((entry, seen))
    return found
