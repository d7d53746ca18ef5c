"""Operations that only move elements, which is checked: they must commute with renaming handles."""

from __future__ import annotations

from typing import Any

import torch
from torch.utils._pytree import tree_leaves, tree_map

from symconv.tracing.refusing import Refused, words
from symconv.tracing.tensor import Symbols

MOVERS = words(
    "view _unsafe_view reshape permute transpose t numpy_T slice select unsqueeze "
    "squeeze expand as_strided flip roll cat stack hstack vstack gather index index_select take "
    "take_along_dim unfold diagonal split split_with_sizes unbind chunk narrow clone contiguous "
    "detach alias lift_fresh repeat tile tril triu movedim pixel_shuffle pixel_unshuffle "
    "channel_shuffle rot90 slice_scatter select_scatter diagonal_scatter as_strided_scatter copy_ "
    "copy repeat_interleave diag_embed expand_as view_as unsafe_split _conj conj resolve_conj "
    "resolve_neg index_copy index_copy_ masked_scatter "
    "slice_backward select_backward"
)
BY_FLOATS = frozenset(("im2col", "reflection_pad2d", "replication_pad2d", "upsample_nearest2d"))
"""Movers for which torch has no int64 kernel: run on float64 handles, exact below 2**53."""


def renamed(handles: torch.Tensor) -> torch.Tensor:
    """Apply a bijection of int64 that keeps 0 and is far from additive (splitmix64's finaliser)."""
    for shift, factor in ((30, -0x40A7B892E31B1A47), (27, -0x6B2FB644ECCEEE15)):
        handles = (handles ^ ((handles >> shift) & ((1 << (64 - shift)) - 1))) * factor
    return handles ^ ((handles >> 31) & ((1 << 33) - 1))


def is_mover(name: str, base: str) -> bool:
    """Whether an operation only moves elements, by its name with and without the underscore."""
    plain = base.removesuffix("_copy")
    return name in MOVERS or base in MOVERS or plain in MOVERS


def moved(func: Any, args: Any, kwargs: Any) -> Any:
    """Run an operation on handles; unless it is a view or in-place, check it on renamed handles.

    Raises:
        Refused: it does more than move elements.
    """

    def handles_of(value: Any) -> Any:
        return value.handles if isinstance(value, Symbols) else value

    given = tree_map(handles_of, (args, kwargs))
    result = func(*given[0], **given[1])
    if func._schema.is_mutable or _is_view(given, result):
        return result
    symbols = {id(t.handles) for t in tree_leaves((args, kwargs)) if isinstance(t, Symbols)}

    def rename(value: Any) -> Any:
        return renamed(value) if id(value) in symbols else value

    again = tree_map(rename, given)
    other = func(*again[0], **again[1])
    pairs = zip(tree_leaves(result), tree_leaves(other), strict=True)
    if not all(torch.equal(renamed(one), two) for one, two in pairs):
        raise Refused(f"aten.{func._schema.name[6:]} does more than move numbers")
    return result


def moved_by_floats(func: Any, args: Any, kwargs: Any) -> torch.Tensor:
    """Same as `moved`, with the handles converted to float64."""

    def run(change: Any) -> torch.Tensor:
        def handles_of(value: Any) -> Any:
            return change(value.handles).double() if isinstance(value, Symbols) else value

        given = tree_map(handles_of, (args, kwargs))
        found: torch.Tensor = func(*given[0], **given[1]).long()
        return found

    # a renaming whose values are small, so that float64 holds them exactly
    symbols = [t for t in tree_leaves((args, kwargs)) if isinstance(t, Symbols)]
    top = max(int(t.handles.max()) for t in symbols)

    def reverse(handles: torch.Tensor) -> torch.Tensor:
        square = torch.where(handles == 0, 0, (top + 1 - handles) ** 2)
        if top > 2**26:
            raise Refused(f"aten.{func._schema.name[6:]} on more than {2**26:,} polynomials")
        return square

    plain = run(lambda handles: handles)
    if not torch.equal(reverse(plain), run(reverse)):
        raise Refused(f"aten.{func._schema.name[6:]} does more than move numbers")
    return plain


def _is_view(given: Any, result: Any) -> bool:
    """Whether all results share the memory of operands, so that nothing was computed."""
    own = {t.untyped_storage().data_ptr() for t in tree_leaves(given) if torch.is_tensor(t)}
    found = [t for t in tree_leaves(result) if torch.is_tensor(t)]
    return all(t.untyped_storage().data_ptr() in own for t in found)
