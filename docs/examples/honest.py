"""A correct kernel with less than conventional accuracy: Winograd F(4x4, 3x3).

The transforms of Lavin & Gray, Fast Algorithms for Convolutional Neural Networks (arXiv
1509.09308), are applied to the zero-inserted input. Other kernel sizes are passed to torch.
"""

import math

import torch

BT = [
    [4, 0, -5, 0, 1, 0],
    [0, -4, -4, 1, 1, 0],
    [0, 4, -4, -1, 1, 0],
    [0, -2, -1, 2, 1, 0],
    [0, 2, -1, -2, 1, 0],
    [0, 4, 0, -5, 0, 1],
]
G = [
    [1 / 4, 0, 0],
    [-1 / 6, -1 / 6, -1 / 6],
    [-1 / 6, 1 / 6, -1 / 6],
    [1 / 24, 1 / 12, 1 / 6],
    [1 / 24, -1 / 12, 1 / 6],
    [0, 0, 1],
]
AT = [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]]


def _pair(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def winograd_f4(
    input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1
):
    """Use F(4x4, 3x3) for one group of 3x3 kernels without dilation, and torch otherwise."""
    dims = weight.dim() - 2
    if tuple(weight.shape[2:]) != (3, 3) or groups != 1 or _pair(dilation) != (1, 1):
        call = getattr(torch.nn.functional, f"conv_transpose{dims}d")
        return call(input, weight, bias, stride, padding, output_padding, groups, dilation)
    s, p, op = _pair(stride), _pair(padding), _pair(output_padding)
    n, c, h, w = input.shape
    z = input.new_zeros((n, c, (h - 1) * s[0] + 1, (w - 1) * s[1] + 1))
    z[:, :, :: s[0], :: s[1]] = input
    z = torch.nn.functional.pad(z, (2 - p[1], 2 - p[1] + op[1], 2 - p[0], 2 - p[0] + op[0]))
    rows, columns = z.shape[2] - 2, z.shape[3] - 2
    tiles = math.ceil(rows / 4), math.ceil(columns / 4)
    z = torch.nn.functional.pad(z, (0, tiles[1] * 4 - columns, 0, tiles[0] * 4 - rows))
    bt, g, at = (torch.tensor(m, dtype=input.dtype) for m in (BT, G, AT))
    patches = z.unfold(2, 6, 4).unfold(3, 6, 4)
    v = torch.einsum("ij,ncpqjk,lk->ncpqil", bt, patches, bt)
    u = torch.einsum("ij,cojk,lk->coil", g, weight.flip(2, 3), g)
    m = torch.einsum("ncpqil,coil->nopqil", v, u)
    y = torch.einsum("ij,nopqjk,lk->nopqil", at, m, at)
    y = y.permute(0, 1, 2, 4, 3, 5).reshape(n, weight.shape[1], tiles[0] * 4, tiles[1] * 4)
    y = y[:, :, :rows, :columns]
    return y if bias is None else y + bias.reshape(1, -1, 1, 1)
