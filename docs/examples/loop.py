"""Teaching versions of transposed convolution, right and wrong.

`scatter`, `by_matrix` and `by_windows` are those of `symconv tour`.
"""

import torch

from symconv.notebook.programs import by_matrix, by_windows, scatter

__all__ = ["by_matrix", "by_windows", "flipped", "scatter", "skipping_zeros"]


def flipped(x, k):
    """Return the result for the kernel rotated by 180 degrees: wrong."""
    return scatter(x, k.flip(0, 1))


def skipping_zeros(x, k):
    """Skip zeros of x; the loop reads values, so it cannot be followed on symbols."""
    rows, columns = x.shape
    high, wide = k.shape
    y = torch.zeros(rows + high - 1, columns + wide - 1, dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            if x[i, j].item() != 0:
                y[i : i + high, j : j + wide] += x[i, j] * k
    return y
