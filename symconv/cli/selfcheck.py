"""`derive --self-check`: the page read back by the reader that judges other people's documents."""

from __future__ import annotations

import math
from typing import Any

from symconv.core.form import unflatten
from symconv.core.polynomial import as_polynomial
from symconv.derivation.derivation import Derivation
from symconv.derivation.notation import output_letter
from symconv.documents.round_trip import ReadBack, read_back
from symconv.documents.values.entries import plain
from symconv.documents.values.matrix import EntryMatrix
from symconv.exact.unrolled import unroll

MOST_CELLS = 40_000
"""Of W, to know what the name stands for."""
READ = {"latex": "latex", "markdown": "markdown", "ipynb": "notebook"}


def self_check(derivation: Derivation, kind: str, page: str) -> tuple[str, bool]:
    """What to say of a page, and whether all that could be compared holds.

    `kind` is the format of `page`; of a format that is not LaTeX inside, the LaTeX of the same
    page is read.
    """
    text = page if kind in READ else derivation.to_latex()
    values, letters = meanings(derivation)
    found = read_back(text, READ.get(kind, "latex"), values, letters)
    return _said(found, kind), not found.wrong


def meanings(derivation: Derivation) -> tuple[dict[str, Any], frozenset[str]]:
    """What the names of a page stand for, and the letters that stand for themselves."""
    subject = derivation.subject
    case = subject.case
    values: dict[str, Any] = {}
    entries = (("x", case.x.flat), ("k", case.w.flat), ("b", case.bias or ()))
    for side, flat in entries:
        for name, entry in zip(subject.names[side], flat, strict=False):
            if str(name) != str(as_polynomial(entry)):
                values[str(name)] = plain(entry)
    output = subject.output
    for position, entry in enumerate(output.flat):
        sample, *place = unflatten(position, output.shape)
        letter = output_letter(subject, sample, tuple(place))
        values["_".join((letter.name, *map(str, letter.indices)))] = plain(entry)
    unrolled = unroll(subject.geometry, case.w.flat)
    if math.prod(unrolled.shape) <= MOST_CELLS:
        dense = unrolled.dense(absent=0)
        values["W"] = EntryMatrix([[plain(entry) for entry in row] for row in dense])
    letters = {n for _, flat in entries for e in flat for n in as_polynomial(e).variables}
    return values, frozenset(letters)


def _said(found: ReadBack, kind: str) -> str:
    read = "" if kind in READ else ", of the page's LaTeX"
    lines = [
        f"self-check: {len(found.compared)} equations read back{read}, {len(found.wrong)} wrong"
    ]
    lines += [f"  line {c.line}: {c}" for c in found.wrong[:10]]
    if found.left_out:
        count = sum(found.left_out.values())
        lines.append(f"  {count} sides without a value of their own were not compared")
    return "\n".join(lines)
