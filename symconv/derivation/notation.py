"""The notation for operands and results: tensors as lists of matrices, and indexed symbols."""

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
    """The position of an index in the flat tensor of this shape, in C order."""
    place = 0
    for n, length in zip(index, shape, strict=True):
        place = place * length + n
    return place


def grid(flat: Sequence[Any], shape: tuple[int, ...], decimal: bool) -> Matrix:
    """The entries of a tensor with one or two axes as a matrix; one axis gives one row."""
    rows, columns = (1, *shape)[-2:]
    return matrix([flat[r * columns : (r + 1) * columns] for r in range(rows)], decimal)


def planes(
    name: str, flat: Sequence[Any], lead: tuple[int, ...], shape: tuple[int, ...], decimal: bool
) -> list[tuple[Letter, Matrix]]:
    """A tensor of shape `(*lead, *shape)` as matrices over its last two axes.

    Each matrix comes with the symbol `name`, indexed by its position on the other axes. If `shape`
    has one axis, the matrices have one row.
    """
    cut = lead + shape[:-2]
    rest = shape[-2:]
    step = math.prod(rest)
    found = []
    for n, index in enumerate(product(*(range(length) for length in cut))):
        found.append((Letter(name, index), grid(flat[n * step : (n + 1) * step], rest, decimal)))
    return found


def shown_lead(subject: Subject, lead: tuple[int, ...]) -> tuple[int, ...]:
    """The leading lengths of an operand in the caller's notation.

    Operands without channels have none, and operands without a batch axis omit the batch.
    """
    if subject.ranks.paper:
        return ()
    return lead if subject.ranks.batched else lead[1:]


def output_letter(subject: Subject, sample: int, place: Index) -> Letter:
    """The symbol `y` with as many indices as the operands have axes.

    `place` is `(channel, *position)`.
    """
    if subject.ranks.paper:
        return Letter("y", place[1:])
    return Letter("y", (sample, *place) if subject.ranks.batched else place)


def value(subject: Subject, entry: Any) -> Value:
    """An entry as a formula, with decimals if the page shows them."""
    return Value(entry, subject.decimal)


def some(items: Sequence[Any], limit: int, write: Callable[[Any], Math]) -> tuple[Math, ...]:
    """The items as formulas; if there are more than `limit`, the first, dots and the last one."""
    if len(items) <= limit:
        return tuple(write(item) for item in items)
    return (*(write(item) for item in items[: limit - 1]), Dots("sum"), write(items[-1]))


def definitions(named: list[tuple[Letter, Matrix]]) -> list[Equation]:
    """One equation `X = [...]` for each named matrix."""
    return [Equation(equals(letter, content)) for letter, content in named]
