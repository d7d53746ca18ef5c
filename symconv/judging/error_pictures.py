"""Pictures of a check: where the errors are, and how large they are relative to their bound."""

from __future__ import annotations

import math
from collections.abc import Sequence

from symconv.judging.judgement import ErrorPlane
from symconv.judging.spread import BINS, FINEST
from symconv.render.drawing import CELL, SHADES, Canvas, tint
from symconv.render.tree import Picture

WRONG = SHADES[4]
BAR, HEIGHT = 34.0, 110.0
NAMES = {"output": "y", "grad_input": "grad_x", "grad_weight": "grad_w", "grad_bias": "grad_b"}


def error_map(result: str, plane: ErrorPlane) -> Picture:
    """Errors of a plane, darker for larger errors, blank where the result is exact."""
    rows, columns = len(plane.rows), len(plane.rows[0])
    finite = [abs(v) for row in plane.rows for v in row if math.isfinite(v)]
    most = max(finite, default=0.0) or 1.0
    canvas = Canvas(columns * CELL + 8, rows * CELL + 8)
    wrong = 0
    for r, row in enumerate(plane.rows):
        for c, error in enumerate(row):
            wrong += error != 0
            share = abs(error) / most if math.isfinite(error) else 1.0
            fill = tint(share, WRONG) if error else None
            canvas.cell(4 + c * CELL, 4 + r * CELL, _short(error), fill)
    place = ", ".join([*map(str, plane.place), ":", ":"])
    largest = f"the largest is {max(finite):.3g}" if finite else "none is finite"
    alt = (
        f"Error map of {NAMES[result]}[{place}], actual minus exact: {wrong} of {rows * columns} "
        f"cells differ, {largest}" + ("." if plane.whole else "; the first rows and columns.")
    )
    return Picture(canvas.drawing, alt)


def _short(error: float) -> str:
    """An error in at most four characters, or ""."""
    if not error:
        return ""
    if not math.isfinite(error):
        return "nan"
    shown = f"{error:.2g}"
    return shown if len(shown) <= 4 else ""


def histogram(result: str, counts: Sequence[int]) -> Picture:
    """Histogram of the error divided by the bound, in powers of two."""
    total = sum(counts)
    canvas = Canvas(BINS * BAR + 16, HEIGHT + 44)
    names = ["0", *(f"2^{n}" if n else "1" for n in range(-FINEST, 1)), "> 1"]
    for n, (count, name) in enumerate(zip(counts, names, strict=True)):
        left, high = 8 + n * BAR, HEIGHT * count / max(counts)
        if count:
            fill = tint(0.8, WRONG) if n == BINS - 1 else tint(0.5)
            canvas.bar(left + 3, 18 + HEIGHT - high, BAR - 6, high, fill)
            canvas.words(left + BAR / 2, 14 + HEIGHT - high, _percent(count, total), centred=True)
        if n % 2 == 0 or n == BINS - 1:
            canvas.words(left + BAR / 2, HEIGHT + 36, name, centred=True)
    top = next((names[n] for n in range(BINS - 2, 0, -1) if counts[n]), "0")
    alt = (
        f"Histogram of {NAMES[result]}, error over bound in powers of two: of {total:,} cells "
        f"{counts[0]:,} are exact, {counts[-1]:,} are beyond the bound; of the others no ratio is "
        f"above {top}."
    )
    return Picture(canvas.drawing, alt)


def _percent(count: int, total: int) -> str:
    share = 100 * count / total
    return f"{share:.0f}%" if share >= 1 else "<1%"
