"""The notebook's programs, rewritten: transposed convolution with stride 1 of a single channel.

Each takes a 2-D input and a 2-D kernel, without batch and channel axes.
"""

from __future__ import annotations

from typing import Any

import torch


def scatter(x: Any, k: Any) -> Any:
    """Add a multiple of the kernel to the output for every input."""
    rows, columns = x.shape
    high, wide = k.shape
    y = torch.zeros(rows + high - 1, columns + wide - 1, dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            y[i : i + high, j : j + wide] += x[i, j] * k
    return y


def by_matrix(x: Any, k: Any) -> Any:
    """Build W row by row and multiply its transpose by the flat input."""
    rows, columns = x.shape
    high, wide = k.shape
    w = torch.zeros(rows * columns, rows + high - 1, columns + wide - 1, dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            w[i * columns + j, i : i + high, j : j + wide] = k
    flat = w.reshape(rows * columns, -1)
    return (flat.T @ x.reshape(-1)).reshape(rows + high - 1, columns + wide - 1)


def by_windows(x: Any, k: Any) -> Any:
    """Correlate strided windows of the padded input with the flipped kernel.

    The row stride of the windows is the row length of the padded input.
    """
    rows, columns = x.shape
    high, wide = k.shape
    padded = torch.nn.functional.pad(x, (wide - 1, wide - 1, high - 1, high - 1))
    out = (rows + high - 1, columns + wide - 1)
    length = padded.shape[1]
    windows = torch.as_strided(padded, (*out, high, wide), (length, 1, length, 1))
    return (windows * k.flip(0, 1)).sum((2, 3))
