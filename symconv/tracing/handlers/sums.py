"""Sums along axes."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
import torch

from symconv.tracing.tracer import Tracer

Handles: TypeAlias = "torch.Tensor"


def total(tracer: Tracer, a: Any, dim: Any = None, keepdim: bool = False) -> Handles:
    """Sum over the axes `dim`; over all axes if `dim` is None or empty."""
    handles = tracer.lift(a)
    axes = handles.dim()
    wanted = [dim] if isinstance(dim, int) else list(dim or range(axes))
    summed = sorted(d % axes for d in wanted) if axes else []
    kept = [d for d in range(axes) if d not in summed]
    ordered = handles.permute(kept + summed)
    shape = ordered.shape[: len(kept)]
    count, each = math.prod(shape), math.prod(ordered.shape[len(kept) :])
    to = np.repeat(np.arange(count), each)
    made = tracer.table.combine(to, ordered.reshape(-1).numpy(), count=count)
    result = torch.from_numpy(made).reshape(shape)
    for d in summed if keepdim else ():
        result = result.unsqueeze(d)
    return result


def mean(tracer: Tracer, a: Any, dim: Any = None, keepdim: bool = False) -> Handles:
    """Sum divided by the number of terms."""
    added = total(tracer, a, dim, keepdim)
    share = Fraction(max(added.numel(), 1), max(a.numel(), 1))
    flat = tracer.table.scaled(added.reshape(-1).numpy(), share)
    return torch.from_numpy(np.ascontiguousarray(flat)).reshape(added.shape)


def cumsum(tracer: Tracer, a: Any, dim: int) -> Handles:
    """Cumulative sum along `dim`."""
    rows = list(tracer.lift(a).movedim(dim, 0))
    found = rows[:1]
    for row in rows[1:]:
        added = tracer.table.added(
            found[-1].reshape(-1).numpy(), np.ascontiguousarray(row.reshape(-1).numpy())
        )
        found.append(torch.from_numpy(added).reshape(row.shape))
    return torch.stack(found).movedim(0, dim)


HANDLERS: dict[str, Callable[..., Any]] = {"sum": total, "mean": mean, "cumsum": cumsum}
