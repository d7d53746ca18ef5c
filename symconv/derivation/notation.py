"""How operands and results are written: planes of a tensor as matrices, indexed letters."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

from symconv.core.form import Index
from symconv.derivation.subject import Subject
from symconv.render.tree import Dots, Equation, Letter, Math, Matrix, Value, equals, matrix

Plane = tuple[str, Letter, Sequence[Any]]


def flat_index(index: Sequence[int], shape: Sequence[int]) -> int:
    """The place of an index in C order."""
    place = 0
    for n, length in zip(index, shape, strict=True):
        place = place * length + n
    return place


def grid(flat: Sequence[Any], shape: tuple[int, ...], decimal: bool) -> Matrix:
    """Entries on one or two axes as a matrix; one axis is one row."""
    rows, columns = (1, *shape)[-2:]
    return matrix([flat[r * columns : (r + 1) * columns] for r in range(rows)], decimal)


def planes(
    name: str, flat: Sequence[Any], lead: tuple[int, ...], shape: tuple[int, ...], decimal: bool
) -> list[tuple[Letter, Matrix]]:
    """A tensor `(*lead, *shape)` as named matrices; a volume is cut into its first axis."""
    cut = lead + shape[:-2]
    rest = shape[-2:]
    step = math.prod(rest)
    found = []
    for n, index in enumerate(product(*(range(length) for length in cut))):
        found.append((Letter(name, index), grid(flat[n * step : (n + 1) * step], rest, decimal)))
    return found


def shown_lead(subject: Subject, lead: tuple[int, ...]) -> tuple[int, ...]:
    """Leading lengths of an operand as the caller wrote them: none on paper, no batch of one."""
    if subject.ranks.paper:
        return ()
    return lead if subject.ranks.batched else lead[1:]


def output_letter(subject: Subject, sample: int, place: Index) -> Letter:
    """`y` with the indices that the operands' rank asks for; `place = (channel, *position)`."""
    if subject.ranks.paper:
        return Letter("y", place[1:])
    return Letter("y", (sample, *place) if subject.ranks.batched else place)


def value(subject: Subject, entry: Any) -> Value:
    """An entry in the notation of the page."""
    return Value(entry, subject.decimal)


def some(items: Sequence[Any], limit: int, write: Callable[[Any], Math]) -> tuple[Math, ...]:
    """The first terms and the last one with dots between, or all when they are few."""
    if len(items) <= limit:
        return tuple(write(item) for item in items)
    return (*(write(item) for item in items[: limit - 1]), Dots("sum"), write(items[-1]))


def definitions(named: list[tuple[Letter, Matrix]]) -> list[Equation]:
    """`X = [...]`, one equation each."""
    return [Equation(equals(letter, content)) for letter, content in named]
