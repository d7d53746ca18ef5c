"""Comparisons, rounding and `.item()` of known values, such as masks made of ones and counts.

For a value that depends on the inputs no answer holds for all of them, so the operation is
refused, unless the program is traced at a point.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
import torch

from symconv.tracing.refusing import Refused, unknown
from symconv.tracing.tracer import Tracer

Handles: TypeAlias = "torch.Tensor"


def _numbers(tracer: Tracer, name: str, *values: Any) -> tuple[list[list[Fraction]], Any]:
    """The values of operands broadcast to a common shape, and that shape.

    Raises:
        Refused: an operand depends on the inputs, and the program is not traced at a point.
    """
    if tracer.point is None and any(map(tracer.depends, values)):
        raise unknown(name)
    shaped = torch.broadcast_tensors(*(tracer.lift(v) for v in values))
    known = {int(h): _number(tracer, int(h)) for t in shaped for h in t.unique()}
    return [[known[h] for h in t.reshape(-1).tolist()] for t in shaped], shaped[0].shape


def _number(tracer: Tracer, handle: int) -> Fraction:
    if tracer.point is not None:
        return tracer.point.value(tracer.table, handle)
    return tracer.table.number(handle)


def _comparison(name: str, holds: Callable[[Any, Any], bool]) -> Callable[..., Any]:
    def compared(tracer: Tracer, a: Any, b: Any) -> Any:
        (left, right), shape = _numbers(tracer, name, a, b)
        answers = [holds(p, q) for p, q in zip(left, right, strict=True)]
        return torch.tensor(answers, dtype=torch.bool).reshape(shape)

    return compared


def _changed(name: str, change: Callable[[Any], Any]) -> Callable[..., Any]:
    def made(tracer: Tracer, a: Any) -> Handles:
        (given,), shape = _numbers(tracer, name, a)
        found = np.empty(len(given), object)
        found[:] = [Fraction(change(value)) for value in given]
        return torch.from_numpy(tracer.table.constants(found)).reshape(shape)

    return made


def _larger(tracer: Tracer, name: str, a: Any, b: Any, sign: int) -> Handles:
    """Elementwise the polynomial with the larger value, or with the smaller one if `sign` is -1."""
    (left, right), shape = _numbers(tracer, name, a, b)
    first = [sign * p >= sign * q for p, q in zip(left, right, strict=True)]
    return torch.where(
        torch.tensor(first, dtype=torch.bool).reshape(shape), tracer.lift(a), tracer.lift(b)
    )


def maximum(tracer: Tracer, a: Any, b: Any) -> Handles:
    """Elementwise the polynomial with the larger value."""
    return _larger(tracer, "maximum", a, b, 1)


def minimum(tracer: Tracer, a: Any, b: Any) -> Handles:
    """Elementwise the polynomial with the smaller value."""
    return _larger(tracer, "minimum", a, b, -1)


def relu(tracer: Tracer, a: Any) -> Handles:
    """`a` where its value is positive, else zero."""
    return _larger(tracer, "relu", a, 0.0, 1)


def absolute(tracer: Tracer, a: Any) -> Handles:
    """`a` or `-a`, whichever value is not negative."""
    turned = tracer.elementwise(lambda h: tracer.table.scaled(h, Fraction(-1)), a)
    return _larger(tracer, "abs", a, tracer.wrapped(turned, torch.float64), 1)


def clamp(tracer: Tracer, a: Any, low: Any = None, high: Any = None) -> Handles:
    """`a` limited to `low` and `high`; `high` where the bounds cross, as in torch."""
    made = a
    for name, bound in (("maximum", low), ("minimum", high)):
        if bound is not None:
            made = tracer.wrapped(HANDLERS[name](tracer, made, bound), a.dtype)
    return tracer.lift(made)


def item(tracer: Tracer, a: Any) -> float:
    """The number in a tensor of one element.

    Raises:
        Refused: it depends on the inputs, or is not exactly a float.
    """
    ((value,),), _ = _numbers(tracer, "_local_scalar_dense", a)
    if Fraction(float(value)) != value:
        raise Refused(f"aten._local_scalar_dense: {value} is not exactly a float")
    return float(value)


def equal(tracer: Tracer, a: Any, b: Any) -> bool:
    """Whether two tensors have the same shape and values."""
    if a.shape != b.shape:
        return False
    left, right = _numbers(tracer, "equal", a, b)[0]
    return left == right


HANDLERS: dict[str, Callable[..., Any]] = {
    **{
        name: _comparison(name, getattr(operator, name))
        for name in ("eq", "ne", "lt", "gt", "le", "ge")
    },
    "abs": absolute,
    "sign": _changed("sign", lambda v: (v > 0) - (v < 0)),
    "relu": relu,
    "maximum": maximum,
    "minimum": minimum,
    "floor": _changed("floor", lambda v: v.__floor__()),
    "ceil": _changed("ceil", lambda v: v.__ceil__()),
    "clamp": clamp,
    "_local_scalar_dense": item,
    "equal": equal,
}
