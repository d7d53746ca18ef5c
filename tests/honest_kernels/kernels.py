"""Correct kernels with other orders, algorithms or storage. None may be refuted.

Each takes the arguments of torch.nn.functional.conv_transposeNd and works for any number of axes
unless its docstring says otherwise.
"""

import itertools
import math

import torch


def per_axis(value, dims):
    return (value,) * dims if isinstance(value, int) else tuple(value)


def settings(x, w, stride, padding, output_padding, dilation):
    dims = w.dim() - 2
    steps = [per_axis(v, dims) for v in (stride, padding, output_padding, dilation)]
    size, kernel = x.shape[2:], w.shape[2:]
    s, p, op, d = steps
    out = [
        (size[n] - 1) * s[n] - 2 * p[n] + d[n] * (kernel[n] - 1) + op[n] + 1 for n in range(dims)
    ]
    return s, p, op, d, out


def scatter(x, w, bias, stride, padding, output_padding, groups, dilation, taps, products):
    """Add every tap's contribution to a canvas, in the order of `taps`, then crop."""
    s, p, op, d, out = settings(x, w, stride, padding, output_padding, dilation)
    dims = len(s)
    canvas = [
        (x.shape[2 + n] - 1) * s[n] + d[n] * (w.shape[2 + n] - 1) + 1 + op[n] for n in range(dims)
    ]
    share = w.shape[0] // groups
    planes = []
    for g in range(groups):
        ins = slice(g * share, (g + 1) * share)
        y = x.new_zeros((x.shape[0], w.shape[1], *canvas))
        for tap in taps(w.shape[2:]):
            place = tuple(
                slice(d[n] * tap[n], d[n] * tap[n] + s[n] * (x.shape[2 + n] - 1) + 1, s[n])
                for n in range(dims)
            )
            part = products(x[:, ins], w[(ins, slice(None), *tap)])
            y = y.clone()
            y[(slice(None), slice(None), *place)] = y[(slice(None), slice(None), *place)] + part
        planes.append(y)
    y = torch.cat(planes, dim=1)
    y = y[(slice(None), slice(None), *(slice(p[n], p[n] + out[n]) for n in range(dims)))]
    return y if bias is None else y + bias.reshape((1, -1) + (1,) * dims)


def in_order(shape):
    return itertools.product(*(range(n) for n in shape))


def backwards(shape):
    return reversed(list(in_order(shape)))


def by_einsum(x, w):
    return torch.einsum("nc...,co->no...", x, w)


def channel_by_channel(x, w):
    total = x[:, :1] * w[0].reshape((1, -1) + (1,) * (x.dim() - 2))
    for c in range(1, x.shape[1]):
        total = total + x[:, c : c + 1] * w[c].reshape((1, -1) + (1,) * (x.dim() - 2))
    return total


def pairwise(x, w):
    terms = [
        x[:, c : c + 1] * w[c].reshape((1, -1) + (1,) * (x.dim() - 2)) for c in range(x.shape[1])
    ]
    while len(terms) > 1:
        terms = [
            terms[n] + terms[n + 1] if n + 1 < len(terms) else terms[n]
            for n in range(0, len(terms), 2)
        ]
    return terms[0]


