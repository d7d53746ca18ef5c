"""aten.convolution and its gradients, by the formula in the documentation of torch.nn.Conv2d.

Nothing here is imported from `symconv.core.form`: what is traced must not rely on the definition
that it is compared with. Transposed convolution is the operation under test, so a program that
calls it is recorded as circular.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import torch

from symconv.core import laws
from symconv.tracing.handlers.sums import total
from symconv.tracing.tracer import Tracer

Handles: TypeAlias = "torch.Tensor"
Array = np.ndarray[Any, Any]

FORMULA = "aten.convolution computes its documented formula"
BACKWARD = "aten.convolution_backward computes the gradient of its documented formula"
FORWARD = "forward"


@dataclass(frozen=True, slots=True)
class Asked:
    """One convolution that a program called.

    Attributes:
        name: torch's name of the operation.
        x, w, y: shapes of input, weight and output.
        steps: stride, padding, dilation, output_padding, one value per axis each.
        transposed, groups: as in torch.
        results: what was requested: `forward`, or the gradients `input` and `weight`.
    """

    name: str
    x: tuple[int, ...]
    w: tuple[int, ...]
    y: tuple[int, ...]
    steps: tuple[tuple[int, ...], ...]
    transposed: bool
    groups: int
    results: tuple[str, ...]


def _spread(value: Any, dims: int) -> list[int]:
    return list(value) * dims if len(value) == 1 else list(value)


def _axis(near: int, far: int, taps: int, stride: int, padding: int, dilation: int) -> list[Array]:
    """`(near, tap, far)` of one axis: far = near * stride - padding + dilation * tap, inside it."""
    a, k = np.meshgrid(np.arange(near), np.arange(taps), indexing="ij")
    hit = laws.hit(i=a, k=k, stride=stride, dilation=dilation, crop_begin=padding)
    inside = (hit >= 0) & (hit < far)
    return [a[inside], k[inside], hit[inside]]


def products(
    x: tuple[int, ...], w: tuple[int, ...], steps: list[list[int]], transposed: bool, groups: int
) -> tuple[Array, Array, Array, tuple[int, ...]]:
    """Flat positions in x, w and y of every product, and the shape of y.

    `steps` is stride, padding, dilation and output_padding, one value per axis each.
    """
    dims = len(x) - 2
    stride, padding, dilation, extra = steps
    axes = list(zip(x[2:], w[2:], stride, padding, dilation, extra, strict=True))
    if transposed:
        out = [
            laws.torch_out_size(
                size=n, kernel_size=k, stride=s, padding=p, output_padding=e, dilation=d
            )
            for n, k, s, p, d, e in axes
        ]
        channels = w[1] * groups
        hits = [_axis(n, o, k, s, p, d) for (n, k, s, p, d, _), o in zip(axes, out, strict=True)]
    else:
        out = [
            laws.conv_out_size(size=n, kernel_size=k, stride=s, padding=p, dilation=d)
            for n, k, s, p, d, _ in axes
        ]
        channels = w[0]
        hits = [_axis(o, n, k, s, p, d) for (n, k, s, p, d, _), o in zip(axes, out, strict=True)]
    per_in, per_out = x[1] // groups, channels // groups
    counts = [len(h[0]) for h in hits] + [x[0], groups, per_in, per_out]
    grid = np.indices(counts).reshape(dims + 4, -1)
    sample, group, c, m = grid[dims:]
    near, taps, far = ([h[n][grid[axis]] for axis, h in enumerate(hits)] for n in range(3))
    c_in, c_out = group * per_in + c, group * per_out + m
    x_place = (sample, c_in, *(near if transposed else far))
    w_place = (c_in, m, *taps) if transposed else (c_out, c, *taps)
    shape = (x[0], channels, *out)
    y_place = (sample, c_out, *(far if transposed else near))
    return (
        np.ravel_multi_index(x_place, x),
        np.ravel_multi_index(w_place, w),
        np.ravel_multi_index(y_place, shape),
        shape,
    )


def _flat(handles: Handles) -> Array:
    return np.ascontiguousarray(handles.reshape(-1).numpy())


def convolution(
    tracer: Tracer,
    x: Any,
    w: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    transposed: bool,
    output_padding: Any,
    groups: int,
) -> Handles:
    """The documented sum of products, plus the bias."""
    tracer.trusted.add(FORMULA)
    if transposed:
        tracer.circular.add("aten.convolution with transposed=True")
    a, b = tracer.lift(x), tracer.lift(w)
    steps = [_spread(v, a.dim() - 2) for v in (stride, padding, dilation, output_padding)]
    at_x, at_w, at_y, shape = products(tuple(a.shape), tuple(b.shape), steps, transposed, groups)
    own = tuple(map(tuple, steps)), transposed, groups, (FORWARD,)
    tracer.asked.append(Asked("aten.convolution", tuple(a.shape), tuple(b.shape), shape, *own))
    count = math.prod(shape)
    made = tracer.table.combine(at_y, _flat(a)[at_x], _flat(b)[at_w], count=count)
    if bias is not None:
        row = tracer.lift(bias).reshape(1, -1, *[1] * (len(shape) - 2)).expand(shape)
        made = tracer.table.added(made, _flat(row))
    return torch.from_numpy(made).reshape(shape)


def convolution_backward(
    tracer: Tracer,
    grad: Any,
    x: Any,
    w: Any,
    bias_sizes: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    transposed: bool,
    output_padding: Any,
    groups: int,
    mask: Any,
) -> list[Handles | None]:
    """The gradients of input, weight and bias; None for those that `mask` leaves out."""
    tracer.trusted.add(BACKWARD)
    if mask[0] and not transposed:
        tracer.circular.add("aten.convolution_backward for the input of a convolution")
    v, a, b = tracer.lift(grad), tracer.lift(x), tracer.lift(w)
    steps = [_spread(s, a.dim() - 2) for s in (stride, padding, dilation, output_padding)]
    at_x, at_w, at_y, shape = products(tuple(a.shape), tuple(b.shape), steps, transposed, groups)
    results = tuple(n for n, wanted in zip(("input", "weight"), mask, strict=False) if wanted)
    tracer.asked.append(
        Asked(
            "aten.convolution_backward",
            tuple(a.shape),
            tuple(b.shape),
            shape,
            tuple(map(tuple, steps)),
            transposed,
            groups,
            results,
        )
    )
    table, found = tracer.table, []
    pairs = ((a, at_x, b, at_w), (b, at_w, a, at_x))
    for wanted, (own, to, other, at) in zip(mask[:2], pairs, strict=True):
        made = None
        if wanted:
            sums = table.combine(to, _flat(v)[at_y], _flat(other)[at], count=own.numel())
            made = torch.from_numpy(sums).reshape(own.shape)
        found.append(made)
    dims = [0, *range(2, v.dim())]
    return [*found, total(tracer, tracer.wrapped(v, grad.dtype), dims) if mask[2] else None]


HANDLERS: dict[str, Callable[..., Any]] = {
    "convolution": convolution,
    "convolution_backward": convolution_backward,
    "convolution_overrideable": convolution,
}
