"""Interpretation of the ranks of operands: one channel, several channels, a batch.

Ranks of (x, w) with n spatial axes: (n, n) is one channel, as on paper; (n+1, n+2) is torch's
layout without a batch; (n+2, n+2) is torch's layout with a batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from symconv.core.errors import ShapeError
from symconv.exact.containers import Tensor, read_tensor


@dataclass(frozen=True, slots=True)
class Ranks:
    """Interpretation of a pair of ranks.

    Attributes:
        dims: number of spatial axes, 1 to 3.
        paper: whether x and w are single channels without channel axes, as on paper.
        batched: whether x has a leading batch axis.
    """

    dims: int
    paper: bool
    batched: bool


def read_ranks(x_rank: int, w_rank: int, dims: int | None) -> Ranks:
    """Interpret `(x.ndim, w.ndim)`; `dims` selects one if two interpretations are possible.

    Raises:
        ShapeError: no interpretation fits, or two do; the message lists them.
    """
    readings = [Ranks(n, True, False) for n in (1, 2, 3) if (x_rank, w_rank) == (n, n)]
    readings += [Ranks(n, False, False) for n in (1, 2, 3) if (x_rank, w_rank) == (n + 1, n + 2)]
    readings += [Ranks(n, False, True) for n in (1, 2, 3) if (x_rank, w_rank) == (n + 2, n + 2)]
    fitting = [r for r in readings if dims in (None, r.dims)]
    if len(fitting) == 1:
        return fitting[0]
    if len(fitting) > 1:
        raise ShapeError(
            f"x and w of rank {x_rank} are ambiguous: dims=1 (a batch of 1-D signals with "
            "channels) or dims=3 (one volume, one channel). Give dims"
        )
    known = "(1, 1), (2, 2), (3, 3) for one channel, (n+1, n+2) or (n+2, n+2) for n spatial axes"
    asked = "" if dims is None else f" with dims={dims}"
    raise ShapeError(f"x has rank {x_rank} and w has rank {w_rank}{asked}; required: {known}")


def read_weight(w: Any, dims: int | None) -> Tensor:
    """Read a weight into canonical shape `(C_in, C_out // groups, *kernel_size)`.

    Raises:
        ShapeError: its rank fits no number of spatial axes, or more than one.
    """
    weight = read_tensor(w, "w")
    rank = len(weight.shape)
    fitting = [n for n in (1, 2, 3) if rank in (n, n + 2) and dims in (None, n)]
    if len(fitting) != 1:
        asked = "" if dims is None else f" with {dims} spatial axes"
        raise ShapeError(
            f"w has rank {rank}{asked}; required: n (one channel) or n+2 (in, out/groups, taps) "
            "for n spatial axes, and dims if both 1 and 3 axes fit"
        )
    paper = rank == fitting[0]
    return weight.reshape((1, 1, *weight.shape)) if paper else weight
