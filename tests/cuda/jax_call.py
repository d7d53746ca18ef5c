"""A transposed convolution in JAX: XLA's convolution of the input with zeros inserted."""

import os

os.environ.setdefault(
    "XLA_PYTHON_CLIENT_PREALLOCATE", "false"
)  # torch needs room on the device too

import jax
import numpy as np
import torch
from jax import lax


def conv_transpose2d(
    input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1
):
    """Forward only; float32 at the highest precision, on JAX's own device."""
    pairs = [
        v if isinstance(v, tuple) else (v, v) for v in (stride, padding, output_padding, dilation)
    ]
    steps, paddings, extra, dilations = pairs
    x, w = (t.detach().cpu().numpy() for t in (input, weight))
    c_in, per_group = w.shape[:2]
    # (C_in, C_out/groups, taps) as (C_out, C_in/groups, taps), rotated by 180 degrees
    kernel = w.reshape(groups, c_in // groups, per_group, *w.shape[2:]).swapaxes(1, 2)
    kernel = kernel.reshape(groups * per_group, c_in // groups, *w.shape[2:])[:, :, ::-1, ::-1]
    around = [
        (d * (k - 1) - p, d * (k - 1) - p + more)
        for d, k, p, more in zip(dilations, w.shape[2:], paddings, extra, strict=True)
    ]
    y = lax.conv_general_dilated(
        jax.numpy.asarray(x),
        jax.numpy.asarray(kernel),
        window_strides=(1, 1),
        padding=around,
        lhs_dilation=steps,
        rhs_dilation=dilations,
        feature_group_count=groups,
        dimension_numbers=("NCHW", "OIHW", "NCHW"),
        precision=lax.Precision.HIGHEST,
    )
    found = torch.from_numpy(np.array(y)).to(input.device)
    return found if bias is None else found + bias[:, None, None]
