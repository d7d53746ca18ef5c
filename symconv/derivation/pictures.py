"""Pictures of one configuration: size ruler, placement, overlap map and the pattern of W."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

from symconv.core.errors import LimitError
from symconv.core.form import Index, axis_hits, by_input, by_output, index_arrays
from symconv.core.geometry import Axis, Geometry
from symconv.render.drawing import CELL, Canvas, shade, tint
from symconv.render.tree import Picture

MOST_CELLS = 2500
MOST_WIDE = 25
MOST_FRAMES = 16
GAP = 14


def _limited(count: int, what: str) -> None:
    if count > MOST_CELLS:
        raise LimitError(
            f"{what} has {count:,} cells; a picture shows at most {MOST_CELLS:,}. Use smaller "
            "sizes or fewer channels"
        )


def ruler(geometry: Geometry) -> Picture:
    """A ruler of sizes for each axis: inputs with zeros between them, the full output, the crop.

    Raises:
        LimitError: the axes are too long for a picture.
    """
    axes = geometry.axes
    longest = max(a.full_size + max(-a.crop_end, 0) for a in axes)
    longest += max(max(-a.crop_begin, 0) for a in axes)
    _limited(longest * len(axes), "this ruler")
    canvas = Canvas(longest * CELL + 150, len(axes) * (3 * CELL + 44) + 8)
    told = []
    for n, axis in enumerate(axes):
        top = n * (3 * CELL + 44) + 8
        told.append(_axis_ruler(canvas, axis, top, f"axis {n}" if len(axes) > 1 else ""))
    alt = "Size ruler. " + " ".join(told)
    return Picture(canvas.drawing, alt)


def _axis_ruler(canvas: Canvas, axis: Axis, top: float, name: str) -> str:
    shift = max(-axis.crop_begin, 0)
    full = axis.full_size
    left = 110.0
    canvas.words(4, top + 14, f"{name} inputs".strip())
    canvas.words(4, top + CELL + 22, "before crop")
    canvas.words(4, top + 2 * CELL + 30, "output")
    for place in range(axis.stride * (axis.size - 1) + 1):
        x = left + (place + shift) * CELL
        i, rest = divmod(place, axis.stride)
        canvas.cell(x, top, "0" if rest else f"x{i}", None if rest else tint(0.4), faint=bool(rest))
    for place in range(full):
        cropped = place < axis.crop_begin or place >= full - axis.crop_end
        canvas.cell(
            left + (place + shift) * CELL,
            top + CELL + 8,
            "-" if cropped else "",
            None if cropped else tint(0.2),
            faint=cropped,
        )
    counts = [0] * axis.out_size
    for _, _, o in axis_hits(axis):
        counts[o] += 1
    for o, count in enumerate(counts):
        canvas.cell(
            left + (o + axis.crop_begin + shift) * CELL,
            top + 2 * CELL + 16,
            f"y{o}",
            tint(0.6) if count else None,
            faint=not count,
        )
    zeros = f"{axis.stride - 1} zero{'s' if axis.stride != 2 else ''}"
    return (
        f"{axis.size} inputs with {zeros} between them under a kernel that spans {axis.extent} "
        f"reach {full} positions, minus {axis.crop_begin} at the beginning and {axis.crop_end} at "
        f"the end: {axis.out_size} outputs."
    )


def _plane(geometry: Geometry) -> tuple[int, int]:
    """The rows and columns of one output plane, over the last two axes."""
    *rest, columns = geometry.out_size
    return (rest[-1] if rest else 1), columns


def overlap(geometry: Geometry) -> Picture:
    """The overlap map of channel 0: the number of products that are summed in each output.

    Unequal numbers are the checkerboard effect. Of a volume the first plane is shown.

    Raises:
        LimitError: the output is too large for a picture.
    """
    rows, columns = _plane(geometry)
    _limited(rows * columns, "this map")
    counts = [[0] * columns for _ in range(rows)]
    for o, terms in by_output(geometry).items():
        channel, *place = o
        if channel == 0 and not any(place[:-2]):
            counts[place[-2] if len(place) > 1 else 0][place[-1]] = len(terms)
    most = max(max(row) for row in counts) or 1
    canvas = Canvas(columns * CELL + 16, rows * CELL + 34)
    for r, row in enumerate(counts):
        for c, count in enumerate(row):
            canvas.cell(8 + c * CELL, 8 + r * CELL, str(count), tint(count / most))
    divides = all(a.kernel_size % a.stride == 0 for a in geometry.axes)
    plain = all(a.dilation == 1 for a in geometry.axes)
    law = ""
    if plain:
        law = (
            "The stride divides the kernel size, so all inner outputs get the same number."
            if divides
            else "The stride does not divide the kernel size, so inner outputs differ: the "
            "checkerboard pattern."
        )
    part = " of the first plane" if len(geometry.axes) > 2 else ""
    canvas.words(
        8, rows * CELL + 26, f"products per output{part}: {min(map(min, counts))} to {most}"
    )
    alt = f"Overlap map: number of products in each output{part} of channel 0, up to {most}. {law}"
    return Picture(canvas.drawing, alt.strip())


def pattern(geometry: Geometry) -> Picture:
    """The pattern of W: each nonzero entry with the flat index and the colour of its weight.

    Raises:
        LimitError: W is too large for a picture.
    """
    shape = (
        geometry.in_channels * _times(geometry.size),
        geometry.out_channels * _times(geometry.out_size),
    )
    _limited(shape[0] * shape[1], "W")
    at = index_arrays(geometry)
    canvas = Canvas(shape[1] * CELL + 16, shape[0] * CELL + 16)
    taps = {}
    cells = zip(at.input.tolist(), at.output.tolist(), at.weight.tolist(), strict=True)
    for row, column, tap in cells:
        taps[row, column] = tap
    for row in range(shape[0]):
        for column in range(shape[1]):
            tap = taps.get((row, column))
            x, y = 8 + column * CELL, 8 + row * CELL
            if tap is None:
                canvas.cell(x, y)
            else:
                canvas.cell(x, y, str(tap), shade(tap), light=True)
    several = geometry.in_channels * geometry.out_channels > 1
    alt = (
        f"W, {shape[0]} by {shape[1]}, {len(taps)} entries not blank; each shows the number of its "
        f"{'weight, counted over all channels' if several else 'tap'}"
    )
    return Picture(canvas.drawing, alt)


def _times(sizes: tuple[int, ...]) -> int:
    total = 1
    for size in sizes:
        total *= size
    return total


def placement(geometry: Geometry) -> Picture:
    """The placement of blocks: a frame for each of the first `MOST_FRAMES` inputs of channel 0.

    A frame shows where the block of its input is placed in channel 0 of the output and, in a
    lighter colour, the outputs that earlier inputs have reached.

    Raises:
        LimitError: the frames are too large for a picture.
    """
    rows, columns = _plane(geometry)
    found = by_input(geometry)
    inputs = [(0, *place) for place in product(*map(range, geometry.size))]
    blocks = [(i, found.get(i, [])) for i in inputs]
    shown = blocks[:MOST_FRAMES]
    _limited((rows * columns + _times(geometry.size[-2:])) * len(shown), "this strip")
    reached: set[tuple[int, int]] = set()
    frames = []
    for i, terms in shown:
        taps = {
            ((0, *t.o[1:])[-2], t.o[-1]): ",".join(map(str, t.k[2:]))
            for t in terms
            if t.o[0] == 0 and not any(t.o[1:-2])
        }
        frames.append(_frame(geometry, i, taps, reached))
        reached |= taps.keys()
    wide = max(1, min(len(frames), int(MOST_WIDE * CELL // (frames[0].drawing.width + GAP))))
    step_x, step_y = frames[0].drawing.width + GAP, frames[0].drawing.height + GAP
    high = -(-len(frames) // wide)
    canvas = Canvas(wide * step_x + GAP, high * step_y + GAP)
    for n, frame in enumerate(frames):
        canvas.put(frame.drawing, GAP + n % wide * step_x, GAP + n // wide * step_y)
    rest = len(blocks) - len(shown)
    alt = (
        f"Placement: one frame per input, with the taps that it places in "
        f"{'the first plane of ' if len(geometry.axes) > 2 else ''}the output of "
        f"{rows} by {columns}; lighter cells were reached by earlier inputs"
        + (f"; {rest} more inputs are omitted" if rest else "")
    )
    return Picture(canvas.drawing, alt, tuple(frames))


def _frame(
    geometry: Geometry, i: Index, taps: dict[tuple[int, int], str], reached: set[tuple[int, int]]
) -> Picture:
    """One frame: the output plane, with the input plane to its left unless it is a volume."""
    rows, columns = _plane(geometry)
    flat = len(geometry.axes) < 3
    high, across = (1, *geometry.size)[-2:] if flat else (0, 0)
    left = across * CELL + (GAP if flat else 0)
    canvas = Canvas(left + columns * CELL, max(rows, high) * CELL + 16)
    canvas.words(0, 10, "x" + ",".join(map(str, i[1:])))
    for r in range(high):
        for c in range(across):
            here = (r, c) == (0, *i[1:])[-2:]
            canvas.cell(c * CELL, 16 + r * CELL, "", tint(1.0) if here else None)
    for r in range(rows):
        for c in range(columns):
            before = tint(0.12) if (r, c) in reached else None
            words = taps.get((r, c), "")
            canvas.cell(left + c * CELL, 16 + r * CELL, words, tint(0.5) if words else before)
    told = "places its taps at " + ", ".join(f"({r}, {c})" for r, c in taps)
    alt = f"Input {', '.join(map(str, i[1:]))} " + (
        told if taps else "reaches no output shown here"
    )
    return Picture(canvas.drawing, alt + ".")


PICTURES: dict[str, Callable[[Geometry], Picture]] = {
    "ruler": ruler,
    "placement": placement,
    "overlap": overlap,
    "pattern": pattern,
}
