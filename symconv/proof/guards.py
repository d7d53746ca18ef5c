"""What stands beside each certificate: a witness, the twin's counterexample, needed hypotheses.

They are found by enumeration and kept as numbers; here they are put in again. A theorem without an
instance would be empty, a twin without a counterexample no warning.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from symconv.core.errors import ParseError
from symconv.proof.instances import Values
from symconv.proof.library import Entry
from symconv.proof.refuting import Instance, at, counterexample, needed, told, without, witness
from symconv.proof.search import find
from symconv.proof.trusted.certificates import MOST_BYTES, MOST_NUMBER
from symconv.proof.trusted.obligations import obligations
from symconv.proof.trusted.statement import Either, Entails, Equal, Fact, Floor

NOT_NEEDED = "not needed"
OPEN = "not decided"


def record(entry: Entry) -> dict[str, Any]:
    """Found anew, by enumeration and, for hypotheses that do no harm when dropped, by search."""
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


def path_of(entry: Entry) -> Path:
    """Where they are kept."""
    return entry.path.parent / "instances" / f"{entry.name}.json"


def read(entry: Entry) -> dict[str, Any]:
    """What was recorded.

    Raises:
        ParseError: missing or damaged.
    """
    path = path_of(entry)
    try:
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            raise ParseError(f"{path} is not a file of at most {MOST_BYTES} bytes")
        data = json.loads(path.read_text())
    except OSError as error:
        raise ParseError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise ParseError(f"{path} is damaged: {str(error)[:100]}") from None
    if not isinstance(data, dict) or set(data) != {"witness", "hypotheses", "twin"}:
        raise ParseError(f"{path} holds no instances")
    return data


def _numbers(data: Any) -> Values:
    fits = isinstance(data, dict) and all(
        type(v) is int and abs(v) <= MOST_NUMBER for v in data.values()
    )
    if not fits:
        raise ParseError(f"{str(data)[:60]} are no numbers of an instance")
    return dict(data)


def twin_instance(entry: Entry, data: Mapping[str, Any]) -> Instance | None:
    """The twin's counterexample with its numbers put in; None if it is none."""
    if entry.twin is None or data["twin"] is None:
        return None
    try:
        seen = at(entry.twin, _numbers(data["twin"]))
    except (KeyError, ParseError):
        return None
    return seen[0] if seen is not None and seen[1] else None


def problems(entry: Entry, data: Mapping[str, Any]) -> list[str]:
    """What is wrong with a record; every number is put in."""
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
                    found.append(f"without {words} nothing goes wrong at {answer}")
    if entry.twin is not None and twin_instance(entry, data) is None:
        found.append("the twin has no counterexample")
    return found