def taps_forward(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """GEMM per tap and overlap-add, taps in order."""
    return scatter(
        x, w, bias, stride, padding, output_padding, groups, dilation, in_order, by_einsum
    )


def taps_backward(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """GEMM per tap and overlap-add, taps in reverse order."""
    return scatter(
        x, w, bias, stride, padding, output_padding, groups, dilation, backwards, by_einsum
    )


def channel_loop(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """One channel after another, without GEMM."""
    return scatter(
        x, w, bias, stride, padding, output_padding, groups, dilation, in_order, channel_by_channel
    )


def pairwise_sums(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """Channels added in pairs."""
    return scatter(
        x, w, bias, stride, padding, output_padding, groups, dilation, backwards, pairwise
    )


def bias_first(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """Zero insertion and torch's own convolution with the flipped kernel."""
    return zero_inserted(x, w, bias, stride, padding, output_padding, groups, dilation)


def stretched(x, w, stride, padding, output_padding, dilation):
    """The zero-inserted input, padded for a stride-1 correlation with the flipped kernel."""
    s, p, op, d, _ = settings(x, w, stride, padding, output_padding, dilation)
    dims = len(s)
    longer = [(x.shape[2 + n] - 1) * s[n] + 1 for n in range(dims)]
    z = x.new_zeros((*x.shape[:2], *longer))
    z[(slice(None), slice(None), *(slice(None, None, n) for n in s))] = x
    pads = []
    for n in reversed(range(dims)):
        before = d[n] * (w.shape[2 + n] - 1) - p[n]
        pads += [before, before + op[n]]
    return torch.nn.functional.pad(z, pads), d


def grouped_weight(w, groups):
    """`(in, out/groups, ...)` as the flipped `(out, in/groups, ...)` of a convolution."""
    dims = w.dim() - 2
    share = w.shape[0] // groups
    parts = [w[g * share : (g + 1) * share].transpose(0, 1) for g in range(groups)]
    return torch.cat(parts, dim=0).flip(tuple(range(2, 2 + dims)))


def zero_inserted(x, w, bias, stride, padding, output_padding, groups, dilation):
    z, d = stretched(x, w, stride, padding, output_padding, dilation)
    call = getattr(torch.nn.functional, f"conv{w.dim() - 2}d")
    return call(z, grouped_weight(w, groups), bias, dilation=d, groups=groups)


def fft(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """Correlation through the FFT over all axes."""
    z, d = stretched(x, w, stride, padding, output_padding, dilation)
    dims = w.dim() - 2
    kernel = grouped_weight(w, groups)
    spread = kernel.new_zeros(
        (*kernel.shape[:2], *((k - 1) * s + 1 for k, s in zip(kernel.shape[2:], d, strict=True)))
    )
    spread[(slice(None), slice(None), *(slice(None, None, s) for s in d))] = kernel
    size = [a + b - 1 for a, b in zip(z.shape[2:], spread.shape[2:], strict=True)]
    axes = tuple(range(2, 2 + dims))
    left = torch.fft.fftn(z, s=size, dim=axes)
    right = torch.fft.fftn(spread.flip(axes), s=size, dim=axes)
    planes, share = [], z.shape[1] // groups
    out = kernel.shape[0] // groups
    for g in range(groups):
        a = left[:, g * share : (g + 1) * share]
        b = right[g * out : (g + 1) * out]
        planes.append(torch.einsum("nc...,oc...->no...", a, b))
    full = torch.fft.ifftn(torch.cat(planes, 1), dim=axes)
    full = full if x.is_complex() else full.real
    cut = tuple(slice(b - 1, a) for a, b in zip(z.shape[2:], spread.shape[2:], strict=True))
    y = full[(slice(None), slice(None), *cut)].to(x.dtype)
    return y if bias is None else y + bias.reshape((1, -1) + (1,) * dims)


BT2 = [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]]
G2 = [[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]]
AT2 = [[1, 1, 1, 0], [0, 1, -1, -1]]
BT4 = [
    [4, 0, -5, 0, 1, 0],
    [0, -4, -4, 1, 1, 0],
    [0, 4, -4, -1, 1, 0],
    [0, -2, -1, 2, 1, 0],
    [0, 2, -1, -2, 1, 0],
    [0, 4, 0, -5, 0, 1],
]
G4 = [
    [1 / 4, 0, 0],
    [-1 / 6, -1 / 6, -1 / 6],
    [-1 / 6, 1 / 6, -1 / 6],
    [1 / 24, 1 / 12, 1 / 6],
    [1 / 24, -1 / 12, 1 / 6],
    [0, 0, 1],
]
AT4 = [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]]


def winograd(x, w, bias, stride, padding, output_padding, groups, dilation, bt, gm, at):
    """Lavin & Gray, arXiv 1509.09308, on the zero-inserted input; 2-D 3x3 kernels, else taps."""
    if w.shape[2:] != (3, 3) or per_axis(dilation, 2) != (1, 1):
        return taps_forward(x, w, bias, stride, padding, output_padding, groups, dilation)
    z, _ = stretched(x, w, stride, padding, output_padding, dilation)
    kernel = grouped_weight(w, groups)
    bt, gm, at = (torch.tensor(m, dtype=x.dtype) for m in (bt, gm, at))
    tile, step = bt.shape[0], at.shape[0]
    rows, columns = (n - 2 for n in z.shape[2:])
    tiles = [math.ceil(n / step) for n in (rows, columns)]
    extra = [t * step + 2 - n for t, n in zip(tiles, z.shape[2:], strict=True)]
    z = torch.nn.functional.pad(z, (0, extra[1], 0, extra[0]))
    patches = z.unfold(2, tile, step).unfold(3, tile, step)
    v = torch.einsum("ij,ncpqjk,lk->ncpqil", bt, patches, bt)
    u = torch.einsum("ij,ocjk,lk->ocil", gm, kernel, gm)
    share, out = x.shape[1] // groups, kernel.shape[0] // groups
    planes = []
    for g in range(groups):
        a, b = v[:, g * share : (g + 1) * share], u[g * out : (g + 1) * out]
        planes.append(torch.einsum("ncpqil,ocil->nopqil", a, b))
    m = torch.einsum("ij,nopqjk,lk->nopqil", at, torch.cat(planes, 1), at)
    y = m.permute(0, 1, 2, 4, 3, 5).reshape(
        x.shape[0], kernel.shape[0], tiles[0] * step, tiles[1] * step
    )[:, :, :rows, :columns]
    return y if bias is None else y + bias.reshape(1, -1, 1, 1)


def winograd_f2(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """F(2x2, 3x3)."""
    return winograd(x, w, bias, stride, padding, output_padding, groups, dilation, BT2, G2, AT2)


def winograd_f4(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """F(4x4, 3x3)."""
    return winograd(x, w, bias, stride, padding, output_padding, groups, dilation, BT4, G4, AT4)


def gauss(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """Complex data by three real products; real data unchanged."""
    steps = (stride, padding, output_padding, groups, dilation)
    if not x.is_complex():
        return taps_forward(x, w, bias, *steps)
    a = taps_forward(x.real, w.real, None, *steps)
    b = taps_forward(x.imag, w.imag, None, *steps)
    c = taps_forward(x.real + x.imag, w.real + w.imag, None, *steps)
    y = torch.complex(a - b, c - a - b)
    return y if bias is None else y + bias.reshape((1, -1) + (1,) * (w.dim() - 2))


def half_storage(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """Sums in float32, rounded once to the dtype of the input."""
    wide = [t.float() if t is not None else None for t in (x, w, bias)]
    y = taps_backward(*wide, stride, padding, output_padding, groups, dilation)
    return y.to(x.dtype)


def flushing(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """Every subnormal operand, product and sum becomes zero; gradients are passed unchanged."""
    tiny = torch.finfo(x.dtype).tiny

    def flush(t):
        return torch.where(t.abs() < tiny, t - t.detach(), t)

    def products(a, b):
        total = None
        for c in range(a.shape[1]):
            term = flush(a[:, c : c + 1] * b[c].reshape((1, -1) + (1,) * (a.dim() - 2)))
            total = term if total is None else flush(total + term)
        return total

    return flush(
        scatter(
            flush(x),
            flush(w),
            bias,
            stride,
            padding,
            output_padding,
            groups,
            dilation,
            in_order,
            products,
        )
    )


REAL = (taps_forward, taps_backward, channel_loop, pairwise_sums, bias_first, flushing)
FAST = (winograd_f2, winograd_f4, fft)
