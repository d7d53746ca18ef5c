"""Deciding a statement: search for a counterexample, then for certificates."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from symconv.core.errors import EngineMissing, ParseError
from symconv.proof import search, smt
from symconv.proof.certificate_files import file_text, write
from symconv.proof.instances import Unbounded
from symconv.proof.library import LibraryEntry, Status, judged
from symconv.proof.refuting import Instance, counterexample, told, witness
from symconv.proof.trusted.certificates import parsed
from symconv.proof.trusted.obligations import Obligation, cases
from symconv.proof.trusted.statement import Entails, Equal, Fact


def decide(entry: LibraryEntry, keep: bool = True) -> Status:
    """Decide an entry: proved with certificates, refuted with a counterexample, or undecided.

    With `keep`, the certificates are written to `entry.certificate`. A statement whose hypotheses
    contradict each other is `broken`, since it would be vacuous.
    """
    start = time.perf_counter()

    def status(word: str, checkers: tuple[str, ...], detail: str) -> Status:
        return Status(entry.name, word, checkers, time.perf_counter() - start, detail)

    parts = [part for part in entry.parts if isinstance(part, (Entails, Equal))]
    for part in parts:
        try:
            found = counterexample(part)
        except Unbounded as error:
            return status("unproved", (), str(error))
        if found is not None:
            return status("refuted", ("enumeration",), str(found))
    known: dict[str, Any] = {}
    try:
        for part in parts:
            if witness(part) is None:
                if _contradictory(part):
                    return status("broken", (), "the hypotheses contradict each other: vacuous")
                return status("unproved", (), "no instance with any terms to sum was found")
        for obligation in entry.obligations:
            if obligation.key not in known:
                certificate = search.find(obligation)
                if certificate is None:
                    numbers = _by_z3(parts)
                    if numbers is not None:
                        return status("refuted", ("z3",), str(numbers))
                    goal = told_goal(obligation)
                    return status(
                        "unproved",
                        (),
                        f"not proved: {obligation.name}: {goal}; {advice(obligation.name, parts)}",
                    )
                known[obligation.key] = certificate
    except EngineMissing as error:
        return status("unproved", (), str(error))
    if not known:
        return status(
            "needs_engine", (), "every part is stated only in Rocq; use --rocq to check it"
        )
    text = file_text(entry.name, known)
    judgement = judged(entry, lambda: parsed(text.encode(), "the certificate that was found"))
    if judgement.status == "broken":
        detail = f"a certificate was found, but it was rejected: {judgement.detail}"
        return status("unproved", (), detail)
    stored = ""
    if keep:
        try:
            write(entry.certificate, text)
            stored = f"certificate {entry.certificate}"
        except ParseError as error:
            stored = f"not stored: {error}"
    return replace(
        judgement, detail=judgement.detail or stored, seconds=time.perf_counter() - start
    )


def advice(name: str, parts: Sequence[Entails | Equal]) -> str:
    """A hint on how to prove an open sequent: which argument of the statement to extend."""
    if all(isinstance(part, Entails) for part in parts):
        return "add an intermediate fact with have=[...], or a hypothesis to given=[...]"
    side = "have_back" if "back" in name.partition(":")[0] else "have_forth"
    if "divisor" in name or "range" in name:
        return "add a hypothesis to given=[...], or a guard to the sum, that implies it"
    return f"add an intermediate fact with {side}=[...], or a hypothesis to given=[...]"


def told_goal(obligation: Obligation) -> str:
    """The goal of an obligation as plain text."""
    return told(Fact(*obligation.goal))


def _contradictory(theorem: Entails | Equal) -> bool:
    facts = []
    for _, given in cases(theorem.given):
        facts = [f.comparison for g in given for f in (g.facts if hasattr(g, "facts") else (g,))]
        if search.contradiction(facts) is None:
            return False
    return bool(facts)


def _by_z3(parts: list[Entails | Equal]) -> Instance | None:
    """A counterexample of any size by z3; None if z3 finds none or is not installed."""
    try:
        for part in parts:
            if isinstance(part, Entails):
                found = smt.counterexample(part)
                if found is not None:
                    return found
    except EngineMissing:
        pass
    return None
