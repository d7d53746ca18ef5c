"""Transposed convolution as a matrix product followed by `fold` (col2im)."""

import torch


def f(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """Return the 2-D transposed convolution; stride, padding etc. are pairs."""
    batch, channels, *size = x.shape
    taps = tuple(w.shape[2:])
    reach = [d * (k - 1) + 1 for d, k in zip(dilation, taps, strict=True)]
    steps = list(zip(size, stride, padding, output_padding, reach, strict=True))
    # fold needs one column per window that fits; output_padding may add windows, filled with zeros
    out = [(n - 1) * s - 2 * p + r + extra for n, s, p, extra, r in steps]
    fits = [(o + 2 * p - r) // s + 1 for o, (_, s, p, _, r) in zip(out, steps, strict=True)]
    grouped = x.reshape(batch, groups, channels // groups, -1)
    kernels = w.reshape(groups, channels // groups, -1)
    columns = torch.einsum("bgcl,gck->bgkl", grouped, kernels).reshape(batch, -1, *size)
    more = [wide - n for wide, n in zip(fits, size, strict=True)]
    columns = torch.nn.functional.pad(columns, (0, more[1], 0, more[0])).flatten(2)
    y = torch.nn.functional.fold(columns, out, taps, dilation, padding, stride)
    return y if bias is None else y + bias[:, None, None]
