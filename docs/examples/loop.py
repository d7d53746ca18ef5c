"""Transposed convolution as one writes it on a blackboard: a matrix, a kernel, two loops."""

import torch


def scatter(x, k):
    """Every input puts its multiple of the kernel down."""
    rows, columns = x.shape
    high, wide = k.shape
    y = torch.zeros(rows + high - 1, columns + wide - 1, dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            y[i : i + high, j : j + wide] += x[i, j] * k
    return y


def flipped(x, k):
    """The same with the kernel turned half a turn: wrong."""
    return scatter(x, k.flip(0, 1))


def by_matrix(x, k):
    """W written out row by row, transposed, times the input."""
    rows, columns = x.shape
    high, wide = k.shape
    w = torch.zeros(rows * columns, rows + high - 1, columns + wide - 1, dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            w[i * columns + j, i : i + high, j : j + wide] = k
    flat = w.reshape(rows * columns, -1)
    return (flat.T @ x.reshape(-1)).reshape(rows + high - 1, columns + wide - 1)


def by_windows(x, k):
    """Windows of the padded input, read by strides: the row stride is the row length."""
    rows, columns = x.shape
    high, wide = k.shape
    padded = torch.nn.functional.pad(x, (wide - 1, wide - 1, high - 1, high - 1))
    out = (rows + high - 1, columns + wide - 1)
    length = padded.shape[1]
    windows = torch.as_strided(padded, (*out, high, wide), (length, 1, length, 1))
    return (windows * k.flip(0, 1)).sum((2, 3))


def skipping_zeros(x, k):
    """The loop that leaves zeros out: it asks for values, so it cannot be followed."""
    rows, columns = x.shape
    high, wide = k.shape
    y = torch.zeros(rows + high - 1, columns + wide - 1, dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            if x[i, j].item() != 0:
                y[i : i + high, j : j + wide] += x[i, j] * k
    return y
