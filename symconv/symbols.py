"""Names of the symbols in derivations: 0-based, torch's order of indices.

`x_{[n,][c,]i,j}`, `k_{[c,o,]u,v}` with o counted inside its group, `b_o` and `y` likewise.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from symconv.arithmetic.tensors import Tensor
from symconv.form import Index
from symconv.polynomial import Polynomial

RESERVED = re.compile(r"[xkby](_\d+)+\Z")
"""Names that symconv gives to entries; a user's letter may not look so."""


def name(letter: str, index: Index) -> str:
    """`name("x", (0, 1))` is `x_0_1`."""
    return "_".join((letter, *map(str, index)))


def unflatten(flat: int, shape: Sequence[int]) -> Index:
    """The index of a flat position in C order."""
    index: list[int] = []
    for length in reversed(shape):
        flat, n = divmod(flat, length)
        index.append(n)
    return tuple(reversed(index))


def letters(letter: str, shape: tuple[int, ...], shown: tuple[int, ...] | None = None) -> Tensor:
    """A tensor of symbols of `shape`; the names use the indices of `shown`, its paper shape."""
    indices = shown if shown is not None else shape
    flat = tuple(
        Polynomial.variable(name(letter, unflatten(n, indices))) for n in range(math.prod(shape))
    )
    return Tensor(shape, flat)
