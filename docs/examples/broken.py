"""Kernels with one fault each, for trying out `symconv check` and `symconv fuzz`."""

import torch


def _right(input, weight, bias, stride, padding, output_padding, groups, dilation):
    call = getattr(torch.nn.functional, f"conv_transpose{weight.dim() - 2}d")
    return call(input, weight, bias, stride, padding, output_padding, groups, dilation)


def first(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """Set results below 1e-5 to zero, as a seemingly harmless optimisation would.

    torch.testing.assert_close passes it on small data.
    """
    y = _right(input, weight, bias, stride, padding, output_padding, groups, dilation)
    return torch.where(y.abs() < 1e-5, torch.zeros_like(y), y)


def second(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """Fill the extra outputs of output_padding with zeros instead of their sums."""
    y = _right(input, weight, bias, stride, padding, 0, groups, dilation)
    dims = weight.dim() - 2
    extra = (output_padding,) * dims if isinstance(output_padding, int) else output_padding
    y = torch.nn.functional.pad(y, [n for e in reversed(extra) for n in (0, e)])
    if bias is not None and any(extra):
        full = torch.zeros_like(y) + bias.reshape(-1, *(1 for _ in range(dims)))
        inner = tuple(slice(0, n - e) for n, e in zip(y.shape[-dims:], extra, strict=True))
        mask = torch.zeros_like(y)
        mask[(..., *inner)] = 1
        y = torch.where(mask.bool(), y, full)
    return y
