"""A wrong kernel that torch.testing.assert_close passes on small data."""

import torch


def first(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """Results below 1e-5 become zero: an optimisation that somebody thought harmless."""
    call = getattr(torch.nn.functional, f"conv_transpose{weight.dim() - 2}d")
    y = call(input, weight, bias, stride, padding, output_padding, groups, dilation)
    return torch.where(y.abs() < 1e-5, torch.zeros_like(y), y)
