"""Sums and writes at positions given by constant indices, and adjoints of sliding windows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
import torch

from symconv.tracing.refusing import Refused
from symconv.tracing.tensor import Symbols
from symconv.tracing.tracer import Tracer

Handles: TypeAlias = "torch.Tensor"


def _constant(*indices: Any) -> None:
    if any(isinstance(i, Symbols) for i in indices):
        raise Refused("an index that depends on values")


def _places(base: Handles) -> Handles:
    return torch.arange(base.numel()).reshape(base.shape)


def _gathered(tracer: Tracer, base: Handles, to: Handles, values: Handles) -> Handles:
    """`base` with `values` added at the flat positions `to`."""
    count = base.numel()
    places = np.concatenate([np.arange(count), to.reshape(-1).numpy()])
    parts = np.concatenate([base.reshape(-1).numpy(), values.reshape(-1).numpy()])
    return torch.from_numpy(tracer.table.combine(places, parts, count=count)).reshape(base.shape)


def index_add(tracer: Tracer, a: Any, dim: int, index: Any, source: Any, alpha: Any = 1) -> Handles:
    """Add slices of `source`, times `alpha`, at the positions `index` along `dim`."""
    _constant(index)
    base = tracer.lift(a)
    values = tracer.lift(source)
    scaled = tracer.table.scaled(values.reshape(-1).numpy(), Fraction(alpha))
    to = _places(base).index_select(dim, index)
    return _gathered(tracer, base, to, torch.from_numpy(np.ascontiguousarray(scaled)))


def scatter_add(tracer: Tracer, a: Any, dim: int, index: Any, source: Any) -> Handles:
    """Add elements of `source` at the positions `index` along `dim`."""
    _constant(index)
    base = tracer.lift(a)
    values = tracer.lift(source)[tuple(slice(0, n) for n in index.shape)]
    return _gathered(tracer, base, _places(base).gather(dim, index), values)


def scatter(
    tracer: Tracer, a: Any, dim: int, index: Any, source: Any, reduce: str | None = None
) -> Handles:
    """Write elements at the positions `index` along `dim`; writing a position twice is refused."""
    _constant(index)
    if reduce is not None:
        raise Refused(f"aten.scatter with reduce={reduce}")
    base = tracer.lift(a)
    to = _places(base).gather(dim, index).reshape(-1)
    if len(to.unique()) < len(to):
        raise Refused(
            "aten.scatter writes to a cell more than once; which value remains is undefined"
        )
    values = tracer.lift(source)
    if values.dim() == 0:
        values = values.expand(index.shape)
    return base.scatter(dim, index, values)


def scatter_reduce(
    tracer: Tracer,
    a: Any,
    dim: int,
    index: Any,
    source: Any,
    reduce: str,
    include_self: bool = True,
) -> Handles:
    """Same as `scatter_add`; other reductions than the sum are refused."""
    if reduce != "sum" or not include_self:
        raise Refused(f"aten.scatter_reduce with {reduce}, include_self={include_self}")
    return scatter_add(tracer, a, dim, index, source)


def index_put(
    tracer: Tracer,
    a: Any,
    indices: Sequence[Any],
    values: Any,
    accumulate: bool = False,
    unsafe: bool = False,
) -> Handles:
    """Write values at the positions given by `indices`, or add them if `accumulate` is set."""
    _constant(*indices)
    base, given = tracer.lift(a), tracer.lift(values)
    to = torch.ops.aten.index.Tensor(_places(base), list(indices))
    if accumulate:
        return _gathered(tracer, base, to, given.expand(to.shape))
    if len(to.unique()) < to.numel() and given.numel() > 1:
        raise Refused(
            "aten.index_put writes to a cell more than once; which value remains is undefined"
        )
    return base.index_put(list(indices), given)


def unfold_backward(
    tracer: Tracer, grad: Any, sizes: Any, dim: int, size: int, step: int
) -> Handles:
    """Adjoint of `Tensor.unfold`: add every window back to where it was taken from."""
    base = torch.zeros(tuple(sizes), dtype=torch.int64)
    return _gathered(tracer, base, _places(base).unfold(dim, size, step), tracer.lift(grad))


def col2im(
    tracer: Tracer, a: Any, size: Any, kernel: Any, dilation: Any, padding: Any, stride: Any
) -> Handles:
    """torch.nn.functional.fold: add columns of windows into an image."""
    columns = tracer.lift(a)
    batched = columns if columns.dim() == 3 else columns[None]
    cells = math.prod(size)
    numbered = torch.arange(1, cells + 1, dtype=torch.float64).reshape(1, 1, *size)
    windows = torch.ops.aten.im2col(numbered, kernel, dilation, padding, stride).long()[0]
    taps, count = math.prod(kernel), batched.shape[0] * batched.shape[1] // math.prod(kernel)
    rows = batched.reshape(count, taps * batched.shape[2])
    places = windows.reshape(-1)
    inside = places > 0  # 0 is the padding
    to = torch.arange(count)[:, None] * cells + places[inside] - 1
    made = tracer.table.combine(
        to.reshape(-1).numpy(), rows[:, inside].reshape(-1).numpy(), count=count * cells
    )
    shape = (batched.shape[0], batched.shape[1] // taps, *size)
    result = torch.from_numpy(made).reshape(shape)
    return result if columns.dim() == 3 else result[0]


HANDLERS: dict[str, Callable[..., Any]] = {
    "index_add": index_add,
    "scatter_add": scatter_add,
    "scatter": scatter,
    "scatter_reduce": scatter_reduce,
    "index_put": index_put,
    "_index_put_impl": index_put,
    "_unsafe_index_put": index_put,
    "unfold_backward": unfold_backward,
    "col2im": col2im,
}
