"""The theorems for all sizes behind the tour's claims, with the badge that they have here."""

from __future__ import annotations

from functools import lru_cache

from symconv.proof.library import Status, folder, load, recheck
from symconv.proof.overview import badge
from symconv.render.tree import Badge, Block

BEHIND = {
    "blocks": ("gather",),
    "stride-2": ("disjoint",),
    "channel-sums": ("channels_and_groups",),
    "matrix-rows": ("unrolled_columns", "staircase"),
    "symbolic-matrix": ("conv_is_matrix",),
    "transposed": ("scatter_is_transpose",),
    "adjoint": ("adjoint", "adjoint_entries"),
    "restores-shape": ("size_conv_first",),
    "restores-values": ("transpose_restores_iff",),
    "correct-version": ("no_left_inverse",),
    "preimage": ("full_row_rank",),
    "windows": ("as_strided_row_stride",),
    "row-stride": ("as_strided_row_stride",),
    "size-law": ("size_excess",),
    "size-inverse": ("size_inverse",),
    "conv-first": ("size_conv_first",),
}
"""By a claim's id: what is proved of every size, of which the claim is one instance or the false
reading.
"""


@lru_cache(maxsize=64)
def status(name: str) -> tuple[str, Status]:
    """A theorem's title, and what the kernel says of it here."""
    entry = load(folder() / f"{name}.py")
    return entry.title, recheck(entry)


def badges(claim: str) -> list[Block]:
    """One badge for each theorem behind a claim."""
    blocks: list[Block] = []
    for name in BEHIND.get(claim, ()):
        title, found = status(name)
        blocks.append(Badge(badge(found), f"{title} (symconv prove {name})"))
    return blocks


def to_json(claim: str) -> list[dict[str, str]]:
    """The same as JSON values."""
    return [{"name": name, "status": status(name)[1].status} for name in BEHIND.get(claim, ())]
