"""Operations that write into a tensor of the program: which one, and whether order would matter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from symconv.tracing.refusing import Refused
from symconv.tracing.tensor import Symbols

POINTWISE = frozenset(("add", "sub", "mul", "div", "copy", "neg", "addcmul"))
"""May read what they write, cell by cell, where both are the very same cells."""


def destination(func: Any, args: Any, kwargs: dict[str, Any]) -> Symbols | None:
    """The tensor that a mutating operation writes to.

    Raises:
        Refused: it writes to several, or into a tensor that was made outside the program.
    """
    schema = func._schema
    if not schema.is_mutable:
        return None
    written = [
        (n, a) for n, a in enumerate(schema.arguments) if a.alias_info and a.alias_info.is_write
    ]
    if len(written) != 1:
        raise Refused(f"{func} writes to {len(written)} tensors")
    place, argument = written[0]
    target = kwargs.get(argument.name) if argument.name in kwargs else args[place]
    if not isinstance(target, Symbols):
        raise Refused(
            f"{func} writes results into a tensor made outside the program (a captured constant, "
            "a parameter or an integer tensor)"
        )
    return target


def require_no_overlap(name: str, base: str, target: Symbols, symbols: Sequence[Symbols]) -> None:
    """An operation that reads memory while it writes it depends on the order of its loop.

    Raises:
        Refused: it does.
    """
    store = target.handles.untyped_storage().data_ptr()
    for other in symbols:
        if other is target or other.handles.untyped_storage().data_ptr() != store:
            continue
        same = _layout(other) == _layout(target)
        if base in POINTWISE and same:
            continue
        if _cells(other) & _cells(target):
            raise Refused(
                f"aten.{name} reads memory that it is writing: the result depends on the order in "
                "which torch walks it"
            )
    if _may_meet(target.handles) and len(_cells(target)) < target.handles.numel():
        raise Refused(f"aten.{name} writes to a cell more than once (an expanded tensor)")


def _may_meet(handles: torch.Tensor) -> bool:
    """Two indices may name one cell: the axes do not nest in each other."""
    reach = 0
    for stride, size in sorted(zip(handles.stride(), handles.shape, strict=True)):
        if size > 1:
            if stride <= reach:
                return True
            reach += stride * (size - 1)
    return False


def _layout(tensor: Symbols) -> tuple[Any, ...]:
    handles = tensor.handles
    return handles.shape, handles.stride(), handles.storage_offset()


def _cells(tensor: Symbols) -> set[int]:
    """Places in the storage."""
    handles = tensor.handles
    count = handles.untyped_storage().nbytes() // 8
    places = torch.arange(count).as_strided(*_layout(tensor))
    return set(places.reshape(-1).tolist())
