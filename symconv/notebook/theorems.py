"""The theorems for all sizes behind the claims of the tour, and their status on this machine."""

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
"""The names of theorems by the id of a claim.

The claim is an instance of the theorems, or a false statement that they correct.
"""


@lru_cache(maxsize=64)
def status(name: str) -> tuple[str, Status]:
    """The title of a theorem, and its status after the kernel has checked its certificates."""
    entry = load(folder() / f"{name}.py")
    return entry.title, recheck(entry)


def badges(claim: str) -> list[Block]:
    """The badges of the theorems behind the claim with this id."""
    blocks: list[Block] = []
    for name in BEHIND.get(claim, ()):
        title, found = status(name)
        blocks.append(Badge(badge(found), f"{title} (symconv prove {name})"))
    return blocks


def to_json(claim: str) -> list[dict[str, str]]:
    """The names and statuses of the theorems behind the claim, as JSON values."""
    return [{"name": name, "status": status(name)[1].status} for name in BEHIND.get(claim, ())]
