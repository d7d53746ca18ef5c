"""One statement decided: counterexamples first, then a certificate, then what is left open."""

from __future__ import annotations

import time
from typing import Any

from symconv.errors import EngineMissing
from symconv.proof import search, smt
from symconv.proof.certificates import write
from symconv.proof.instances import Unbounded
from symconv.proof.language import Fact
from symconv.proof.library import Entry, Status
from symconv.proof.obligations import Obligation, cases
from symconv.proof.refuting import Instance, counterexample, told, witness
from symconv.proof.theorem import Entails, Equal, Theorem

BRIEFLY = 5_000
"""Numbers that are tried on a statement whose certificate is at hand."""


def decide(entry: Entry, keep: bool = True) -> Status:
    """Proved with a certificate that is written down, refuted with numbers, or undecided.

    A statement whose hypotheses contradict each other is `broken`: it would hold of nothing.
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
                return status("unproved", (), "no instance with anything to add was found")
        for obligation in entry.obligations:
            if obligation.key not in known:
                certificate = search.find(obligation)
                if certificate is None:
                    numbers = _by_z3(parts)
                    if numbers is not None:
                        return status("refuted", ("z3",), str(numbers))
                    goal = told_goal(obligation)
                    return status("unproved", (), f"open is {obligation.name}: {goal}; add a step "
                                  "with have=[...], or give the numbers that break it")  # fmt: skip
                known[obligation.key] = certificate
    except EngineMissing as error:
        return status("unproved", (), str(error))
    if keep and known:
        write(entry.certificate, entry.name, known)
    if len(parts) < len(entry.parts):
        return status("needs_engine", (), "a part is proved in Rocq alone: symconv prove --rocq")
    return status("proved", ("kernel",), f"certificate {entry.certificate}" if keep else "")


def sound(part: Theorem) -> bool:
    """It has an instance with something to say, and none that breaks it; Rocq's have none."""
    if not isinstance(part, (Entails, Equal)):
        return True
    try:
        return witness(part) is not None and counterexample(part, BRIEFLY) is None
    except Unbounded:
        return False


def told_goal(obligation: Obligation) -> str:
    """An obligation's goal as plain text."""
    return told(Fact(*obligation.goal))


def _contradictory(theorem: Entails | Equal) -> bool:
    facts = []
    for _, given in cases(theorem.given):
        facts = [f.comparison for g in given for f in (g.facts if hasattr(g, "facts") else (g,))]
        if search.contradiction(facts) is None:
            return False
    return bool(facts)


def _by_z3(parts: list[Entails | Equal]) -> Instance | None:
    """Numbers of any size, where z3 is there and finds some."""
    try:
        for part in parts:
            if isinstance(part, Entails):
                found = smt.counterexample(part)
                if found is not None:
                    return found
    except EngineMissing:
        pass
    return None
