"""Transposed convolution by zero insertion: a convolution with the flipped kernel."""

import torch


def f(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """Return the 2-D transposed convolution; stride, padding etc. are pairs."""
    batch, channels, *size = x.shape
    taps = w.shape[2:]
    long = [(n - 1) * s + 1 for n, s in zip(size, stride, strict=True)]
    stretched = x.new_zeros(batch, channels, *long)
    stretched[:, :, :: stride[0], :: stride[1]] = x
    borders = []
    for axis in (1, 0):
        reach = dilation[axis] * (taps[axis] - 1) - padding[axis]
        borders += [reach, reach + output_padding[axis]]
    padded = torch.nn.functional.pad(stretched, borders)
    turned = w.flip(2, 3).reshape(groups, -1, w.shape[1], *taps).transpose(1, 2)
    turned = turned.reshape(groups * w.shape[1], -1, *taps)
    return torch.nn.functional.conv2d(padded, turned, bias, groups=groups, dilation=dilation)
