"""Questions about values, answered where these are constants: masks made of ones, counts.

A value that depends on the inputs has no answer that holds for all of them, so it is refused.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
import torch

from symconv.targets.trace.refusing import Refused, unknown
from symconv.targets.trace.tracer import Tracer

Handles: TypeAlias = "torch.Tensor"
TRUSTED = "comparisons of constants come out in floating point as they do exactly"


def _numbers(tracer: Tracer, name: str, *values: Any) -> tuple[list[list[Fraction]], Any]:
    """The values of operands that fit together, and their common shape.

    Raises:
        Refused: one depends on the inputs.
    """
    shaped = torch.broadcast_tensors(*(tracer.lift(v) for v in values))
    distinct = {int(h) for t in shaped for h in t.unique()}
    try:
        known = {h: tracer.table.number(h) for h in distinct}
    except Refused:
        raise unknown(name) from None
    tracer.trusted.add(TRUSTED)
    return [[known[h] for h in t.reshape(-1).tolist()] for t in shaped], shaped[0].shape


def _comparison(name: str, holds: Callable[[Any, Any], bool]) -> Callable[..., Any]:
    def compared(tracer: Tracer, a: Any, b: Any) -> Any:
        (left, right), shape = _numbers(tracer, name, a, b)
        return torch.tensor([holds(p, q) for p, q in zip(left, right, strict=True)]).reshape(shape)

    return compared


def _changed(name: str, change: Callable[..., Any]) -> Callable[..., Any]:
    def made(tracer: Tracer, *values: Any) -> Handles:
        given, shape = _numbers(tracer, name, *values)
        found = np.empty(len(given[0]), object)
        found[:] = [Fraction(change(*each)) for each in zip(*given, strict=True)]
        return torch.from_numpy(tracer.table.constants(found)).reshape(shape)

    return made


def clamp(tracer: Tracer, a: Any, low: Any = None, high: Any = None) -> Handles:
    """Between two bounds; `min` after `max`, as torch has it."""
    made = a
    for name, bound in (("maximum", low), ("minimum", high)):
        if bound is not None:
            made = tracer.wrapped(HANDLERS[name](tracer, made, bound), a.dtype)
    return tracer.lift(made)


def item(tracer: Tracer, a: Any) -> float:
    """The number in a tensor of one constant.

    Raises:
        Refused: it depends on the inputs, or no float is that number.
    """
    ((value,),), _ = _numbers(tracer, "_local_scalar_dense", a)
    if Fraction(float(value)) != value:
        raise Refused(f"aten._local_scalar_dense: no float is {value}")
    return float(value)


def equal(tracer: Tracer, a: Any, b: Any) -> bool:
    """Whether two tensors of constants are the same."""
    if a.shape != b.shape:
        return False
    left, right = _numbers(tracer, "equal", a, b)[0]
    return left == right


HANDLERS: dict[str, Callable[..., Any]] = {
    **{
        name: _comparison(name, getattr(operator, name))
        for name in ("eq", "ne", "lt", "gt", "le", "ge")
    },
    "abs": _changed("abs", abs),
    "sign": _changed("sign", lambda v: (v > 0) - (v < 0)),
    "relu": _changed("relu", lambda v: max(v, 0)),
    "maximum": _changed("maximum", max),
    "minimum": _changed("minimum", min),
    "floor": _changed("floor", lambda v: v.__floor__()),
    "ceil": _changed("ceil", lambda v: v.__ceil__()),
    "clamp": clamp,
    "_local_scalar_dense": item,
    "equal": equal,
}
