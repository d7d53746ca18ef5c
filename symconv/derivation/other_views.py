"""Chapters on two equivalent views, zero insertion and sub-pixel phases, and on pictures.

Sources: Dumoulin & Visin, relationship 13, extended by dilation and output padding, for zero
insertion; Shi et al. 2016 for sub-pixel phases.
"""

from __future__ import annotations

import math
from itertools import product
from typing import Any

from symconv.core.errors import LimitError, ParseError
from symconv.core.geometry import Axis
from symconv.derivation.notation import definitions, planes, shown_lead
from symconv.derivation.pictures import PICTURES
from symconv.derivation.subject import Subject
from symconv.render.tree import Block, Equation, Heading, Letter, equals, paragraph

MOST_PLANES = 6


def stretched_axis(axis: Axis) -> list[int | None]:
    """The index of the input at each position of the stretched and padded axis; None for a zero.

    Position u of the padded axis is position `u - (dilation*(kernel_size-1) - crop_begin)` of the
    stretched one.
    """
    reach = axis.extent - 1
    left = reach - axis.crop_begin
    found: list[int | None] = []
    for place in range(axis.out_size + reach):
        i, rest = divmod(place - left, axis.stride)
        found.append(i if not rest and 0 <= i < axis.size else None)
    return found


def stretched(subject: Subject) -> tuple[tuple[int, ...], list[Any]]:
    """The input after zero insertion and padding: its spatial size, and its entries in C order."""
    axes = [stretched_axis(axis) for axis in subject.geometry.axes]
    x = subject.case.x
    step = math.prod(subject.geometry.size)
    flat: list[Any] = []
    for plane in range(math.prod(x.shape[:2])):
        for places in product(*axes):
            flat.append(_entry(x.flat, plane * step, places, subject.geometry.size))
    return tuple(map(len, axes)), flat


def _entry(flat: Any, start: int, places: tuple[int | None, ...], size: tuple[int, ...]) -> Any:
    index = 0
    for i, length in zip(places, size, strict=True):
        if i is None:
            return 0
        index = index * length + i
    return flat[start + index]


def flipped(subject: Subject) -> list[Any]:
    """The weight with each kernel flipped along all spatial axes, flat in C order."""
    step = math.prod(subject.geometry.kernel_size)
    w = subject.case.w.flat
    return [v for n in range(0, len(w), step) for v in reversed(w[n : n + step])]


def by_stretching(subject: Subject) -> list[Block]:
    """The chapter on zero insertion: the stretched input and the flipped kernel to correlate."""
    geometry, case = subject.geometry, subject.case
    size, flat = stretched(subject)
    lead = shown_lead(subject, case.x.shape[:2])
    named = planes("Z", flat, lead, size, subject.decimal)
    kernel = planes(
        "F",
        flipped(subject),
        () if subject.ranks.paper else case.w.shape[:2],
        geometry.kernel_size,
        subject.decimal,
    )
    pads = [(a.extent - 1 - a.crop_begin, a.extent - 1 - a.crop_end) for a in geometry.axes]
    told = ", ".join(f"{b} before and {e} after" for b, e in pads)
    dilation = ",".join(str(a.dilation) for a in geometry.axes)
    zeros = ",".join(str(a.stride - 1) for a in geometry.axes)
    blocks: list[Block] = [
        Heading(2, "Zero insertion"),
        paragraph(
            f"The same output as a plain correlation: insert stride - 1 zeros ({zeros}) between "
            f"the inputs, pad ({told} on each axis; a negative number crops), and slide the "
            f"kernel, rotated by half a turn, over it with stride 1 and dilation {dilation}."
        ),
        *definitions(named[:MOST_PLANES]),
        paragraph("The rotated kernel, as F:"),
        *definitions(kernel[:MOST_PLANES]),
    ]
    rest = max(len(named) - MOST_PLANES, 0) + max(len(kernel) - MOST_PLANES, 0)
    if rest:
        blocks.append(paragraph(f"{rest} more planes are omitted."))
    return blocks


def phase_kernels(subject: Subject) -> dict[tuple[int, ...], tuple[tuple[int, ...], list[Any]]]:
    """The sub-kernels of the first channel pair: `{phase: (size, entries in C order)}`.

    On an axis with stride s, phase r has the taps r, r + s, r + 2 s, ...

    Raises:
        ParseError: an axis has a dilation other than 1; the phases are then more complicated.
    """
    axes = subject.geometry.axes
    if any(a.dilation > 1 for a in axes):
        raise ParseError(
            "the chapter `phases` requires dilation 1; for other dilations see: symconv prove "
            "subpixel_dilated"
        )
    found = {}
    for phase in product(*(range(a.stride) for a in axes)):
        picked = [range(r, a.kernel_size, a.stride) for r, a in zip(phase, axes, strict=True)]
        entries = []
        for place in product(*picked):
            index = 0
            for k, a in zip(place, axes, strict=True):
                index = index * a.kernel_size + k
            entries.append(subject.case.w.flat[index])
        found[phase] = (tuple(map(len, picked)), entries)
    return found


def phases(subject: Subject) -> list[Block]:
    """The chapter on sub-pixel phases, with the sub-kernel of each phase."""
    kernels = phase_kernels(subject)
    blocks: list[Block] = [
        Heading(2, "Sub-pixel phases"),
        paragraph(
            "Outputs whose position, counted before cropping, has the same remainder modulo the "
            f"stride form a phase. Each of the {len(kernels)} phases is a plain convolution of the "
            "input with every stride-th tap of the kernel, without zeros."
        ),
    ]
    if math.prod(subject.case.w.shape[:2]) > 1:
        blocks.append(paragraph("Shown for the first pair of channels; the others are analogous."))
    shown = list(kernels.items())[: 2 * MOST_PLANES]
    for phase, (taps, entries) in shown:
        if entries:
            blocks += definitions(planes("K", entries, (), taps, subject.decimal))[:1]
            blocks[-1] = _named(blocks[-1], phase)
        else:
            blocks.append(
                paragraph(f"Phase {', '.join(map(str, phase))} has no tap: only the bias, or zero.")
            )
    if len(kernels) > len(shown):
        blocks.append(paragraph(f"{len(kernels) - len(shown)} more phases are omitted."))
    return blocks


def _named(block: Any, phase: tuple[int, ...]) -> Block:
    """The equation of a sub-kernel with `R`, indexed by the phase, as its left-hand side."""
    return Equation(equals(Letter("R", phase), block.math.sides[1]))


def pictures(subject: Subject) -> list[Block]:
    """The chapter with all pictures; a message stands in for one that is too large."""
    blocks: list[Block] = [Heading(2, "Pictures")]
    for draw in PICTURES.values():
        try:
            blocks.append(draw(subject.geometry))
        except LimitError as error:
            blocks.append(paragraph(f"{error}."))
    return blocks
