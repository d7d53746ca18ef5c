"""Elementwise operations: sums, products, quotients by constants, powers, masks, padding, casts."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeAlias

import torch

from symconv.tracing.refusing import Refused
from symconv.tracing.tensor import Symbols
from symconv.tracing.tracer import Tracer

Handles: TypeAlias = "torch.Tensor"


def add(tracer: Tracer, a: Any, b: Any, alpha: Any = 1) -> Handles:
    """`a + alpha b`."""
    return tracer.elementwise(lambda x, y: tracer.table.added(x, y, Fraction(alpha)), a, b)


def sub(tracer: Tracer, a: Any, b: Any, alpha: Any = 1) -> Handles:
    """`a - alpha b`."""
    return add(tracer, a, b, -Fraction(alpha))


def rsub(tracer: Tracer, a: Any, b: Any, alpha: Any = 1) -> Handles:
    """`b - alpha a`."""
    return add(tracer, b, a, -Fraction(alpha))


def neg(tracer: Tracer, a: Any) -> Handles:
    """`-a`."""
    return tracer.elementwise(lambda x: tracer.table.scaled(x, Fraction(-1)), a)


def mul(tracer: Tracer, a: Any, b: Any) -> Handles:
    """`a b`."""
    return tracer.elementwise(tracer.table.multiplied, a, b)


def power(tracer: Tracer, a: Any, exponent: Any) -> Handles:
    """`a ** exponent` for exponents 1 and 2."""
    if exponent == 1:
        return tracer.lift(a).clone()
    if exponent == 2:
        return mul(tracer, a, a)
    raise Refused(f"aten.pow: the exponent {exponent}")


def div(tracer: Tracer, a: Any, b: Any, rounding_mode: str | None = None) -> Handles:
    """`a / b` with a constant `b`."""
    if rounding_mode is not None:
        raise Refused("aten.div: a division that rounds")
    values = {tracer.table.number(int(h)) for h in tracer.lift(b).reshape(-1)}
    if len(values) == 1 and 0 not in values:
        factor = 1 / values.pop()
        shape = torch.broadcast_shapes(tracer.lift(a).shape, tracer.lift(b).shape)
        scaled = tracer.elementwise(lambda x: tracer.table.scaled(x, factor), a)
        return scaled.expand(shape).clone()
    if 0 in values:
        raise Refused("aten.div: a division by zero")
    inverse = torch.tensor(0)
    wanted = [1 / tracer.table.number(int(h)) for h in tracer.lift(b).reshape(-1)]
    handles = [int(tracer.table.scaled(tracer.lift(1.0).numpy().reshape(1), q)[0]) for q in wanted]
    inverse = torch.tensor(handles).reshape(tracer.lift(b).shape)
    return tracer.elementwise(tracer.table.multiplied, a, tracer.wrapped(inverse, torch.float64))


def addcmul(tracer: Tracer, a: Any, b: Any, c: Any, value: Any = 1) -> Handles:
    """`a + value b c`."""
    return add(tracer, a, tracer.wrapped(mul(tracer, b, c), torch.float64), value)


def lerp(tracer: Tracer, a: Any, b: Any, weight: Any) -> Handles:
    """`a + weight (b - a)`."""
    step = tracer.wrapped(sub(tracer, b, a), torch.float64)
    return add(tracer, a, tracer.wrapped(mul(tracer, step, weight), torch.float64))


def zero(tracer: Tracer, a: Any) -> Handles:
    """Zeros in the shape of `a`."""
    return torch.zeros_like(tracer.lift(a))


def fill(tracer: Tracer, a: Any, value: Any) -> Handles:
    """One value in the shape of `a`."""
    return torch.full_like(tracer.lift(a), int(tracer.lift(value)))


def where(tracer: Tracer, mask: Any, a: Any, b: Any) -> Handles:
    """`a` where a constant mask is True, else `b`."""
    if isinstance(mask, Symbols):
        raise Refused("aten.where: the mask depends on values")
    return torch.where(mask, tracer.lift(a), tracer.lift(b))


def masked_fill(tracer: Tracer, a: Any, mask: Any, value: Any) -> Handles:
    """`value` where a constant mask is True, else `a`."""
    if isinstance(mask, Symbols):
        raise Refused("aten.masked_fill: the mask depends on values")
    return torch.where(mask, tracer.lift(value), tracer.lift(a))


def constant_pad_nd(tracer: Tracer, a: Any, pad: Any, value: Any = 0) -> Handles:
    """Pad with one number; negative widths crop."""
    border = int(tracer.lift(float(value)))
    return torch.constant_pad_nd(tracer.lift(a), pad, border)


def to_copy(tracer: Tracer, a: Any, dtype: Any = None) -> Any:
    """A copy; conversion to an integer or boolean dtype is supported for constants only."""
    if dtype is None:
        return tracer.lift(a).clone()
    if tracer.depends(a):
        raise Refused("a value that depends on the inputs is required as a number")
    values = [tracer.table.number(int(h)) for h in tracer.lift(a).reshape(-1)]
    return torch.tensor([int(v) for v in values]).reshape(a.shape).to(dtype)


HANDLERS: dict[str, Callable[..., Any]] = {
    "add": add,
    "sub": sub,
    "rsub": rsub,
    "neg": neg,
    "mul": mul,
    "pow": power,
    "div": div,
    "addcmul": addcmul,
    "lerp": lerp,
    "zero": zero,
    "fill": fill,
    "where": where,
    "masked_fill": masked_fill,
    "constant_pad_nd": constant_pad_nd,
    "_to_copy": to_copy,
}
