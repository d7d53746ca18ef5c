"""Arguments of aten operations by their names in torch's schema; none may be ignored.

A handler computes values and takes every argument on which they depend. Shape, dtype and strides
of a result follow from all arguments together, by rules that differ between operations. They are
not computed here: torch runs the operation on zeros of the same shapes, dtypes and strides
(`shadow`), and the traced program sees the shape, dtype and strides of that result.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch.utils._pytree import tree_leaves, tree_map

from symconv.tracing.refusing import Refused
from symconv.tracing.tensor import Symbols

STORAGE = frozenset(("layout", "device", "pin_memory", "memory_format", "non_blocking"))
"""Arguments that say where and how a result is stored; its strides are taken from the shadow."""
DTYPES = frozenset(("dtype", "out_dtype"))
"""Arguments that set the dtype of a result. It is taken from the shadow; rounding is reported."""
PLACES = frozenset(("index", "indices", "mask", "repeats"))
"""Tensor arguments that say where values go; any other tensor argument holds values."""


def named(func: Any, args: Any, kwargs: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """`(name in the schema, value)` of the positional, then of the keyword arguments."""
    names = [a.name for a in func._schema.arguments]
    return [*zip(names, args, strict=False), *kwargs.items()]


def require_dense_on_cpu(func: Any, args: Any, kwargs: Mapping[str, Any]) -> None:
    """Require that an operation asks for a dense layout and the CPU, or for nothing.

    Raises:
        Refused: another layout or device is asked for.
    """
    given = dict(named(func, args, kwargs))
    name = func._schema.name.split("::")[-1]
    if given.get("layout") not in (None, torch.strided):
        raise Refused(
            f"aten.{name} with layout={given['layout']}: only dense tensors can be followed"
        )
    device = given.get("device")
    if device is not None and torch.device(device).type != "cpu":
        raise Refused(f"aten.{name} with device={device}: the program is followed on the CPU")


def for_handler(
    func: Any, args: Any, kwargs: Mapping[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """The positional and keyword arguments that determine the values of a result."""
    left = STORAGE | DTYPES
    positional = named(func, args, {})
    return (
        [value for name, value in positional if name not in left],
        {name: value for name, value in kwargs.items() if name not in left},
    )


def shadow(func: Any, args: Any, kwargs: Mapping[str, Any]) -> Any:
    """Run the operation on zeros instead of the traced tensors.

    Only shape, dtype and strides of the result are used.
    """

    def zeros(value: Any) -> Any:
        if isinstance(value, Symbols):
            return torch.empty_strided(value.shape, value.stride(), dtype=value.dtype).zero_()
        return value

    plain_args, plain_kwargs = tree_map(zeros, (args, dict(kwargs)))
    return func(*plain_args, **plain_kwargs)


def laid_out_as(handles: torch.Tensor, model: torch.Tensor, name: str) -> torch.Tensor:
    """Handles, or the booleans of a comparison, with the strides of a shadow.

    Raises:
        Refused: the shapes differ, so the handler ignores an argument.
    """
    if handles.shape != model.shape:
        raise Refused(
            f"aten.{name} returns shape {tuple(model.shape)}, but its formula gives "
            f"{tuple(handles.shape)}: one of its arguments is not supported"
        )
    if handles.stride() == model.stride():
        return handles
    made = torch.empty_strided(model.shape, model.stride(), dtype=handles.dtype)
    return made.copy_(handles)


def require_rounding(source: torch.dtype, target: torch.dtype, name: str) -> bool:
    """Whether a conversion rounds; the polynomials ignore rounding, and the verdict says so.

    Raises:
        Refused: the conversion does more than round real numbers (to integers or booleans, or from
            complex to real), or torch does not promote these dtypes.
    """
    if source == target:
        return False
    if not (target.is_floating_point or target.is_complex):
        short = dtype_name(target)
        raise Refused(f"aten.{name} turns values that depend on the inputs into {short}")
    if source.is_complex and not target.is_complex:
        raise Refused(f"aten.{name} drops the imaginary parts of complex values")
    try:
        return bool(torch.promote_types(source, target) != target)
    except RuntimeError:
        names = f"{dtype_name(source)} to {dtype_name(target)}"
        raise Refused(f"aten.{name} converts {names}") from None


def symbols_in(*values: Any) -> list[Symbols]:
    """The traced tensors among arguments, at any depth."""
    return [t for t in tree_leaves(values) if isinstance(t, Symbols)]


def dtype_name(dtype: torch.dtype) -> str:
    """Name of a dtype without the prefix `torch.`, such as `float32`."""
    return str(dtype).removeprefix("torch.")
