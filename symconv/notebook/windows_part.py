"""Claims of the notebook's third part: strided windows of a matrix, and their row stride."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

from symconv.notebook.claims import Maker, TourClaim, judge_equal, shown
from symconv.render.tree import Block, Equation, Letter, equals, matrix, paragraph
from symconv.results.evidence import Outcome, Verdict, computed
from symconv.results.reasons import stated
from symconv.targets.comparing import merged
from symconv.targets.crosscheck import check_as_strided

NINE = list(range(1, 10))
WINDOWS = {
    0: [[1, 2], [4, 5]],
    1: [[2, 3], [5, 6]],
    3: [[4, 5], [7, 8]],
    4: [[5, 6], [8, 9]],
}


def strided(
    values: Sequence[int], window: tuple[int, int], strides: tuple[int, int], offset: int
) -> list[list[int]] | None:
    """The window that `torch.as_strided` reads from flat values; None if it exceeds them.

    Its entry (r, c) is `values[offset + r*strides[0] + c*strides[1]]`.
    """
    places = [
        [offset + r * strides[0] + c * strides[1] for c in range(window[1])]
        for r in range(window[0])
    ]
    if max(max(row) for row in places) >= len(values):
        return None
    return [[values[p] for p in row] for row in places]


def windows(devices: Sequence[str]) -> TourClaim:
    """The given strides and offsets read the four 2x2 windows of the matrix 1..9."""
    sentence = (
        "Strides (3, 1) with offsets 0, 1, 3, 4 read the four 2x2 windows of the 3x3 matrix 1..9"
    )
    read, figures, checks = [], [], []
    blocks: list[Block] = []
    for offset, figure in WINDOWS.items():
        rows = strided(NINE, (2, 2), (3, 1), offset) or []
        top, left = divmod(offset, 3)
        inside = [NINE[3 * (top + r) + left + c] for r in (0, 1) for c in (0, 1)]
        flat = [v for row in rows for v in row]
        read += flat + inside
        figures += [v for row in figure for v in row] * 2
        checks.append(check_as_strided(NINE, (3, 3), (2, 2), (3, 1), offset, flat, devices))
        blocks.append(Equation(equals(Letter("A", (top, left)), matrix(rows))))
    evidence = computed(sentence, "the 3x3 matrix 1..9", "print the four windows")
    evidence = replace(evidence, trusted=("Python's integers",))
    verdict = judge_equal(evidence, figures, read, (4, 2, 2, 2))
    return TourClaim("windows", sentence, verdict, Outcome.HOLDS, merged(checks), "", tuple(blocks))


def _smallest_slip() -> tuple[int, int, list[list[int]], list[list[int]]]:
    """The smallest matrix whose 2x2 window is wrong if the number of rows is the row stride.

    Returns rows, columns, the right window and the wrong one; `(0, 0, [], [])` if none is found.
    """
    shapes = sorted(product(range(1, 7), repeat=2), key=lambda s: (s[0] * s[1], s))
    for rows, columns in shapes:
        values = list(range(1, rows * columns + 1))
        window = (min(2, rows), min(2, columns))
        right = strided(values, window, (columns, 1), 0)
        slip = strided(values, window, (rows, 1), 0)
        if right is not None and slip is not None and right != slip:
            return rows, columns, right, slip
    return 0, 0, [], []


def row_stride(devices: Sequence[str]) -> TourClaim:
    """The notebook passes the number of rows as row stride, right only as its matrix is square."""
    sentence = "The row stride of a window is N, the number of rows of the matrix"
    rows, columns, right, slip = _smallest_slip()
    domain = (
        "matrices up to 6x6 by number of entries, up to the first whose wrong window is still "
        f"inside the matrix: {rows}x{columns}"
    )
    evidence = computed(sentence, domain, "read the window of any non-square matrix")
    evidence = replace(evidence, trusted=("Python's integers",))
    if not rows:
        verdict = Verdict(
            Outcome.UNDECIDED, evidence, reasons=stated("no counterexample was found")
        )
        return TourClaim("row-stride", sentence, verdict, Outcome.REFUTED, merged([]))
    verdict = Verdict(
        Outcome.REFUTED,
        evidence,
        where=f"the 2x2 window at (0, 0) of the {rows}x{columns} matrix 1..{rows * columns}",
        expected=shown(right),
        actual=shown(slip),
    )
    values = list(range(1, rows * columns + 1))
    checks = [
        check_as_strided(
            values, (rows, columns), (2, 2), (stride, 1), 0, [*window[0], *window[1]], devices
        )
        for stride, window in ((columns, right), (rows, slip))
    ]
    truth = (
        "the row stride is D, the length of a row. N is correct only if the matrix is square or "
        "the window has one row; the notebook's 3x3 matrix is square."
    )
    whole = matrix([values[r * columns : (r + 1) * columns] for r in range(rows)])
    blocks: list[Block] = [
        paragraph("A matrix of 2 rows and 3 columns distinguishes them:"),
        Equation(equals(Letter("A"), whole)),
        Equation(equals(Letter("D", (columns,)), matrix(right))),
        Equation(equals(Letter("N", (rows,)), matrix(slip))),
    ]
    return TourClaim(
        "row-stride", sentence, verdict, Outcome.REFUTED, merged(checks), truth, tuple(blocks)
    )


MAKERS: tuple[Maker, ...] = (windows, row_stride)
"""The claims of this part, in the notebook's order."""
