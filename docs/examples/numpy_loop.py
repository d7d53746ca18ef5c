"""A transposed convolution as a NumPy loop, judged with `--engine numpy`."""

import numpy as np


def f(x, w, bias=None, *, stride, padding, output_padding, dilation, groups):
    """Add a multiple of the kernel for every element of the input."""
    batch, c_in, height, width = x.shape
    _, per_group, rows, columns = w.shape
    full = [
        stride[a] * (x.shape[2 + a] - 1)
        + dilation[a] * (w.shape[2 + a] - 1)
        + 1
        + output_padding[a]
        for a in range(2)
    ]
    y = np.zeros((batch, per_group * groups, *full), x.dtype)
    for n, c, i, j in np.ndindex(batch, c_in, height, width):
        first = c // (c_in // groups) * per_group
        for m, a, b in np.ndindex(per_group, rows, columns):
            row, column = stride[0] * i + dilation[0] * a, stride[1] * j + dilation[1] * b
            y[n, first + m, row, column] += x[n, c, i, j] * w[c, m, a, b]
    y = y[:, :, padding[0] : full[0] - padding[0], padding[1] : full[1] - padding[1]]
    return y if bias is None else y + bias[:, None, None]
