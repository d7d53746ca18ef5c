"""Recorded instances of each theorem, which guard against vacuous or weak statements.

They are a witness of the hypotheses, a counterexample to the twin (a plausible but false variant of
the theorem) and, for each hypothesis, numbers that show why it is needed. They are found by
enumeration and stored as numbers; this module substitutes them again. A theorem without an instance
would be vacuous, and a twin without a counterexample might be true.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from symconv.core.errors import ParseError
from symconv.proof.instances import Values
from symconv.proof.library import LibraryEntry
from symconv.proof.refuting import Instance, at, counterexample, needed, told, without, witness
from symconv.proof.search import find
from symconv.proof.trusted.certificates import MOST_BYTES, MOST_NUMBER
from symconv.proof.trusted.obligations import obligations
from symconv.proof.trusted.statement import Either, Entails, Equal, Fact, Floor

NOT_NEEDED = "not needed"
OPEN = "not decided"


def record(entry: LibraryEntry) -> dict[str, Any]:
    """Search all instances of an entry again.

    A hypothesis for which enumeration finds no counterexample is `NOT_NEEDED` if the proof search
    proves the theorem without it, and `OPEN` otherwise.
    """
    found: dict[str, Any] = {"witness": [], "hypotheses": [], "twin": None}
    for part in entry.parts:
        if not isinstance(part, (Entails, Equal)):
            continue
        seen = witness(part)
        found["witness"].append(seen.values if seen else None)
        rows = []
        for item, broken in needed(part):
            answer: Any = broken.values if broken else OPEN
            if broken is None:
                rest = tuple(g for g in part.given if g is not item)
                if all(find(o) is not None for o in obligations(without(part, rest))):
                    answer = NOT_NEEDED
            rows.append([said(item), answer])
        found["hypotheses"].append(rows)
    if entry.twin is not None:
        broken = counterexample(entry.twin)
        found["twin"] = broken.values if broken else None
    return found


def said(item: Fact | Either) -> str:
    """A hypothesis as plain text."""
    return " or ".join(told(f) for f in (item.facts if isinstance(item, Either) else (item,)))


def path_of(entry: LibraryEntry) -> Path:
    """The path of the JSON file with the instances of an entry."""
    return entry.path.parent / "instances" / f"{entry.name}.json"


def read(entry: LibraryEntry) -> dict[str, Any]:
    """The recorded instances of an entry.

    Raises:
        ParseError: the file is missing, too large or damaged.
    """
    path = path_of(entry)
    try:
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            raise ParseError(f"{path} is not a file, or is larger than {MOST_BYTES} bytes")
        data = json.loads(path.read_text())
    except OSError as error:
        raise ParseError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise ParseError(f"{path} is damaged: {str(error)[:100]}") from None
    if not isinstance(data, dict) or set(data) != {"witness", "hypotheses", "twin"}:
        raise ParseError(f"{path} contains no instances")
    return data


def _numbers(data: Any) -> Values:
    fits = isinstance(data, dict) and all(
        type(v) is int and abs(v) <= MOST_NUMBER for v in data.values()
    )
    if not fits:
        raise ParseError(f"{str(data)[:60]} is not an assignment of integers")
    return dict(data)


def twin_instance(entry: LibraryEntry, data: Mapping[str, Any]) -> Instance | None:
    """The recorded counterexample to the twin; None if there is none or the twin holds there."""
    if entry.twin is None or data["twin"] is None:
        return None
    try:
        seen = at(entry.twin, _numbers(data["twin"]))
    except (KeyError, ParseError):
        return None
    return seen[0] if seen is not None and seen[1] else None


def problems(entry: LibraryEntry, data: Mapping[str, Any]) -> list[str]:
    """The faults of a record as sentences, found by substituting all its numbers."""
    found = []
    parts = [p for p in entry.parts if isinstance(p, (Entails, Equal))]
    for n, (part, numbers) in enumerate(zip(parts, data["witness"], strict=True)):
        seen = at(part, _numbers(numbers)) if numbers is not None else None
        if seen is None or seen[1] or seen[0].left == "0":
            found.append(f"part {n + 1} has no witness")
    for part, rows in zip(parts, data["hypotheses"], strict=True):
        items = [g for g in part.given if not isinstance(g, Floor)]
        for item, (words, answer) in zip(items, rows, strict=True):
            rest = tuple(g for g in part.given if g is not item)
            if isinstance(answer, dict):
                seen = at(without(part, rest), _numbers(answer))
                if seen is None or not seen[1]:
                    found.append(f"without {words} the statement still holds at {answer}")
    if entry.twin is not None and twin_instance(entry, data) is None:
        found.append("the twin has no counterexample")
    return found
