"""Benchmarks of whole pages, sparse matrices and `symconv size`."""

import subprocess
import sys
from functools import partial

import numpy as np
from scipy.sparse import coo_array

import symconv
from bench.timing import Row, interleaved, slower
from symconv.derivation.derivation import NAMES


def run(*arguments):
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)


def pages() -> list[Row]:
    def page():
        made = symconv.derive(
            input_size=(16, 16),
            kernel_size=(3, 3),
            stride=2,
            padding=1,
            device="cpu",
            chapters=(*(n for n in NAMES if n != "check"), "stretched", "phases", "pictures"),
        )
        assert made.to_html()

    def bare():
        run("-c", "pass")

    size = partial(run, "-m", "symconv", "size", "--input-size", "7", "--kernel-size", "5")
    return [
        slower(
            "HTML of a symbolic 16x16 k3 s2, all chapters / importing sympy",
            interleaved(page, partial(run, "-c", "import sympy"), 7),
            4,
        ),
        slower("SciPy's W of 64x64 k5 8->8 / its index arrays by hand", sparse(), 3),
        slower("symconv size / bare Python's start", interleaved(size, bare, 15), 10),
    ]


def sparse() -> tuple[float, float]:
    n, k, c = 64, 5, 8
    w = np.random.default_rng(0).integers(-9, 10, (c, c, k, k)).astype(float)
    found = {}

    def ours():
        found["ours"] = symconv.matrix(w, input_size=(n, n), library="scipy")

    def theirs():
        out = n + k - 1
        a, b, i, j, u, v = np.ix_(*map(np.arange, (c, c, n, n, k, k)))
        rows = (a * n + i) * n + j + 0 * (b + u + v)
        columns = (b * out + i + u) * out + j + v + 0 * a
        values = np.broadcast_to(w[:, :, None, None], (c, c, n, n, k, k))
        parts = values.ravel(), (rows.ravel(), columns.ravel())
        found["theirs"] = coo_array(parts, shape=(c * n * n, c * out * out))

    pair = interleaved(ours, theirs, 7, found.clear)
    ours()
    theirs()
    assert abs(found["ours"].tocsr() - found["theirs"].tocsr()).max() == 0
    return pair
