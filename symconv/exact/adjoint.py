"""Check of the adjoint identity at one shape, by comparing sorted terms.

`<W u, x> = <u, W^T x>` for all values if and only if both sides are sums of the same products
`x[i] w[k] u[o]`. The left side follows the definition of the convolution (output i reads the
inputs at `stride*i + dilation*k - padding`), the right side the division rule of the
transposed convolution (output o collects the inputs i with `stride*i = o + padding -
dilation*k`). Neither uses `Axis.hit` of `core/geometry.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from symconv.core.geometry import Axis, Geometry
from symconv.core.limits import require_memory

if TYPE_CHECKING:
    import numpy as np

    Terms = np.ndarray[Any, np.dtype[np.int64]]


def _read_rule(axis: Axis) -> tuple[Terms, Terms, Terms]:
    """Return all terms `(i, k, o)` of an axis, with o computed from i and k."""
    import numpy as np

    i = np.arange(axis.size)[:, None]
    k = np.arange(axis.kernel_size)[None, :]
    o = axis.stride * i + axis.dilation * k - axis.crop_begin
    inside = (o >= 0) & (o < axis.out_size)
    i, k = np.broadcast_arrays(i, k)
    return i[inside], k[inside], o[inside]


def _divide_rule(axis: Axis) -> tuple[Terms, Terms, Terms]:
    """Return all terms `(i, k, o)` of an axis, with i computed from o and k."""
    import numpy as np

    o = np.arange(axis.out_size)[:, None]
    k = np.arange(axis.kernel_size)[None, :]
    i, rest = np.divmod(o + axis.crop_begin - axis.dilation * k, axis.stride)
    inside = (rest == 0) & (i >= 0) & (i < axis.size)
    o, k = np.broadcast_arrays(o, k)
    return i[inside], k[inside], o[inside]


def _sorted_keys(axis: Axis, terms: tuple[Terms, Terms, Terms]) -> Terms:
    """Encode each term as one integer and sort the integers."""
    i, k, o = terms
    keys = (i * axis.kernel_size + k) * axis.out_size + o
    keys.sort()
    return keys


@dataclass(frozen=True, slots=True)
class AdjointIdentity:
    """Comparison of both sides of the adjoint identity at one shape.

    Attributes:
        same: whether both sides are sums of the same products.
        terms: number of products on the left side.
    """

    same: bool
    terms: int


def compare_adjoint(geometry: Geometry) -> AdjointIdentity:
    """Compare both sides of the adjoint identity as sets of terms, axis by axis.

    The set of terms is the Cartesian product of the sets of all axes, and channels pair up in
    the same way on both sides, so equality on every axis implies equality of the whole.

    Raises:
        LimitError: the arrays of one axis would exceed the memory limit.
    """
    found = {axis: _on_one_axis(axis) for axis in dict.fromkeys(geometry.axes)}
    count = sum(1 for _ in geometry.channel_pairs())
    for axis in geometry.axes:
        count *= found[axis].terms
    return AdjointIdentity(all(identity.same for identity in found.values()), count)


def _on_one_axis(axis: Axis) -> AdjointIdentity:
    cells = max(axis.size, axis.out_size) * axis.kernel_size
    require_memory(
        64 * cells, f"the {cells} terms of an axis", "Use a smaller size or kernel_size."
    )
    left = _sorted_keys(axis, _read_rule(axis))
    right = _sorted_keys(axis, _divide_rule(axis))
    return AdjointIdentity(left.shape == right.shape and bool((left == right).all()), len(left))
