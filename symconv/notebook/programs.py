"""The notebook's programs in our words: as on a blackboard, of a matrix and a kernel."""

from __future__ import annotations

from typing import Any

import torch


def scatter(x: Any, k: Any) -> Any:
    """Every input puts its multiple of the kernel down."""
    rows, columns = x.shape
    high, wide = k.shape
    y = torch.zeros(rows + high - 1, columns + wide - 1, dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            y[i : i + high, j : j + wide] += x[i, j] * k
    return y


def by_matrix(x: Any, k: Any) -> Any:
    """W written out row by row, transposed, times the input."""
    rows, columns = x.shape
    high, wide = k.shape
    w = torch.zeros(rows * columns, rows + high - 1, columns + wide - 1, dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            w[i * columns + j, i : i + high, j : j + wide] = k
    flat = w.reshape(rows * columns, -1)
    return (flat.T @ x.reshape(-1)).reshape(rows + high - 1, columns + wide - 1)


def by_windows(x: Any, k: Any) -> Any:
    """Windows of the padded input, read by strides: the row stride is the row length."""
    rows, columns = x.shape
    high, wide = k.shape
    padded = torch.nn.functional.pad(x, (wide - 1, wide - 1, high - 1, high - 1))
    out = (rows + high - 1, columns + wide - 1)
    length = padded.shape[1]
    windows = torch.as_strided(padded, (*out, high, wide), (length, 1, length, 1))
    return (windows * k.flip(0, 1)).sum((2, 3))
