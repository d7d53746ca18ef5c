"""Placed blocks: every input contributes a multiple of the kernel; the output is their sum."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import product
from typing import Any

from symconv.core.form import Index, Term, by_input
from symconv.core.geometry import Axis, Geometry
from symconv.derivation.notation import flat_index, grid, output_letter, some, value
from symconv.derivation.subject import Subject
from symconv.render.tree import (
    Block,
    Chain,
    Equation,
    Heading,
    Letter,
    Math,
    Matrix,
    Paragraph,
    Product,
    Struck,
    Sum,
    Value,
    equals,
    paragraph,
)

MOST_BLOCKS = 16
MOST_TALL_BLOCKS = 4
TALL = 10
MOST_POSITIONS = 9


def chapter(subject: Subject) -> list[Block]:
    """The chapter on placed blocks: those of each channel pair, and their sum over channels."""
    geometry = subject.geometry
    if len(geometry.axes) > 2:
        return [
            Heading(2, "Placed blocks"),
            paragraph(
                "Blocks on three axes cannot be drawn flat; the sums per output below contain the "
                "same terms."
            ),
        ]
    placed = by_input(framed(geometry))
    blocks: list[Block] = [Heading(2, "Placed blocks"), _explanation(subject)]
    for sample in range(subject.case.x.shape[0]):
        if subject.case.x.shape[0] > 1:
            blocks.append(Heading(3, f"Sample {sample}"))
        for out in range(geometry.out_channels):
            blocks += _output_channel(subject, placed, sample, out)
    return blocks


def _explanation(subject: Subject) -> Paragraph:
    words = (
        "Each input times the kernel is placed at stride times its position; cells outside a block "
        "are blank and count as zero. The output is the sum of the blocks."
    )
    if subject.case.bias is not None:
        words += " The bias is added everywhere, as a matrix B with the bias in every cell."
    if not any(a.crop_begin > 0 or a.crop_end > 0 for a in subject.geometry.axes):
        return paragraph(words)
    words += " Padding crops everything outside the output: "
    if framed(subject.geometry) is subject.geometry:
        return paragraph(words + "it is not shown.")
    some_cell = Struck(value(subject, subject.names["x"][0] * subject.names["k"][0]))
    blank = "; a blank cell shows only the stroke."
    return paragraph(words + "the cells that are struck out, like ", some_cell, blank)


def framed(geometry: Geometry) -> Geometry:
    """The geometry without cropping, in which the cropped outputs can be shown.

    The geometry itself if nothing is cropped, or if an uncropped axis would exceed `TALL` outputs.
    """
    axes = tuple(
        Axis(a.size, a.kernel_size, a.stride, a.dilation, min(a.crop_begin, 0), min(a.crop_end, 0))
        for a in geometry.axes
    )
    whole = Geometry(geometry.in_channels, geometry.out_channels, geometry.groups, axes)
    fits = whole != geometry and max(whole.out_size) <= TALL
    return whole if fits else geometry


def _first(geometry: Geometry) -> Index:
    """The position of the first output in the framed blocks, on each axis."""
    shown = framed(geometry).axes
    return tuple(a.crop_begin - b.crop_begin for a, b in zip(geometry.axes, shown, strict=True))


def block_matrix(
    subject: Subject, sample: int, terms: list[Term], out: int | None = None
) -> Matrix:
    """One placed block: the products of `terms` at their outputs, all other cells blank.

    With `out`, only terms of that output channel. Cells that are cropped are struck through.
    """
    case, whole = subject.case, framed(subject.geometry)
    rows, columns = (1, *whole.out_size)[-2:]
    cells: list[list[Math | None]] = [[None] * columns for _ in range(rows)]
    for i, k, o in terms:
        if out is not None and o[0] != out:
            continue
        x = case.x.flat[flat_index((sample, *i), case.x.shape)]
        w = case.w.flat[flat_index(k, case.w.shape)]
        r, c = (0, *o[1:])[-2:]
        cells[r][c] = value(subject, x * w)
    if whole is not subject.geometry:
        kept = zip(_first(subject.geometry), subject.geometry.out_size, strict=True)
        high, wide = (range(1), *(range(first, first + n) for first, n in kept))[-2:]
        for r, c in product(range(rows), range(columns)):
            if r not in high or c not in wide:
                cells[r][c] = Struck(cells[r][c])
    return Matrix(tuple(map(tuple, cells)))


def _output_channel(
    subject: Subject, placed: dict[Index, list[Term]], sample: int, out: int
) -> list[Block]:
    geometry = subject.geometry
    per_group = geometry.in_channels // geometry.groups
    group = out // (geometry.out_channels // geometry.groups)
    sources = list(range(group * per_group, (group + 1) * per_group))
    positions = list(product(*(range(n) for n in geometry.size)))
    indices = () if subject.ranks.paper else (out,)
    most = MOST_BLOCKS if max(geometry.out_size) <= TALL else MOST_TALL_BLOCKS
    result = _result(subject, sample, out)
    bias = [] if subject.case.bias is None else [_bias_matrix(subject, out)]
    if len(sources) == 1:
        terms = [placed.get((sources[0], *p), []) for p in positions]
        total = some(terms, most, lambda t: block_matrix(subject, sample, t, out))
        return [Equation(equals(Letter("Y", indices), Sum((*total, *bias)), result))]
    blocks: list[Block] = [
        paragraph(
            "Each input channel places its own blocks, in its own part ",
            Letter("P", (sources[0], out)),
            " and so on; the output is the sum of the parts.",
        )
    ]
    numeric = subject.x_values and subject.w_values
    parts: list[Math] = []
    for channel in sources:
        terms = [placed.get((channel, *p), []) for p in positions]
        total = some(terms, most, lambda t: block_matrix(subject, sample, t, out))
        part = _part(subject, sample, out, [t for group_terms in terms for t in group_terms])
        parts.append(part)
        sides = (Sum(total), part) if numeric else (Sum(total),)
        blocks.append(Equation(equals(Letter("P", (channel, out)), *sides)))
    letters = tuple(Letter("P", (c, out)) for c in sources)
    named = Sum((*letters, Letter("B", (out,)))) if bias else Sum(letters)
    if not numeric:
        # symbolic sums are too wide for a matrix; the chapter on the sums per output shows them
        return [*blocks, Equation(equals(Letter("Y", indices), named, result))]
    with_bias = Sum((*parts, *bias))
    blocks.append(Equation(equals(Letter("Y", indices), named, with_bias, result)))
    return blocks + _per_position(subject, sample, out, sources, positions)


def _part(subject: Subject, sample: int, out: int, terms: list[Term]) -> Matrix:
    """The sum of the terms of output channel `out`, cropped: the part of one input channel."""
    case, geometry = subject.case, subject.geometry
    sums: dict[Index, Any] = defaultdict(int)
    for i, k, o in terms:
        if o[0] == out:
            x = case.x.flat[flat_index((sample, *i), case.x.shape)]
            sums[o[1:]] = sums[o[1:]] + x * case.w.flat[flat_index(k, case.w.shape)]
    kept = zip(_first(geometry), geometry.out_size, strict=True)
    places = product(*(range(first, first + n) for first, n in kept))
    return grid([sums[p] for p in places], geometry.out_size, subject.decimal)


def _result(subject: Subject, sample: int, out: int) -> Matrix:
    """One output plane: its values, or the symbols that the chapter on the sums defines."""
    geometry, output = subject.geometry, subject.output
    if not (subject.x_values and subject.w_values):
        places = product(*(range(n) for n in geometry.out_size))
        entries = [output_letter(subject, sample, (out, *p)) for p in places]
        return grid(entries, geometry.out_size, subject.decimal)
    step = len(output.flat) // (output.shape[0] * output.shape[1])
    start = flat_index((sample, out), output.shape[:2]) * step
    return grid(output.flat[start : start + step], geometry.out_size, subject.decimal)


def _bias_matrix(subject: Subject, out: int) -> Matrix:
    assert subject.case.bias is not None
    count = math.prod(subject.geometry.out_size)
    return grid([subject.case.bias[out]] * count, subject.geometry.out_size, subject.decimal)


def _per_position(
    subject: Subject, sample: int, out: int, sources: list[int], positions: list[Index]
) -> list[Block]:
    """The sum over the channels at each input position: `x_1 [K_1] + x_2 [K_2] = [...]`."""
    case, geometry = subject.case, subject.geometry
    inside = out % geometry.weight_shape[1]
    taps = list(product(*(range(n) for n in geometry.kernel_size)))

    def kernel(channel: int) -> list[Any]:
        return [case.w.flat[flat_index((channel, inside, *t), case.w.shape)] for t in taps]

    blocks: list[Block] = [
        paragraph("The same, position by position, each channel with its own kernel:")
    ]
    for position in positions[:MOST_POSITIONS]:
        terms, total = [], [0] * len(taps)
        for channel in sources:
            x = case.x.flat[flat_index((sample, channel, *position), case.x.shape)]
            weights = kernel(channel)
            shown: Value = value(subject, x)
            factors = (shown, grid(weights, geometry.kernel_size, subject.decimal))
            terms.append(Product(factors, dot=True))
            total = [t + x * w for t, w in zip(total, weights, strict=True)]
        result = grid(total, geometry.kernel_size, subject.decimal)
        # lines are broken only on right-hand sides, so a long sum goes there
        few = len(sources) <= 2
        chain: Chain = (
            equals(Sum(tuple(terms)), result) if few else equals(result, Sum(tuple(terms)))
        )
        blocks.append(Equation(chain))
    if len(positions) > MOST_POSITIONS:
        rest = len(positions) - MOST_POSITIONS
        blocks.append(paragraph(f"The other {rest} positions are analogous."))
    return blocks
