"""Transposed convolution by zero insertion.

Insert stride-1 zeros between neighbouring inputs, pad, then slide the *flipped* kernel over the
result with stride 1. Source: Dumoulin & Visin, "A guide to convolution arithmetic for deep
learning", section 4. The padding is `dilation*(kernel_size-1) - padding` at the beginning and
`output_padding` more at the end; negative padding crops. The output size is not computed
separately but results from these steps.
"""

from __future__ import annotations

from itertools import product
from typing import Any

Nested = Any
Grid = tuple[tuple[int, ...], dict[tuple[int, ...], Any]]
"""Lengths, and the entries by position; absent entries are zero."""


def _grid(block: Nested, dims: int) -> Grid:
    lengths = []
    probe = block
    for _ in range(dims):
        lengths.append(len(probe))
        probe = probe[0]
    entries = {}
    for place in product(*(range(n) for n in lengths)):
        entry = block
        for n in place:
            entry = entry[n]
        entries[place] = entry
    return tuple(lengths), entries


def _insert_zeros(grid: Grid, stride: tuple[int, ...]) -> Grid:
    lengths, entries = grid
    longer = tuple(n + (n - 1) * (s - 1) for n, s in zip(lengths, stride, strict=True))
    return longer, {
        tuple(n * s for n, s in zip(place, stride, strict=True)): value
        for place, value in entries.items()
    }


def _pad(grid: Grid, before: tuple[int, ...], after: tuple[int, ...]) -> Grid:
    lengths, entries = grid
    padded = tuple(b + n + a for n, b, a in zip(lengths, before, after, strict=True))
    moved = {
        tuple(n + b for n, b in zip(place, before, strict=True)): value
        for place, value in entries.items()
    }
    kept = {
        place: value
        for place, value in moved.items()
        if all(0 <= n < length for n, length in zip(place, padded, strict=True))
    }
    return padded, kept


def _correlate(image: Grid, kernel: Grid, dilation: tuple[int, ...]) -> Grid:
    """Slide the dilated kernel over the image, with stride 1 and no padding."""
    (image_lengths, pixels), (kernel_lengths, taps) = image, kernel
    lengths = tuple(
        n - d * (k - 1) for n, k, d in zip(image_lengths, kernel_lengths, dilation, strict=True)
    )
    result: dict[tuple[int, ...], Any] = {}
    for place in product(*(range(n) for n in lengths)):
        total: Any = 0
        for tap, weight in taps.items():
            at = tuple(p + d * t for p, d, t in zip(place, dilation, tap, strict=True))
            if at in pixels:
                total = total + pixels[at] * weight
        result[place] = total
    return lengths, result


def conv_transpose(
    x: Nested,
    w: Nested,
    bias: list[Any] | None,
    *,
    stride: tuple[int, ...],
    padding: tuple[int, ...],
    output_padding: tuple[int, ...],
    groups: int,
    dilation: tuple[int, ...],
) -> Nested:
    """Map `x[C_in][...]` and `w[C_in][C_out/groups][...]` to `y[C_out][...]`, nested lists.

    Entries may be of any type with `+` and `*`; parameters are torch's, one int per axis.
    """
    dims = len(stride)
    images = []
    for plane in x:
        grid = _insert_zeros(_grid(plane, dims), stride)
        spans = [d * (k - 1) for d, k in zip(dilation, _grid(w[0][0], dims)[0], strict=True)]
        before = tuple(span - p for span, p in zip(spans, padding, strict=True))
        after = tuple(b + extra for b, extra in zip(before, output_padding, strict=True))
        images.append(_pad(grid, before, after))
    channels_in_group = len(x) // groups
    y: list[Nested] = []
    for group in range(groups):
        members = range(group * channels_in_group, (group + 1) * channels_in_group)
        for inside in range(len(w[0])):
            planes = []
            for channel in members:
                lengths, taps = _grid(w[channel][inside], dims)
                flipped = {
                    tuple(n - 1 - t for n, t in zip(lengths, tap, strict=True)): value
                    for tap, value in taps.items()
                }
                planes.append(_correlate(images[channel], (lengths, flipped), dilation))
            constant = 0 if bias is None else bias[len(y)]
            y.append(_nested(planes, constant, ()))
    return y


def _nested(planes: list[Grid], constant: Any, place: tuple[int, ...]) -> Nested:
    lengths = planes[0][0]
    if len(place) == len(lengths):
        return sum((entries[place] for _, entries in planes[1:]), planes[0][1][place]) + constant
    return [_nested(planes, constant, (*place, n)) for n in range(lengths[len(place)])]
