"""Products of matrices and vectors."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
import torch

from symconv.tracing.tracer import Tracer

Handles: TypeAlias = "torch.Tensor"


def _batched(tracer: Tracer, a: Handles, b: Handles) -> Handles:
    """Product of handles of shapes `(B, n, k)` and `(B, k, m)`."""
    batch, n, k = a.shape
    m = b.shape[2]
    left = a[:, :, None, :].expand(batch, n, m, k).reshape(-1).numpy()
    right = b.transpose(1, 2)[:, None].expand(batch, n, m, k).reshape(-1).numpy()
    count = batch * n * m
    made = tracer.table.combine(np.repeat(np.arange(count), k), left, right, count=count)
    return torch.from_numpy(made).reshape(batch, n, m)


def bmm(tracer: Tracer, a: Any, b: Any) -> Handles:
    """Batched product of matrices."""
    return _batched(tracer, tracer.lift(a), tracer.lift(b))


def mm(tracer: Tracer, a: Any, b: Any) -> Handles:
    """Product of two matrices."""
    return _batched(tracer, tracer.lift(a)[None], tracer.lift(b)[None])[0]


def mv(tracer: Tracer, a: Any, b: Any) -> Handles:
    """Product of a matrix and a vector."""
    return _batched(tracer, tracer.lift(a)[None], tracer.lift(b)[None, :, None])[0, :, 0]


def dot(tracer: Tracer, a: Any, b: Any) -> Handles:
    """Dot product of two vectors."""
    return _batched(tracer, tracer.lift(a)[None, None], tracer.lift(b)[None, :, None])[0, 0, 0]


def _affine(tracer: Tracer, start: Any, product: Handles, beta: Any, alpha: Any) -> Handles:
    """`beta start + alpha product`."""
    table = tracer.table

    def both(x: Any, y: Any) -> Any:
        return table.added(table.scaled(x, Fraction(beta)), y, Fraction(alpha))

    return tracer.elementwise(both, start, tracer.wrapped(product, torch.float64))


def addmm(tracer: Tracer, c: Any, a: Any, b: Any, beta: Any = 1, alpha: Any = 1) -> Handles:
    """`beta c + alpha a b`."""
    return _affine(tracer, c, mm(tracer, a, b), beta, alpha)


def addmv(tracer: Tracer, c: Any, a: Any, b: Any, beta: Any = 1, alpha: Any = 1) -> Handles:
    """`beta c + alpha a b` with a vector `b`."""
    return _affine(tracer, c, mv(tracer, a, b), beta, alpha)


def baddbmm(tracer: Tracer, c: Any, a: Any, b: Any, beta: Any = 1, alpha: Any = 1) -> Handles:
    """`beta c + alpha a b`, batched."""
    return _affine(tracer, c, bmm(tracer, a, b), beta, alpha)


HANDLERS: dict[str, Callable[..., Any]] = {
    "bmm": bmm,
    "mm": mm,
    "mv": mv,
    "dot": dot,
    "addmm": addmm,
    "addmv": addmv,
    "baddbmm": baddbmm,
}
