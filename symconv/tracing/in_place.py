"""Operations that write into a traced tensor: find it, and refuse writes that depend on order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from symconv.tracing.refusing import Refused
from symconv.tracing.tensor import Symbols

POINTWISE = frozenset(("add", "sub", "mul", "div", "copy", "neg", "addcmul"))
"""Operations that may read the tensor they write to if both have the same layout in memory, since
element n of the result depends on element n of the operands only.
"""


def destination(func: Any, args: Any, kwargs: dict[str, Any]) -> Symbols | None:
    """Return the tensor that an operation writes to, or None if the operation does not mutate.

    Raises:
        Refused: it writes to several tensors, or into one that was made outside the program.
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
    """Require that the result does not depend on the order in which torch visits the elements.

    Raises:
        Refused: the operation reads memory that it writes, or writes one location more than once.
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
                "which torch traverses it"
            )
    if _may_meet(target.handles) and len(_cells(target)) < target.handles.numel():
        raise Refused(f"aten.{name} writes to a cell more than once (an expanded tensor)")


def _may_meet(handles: torch.Tensor) -> bool:
    """Whether two indices may share a location: sorted by stride, the axes do not nest."""
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
    """Positions in the storage that the tensor covers, in elements."""
    handles = tensor.handles
    count = handles.untyped_storage().nbytes() // 8
    places = torch.arange(count).as_strided(*_layout(tensor))
    return set(places.reshape(-1).tolist())
