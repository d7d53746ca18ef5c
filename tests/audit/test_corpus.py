"""Documents in every format, written for these tests: every error is found, and no false one.

Half a page of each contains deliberate errors; `SLIPS` lists their places, the wrong value and the
correct one. Line numbers in a notebook are those of the cell.
"""

from pathlib import Path

import pytest

from symconv.documents import audit

CORPUS = Path(__file__).parent / "corpus"
SLIPS = {
    "notes.md": {
        29: "printed 8, should be 7",
        40: "printed 2, should be 3",
        50: "printed 5, should be 1",
        56: "printed 52100, should be 51200",
        71: "which is (H_in - 1) s + k - 2p",
        76: "gives 31x31",
        78: "gives 16x16",
    },
    "paper.tex": {
        25: "first factor transposed",
        35: "printed c + d, should be c + 2*d",
        39: "printed 1.6, should be 1.5",
        48: "printed 7, should be 6",
        51: "printed 8, should be 7",
        53: "which is floor((n_in + 2p - k) / s) + 1",
        57: "printed 36, should be 38",
    },
    "sheet.txt": {
        6: "printed 567, should be 576",
        13: "printed 2, should be 3",
        16: "printed 5, should be 4",
        25: "printed 14, should be 12",
        27: "printed 23, should be 24",
        28: "row 2, column 2: printed 2, should be 3",
        29: "printed 165, should be 156",
        30: "printed 348, should be 384",
    },
    "lesson.ipynb": {
        (3, 7): "block 3 starts in row 1, column 2; in row 1, column 3",
        (5, 2): "should be 8",
        (6, 5): "printed 3, should be -3",
        (7, 12): "row 2, column 2: printed 1, should be 2",
        (9, 2): "row 1, column 2: printed 3, should be 2",
        (10, 2): "printed 5, should be 4",
        (11, 1): "row 2, column 1: printed 3, should be 0",
        (11, 4): "row 2, column 2: printed 4, should be 8",
        (12, 1): "gives 30x30",
    },
}
DOUBTFUL = {"sheet.txt": {21: "9 needs output_padding=1"}}


def place(claim):
    return (claim.cell, claim.line) if claim.cell is not None else claim.line


@pytest.mark.parametrize("name", SLIPS)
def test_every_slip_and_nothing_else(name):
    claims = audit([str(CORPUS / name)]).claims
    wrong = {place(c): c.note for c in claims if c.verdict == "wrong"}
    assert wrong.keys() == SLIPS[name].keys()
    for where, note in SLIPS[name].items():
        assert note in wrong[where]
    doubtful = {place(c): c.note for c in claims if c.verdict == "doubtful"}
    assert doubtful.keys() == DOUBTFUL.get(name, {}).keys()
    for where, note in DOUBTFUL.get(name, {}).items():
        assert note in doubtful[where]


def test_the_corpus_is_large_enough():
    done = audit([str(CORPUS)])
    judged = sum(done.count(verdict) for verdict in ("right", "wrong", "doubtful"))
    assert len(done.readings) == 4 and judged >= 60
    assert done.count("wrong") * 3 >= judged
    assert done.exit_code() == 1 and done.outcome == "refuted"
