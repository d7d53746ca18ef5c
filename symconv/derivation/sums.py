"""The chapter on the sum for each output: in symbols, with numbers substituted, and its value."""

from __future__ import annotations

from itertools import product
from typing import Any

from symconv.core.form import Index, Term, by_output
from symconv.derivation.notation import flat_index, output_letter, value
from symconv.derivation.subject import Subject
from symconv.render.tree import (
    Block,
    Chain,
    EquationList,
    Heading,
    Math,
    Product,
    Sum,
    Value,
    equals,
    paragraph,
)

MOST_SUMS = 49


def chapter(subject: Subject) -> list[Block]:
    """The chapter, with a line such as `y = x k + x k = 1*2 + 3*4 = 14` for each output."""
    geometry, sums = subject.geometry, by_output(subject.geometry)
    places = [
        (sample, place)
        for sample in range(subject.case.x.shape[0])
        for place in product(*(range(n) for n in geometry.output_shape))
    ]
    chains = tuple(_chain(subject, s, p, sums.get(p, [])) for s, p in places[:MOST_SUMS])
    blocks: list[Block] = [
        Heading(2, "Sum per output"),
        paragraph("Collecting the blocks cell by cell gives one sum per output."),
        EquationList(chains),
    ]
    if len(places) > MOST_SUMS:
        rest = len(places) - MOST_SUMS
        blocks.append(paragraph(f"{rest} more outputs follow the same pattern and are omitted."))
    return blocks


def _chain(subject: Subject, sample: int, place: Index, terms: list[Term]) -> Chain:
    case = subject.case
    named: list[Math] = []
    numbers: list[Math] = []
    for i, k, _ in terms:
        x = flat_index((sample, *i), case.x.shape)
        w = flat_index(k, case.w.shape)
        named.append(Product((_letter(subject, "x", x), _letter(subject, "k", w))))
        numbers.append(
            Product((value(subject, case.x.flat[x]), value(subject, case.w.flat[w])), dot=True)
        )
    if case.bias is not None:
        named.append(Value(subject.names["b"][place[0]]))
        numbers.append(value(subject, case.bias[place[0]]))
    result = value(subject, subject.output.flat[flat_index((sample, *place), subject.output.shape)])
    sides: list[Any] = [output_letter(subject, sample, place)]
    if terms or case.bias is not None:
        sides.append(Sum(tuple(named)))
        if subject.x_values and subject.w_values:
            sides.append(Sum(tuple(numbers)))
    if subject.x_values or subject.w_values or len(sides) == 1:
        sides.append(result)
    return equals(*sides)


def _letter(subject: Subject, side: str, n: int) -> Value:
    return Value(subject.names[side][n])
