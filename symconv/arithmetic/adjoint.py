"""Adjointness at one shape, as a comparison of sorted terms.

`<W u, x> = <u, W^T x>` for all values if and only if both sides are sums of the same products
`x[i] w[k] u[o]`. The left side is read from the convolution's own rule (an output i reads the
inputs at `stride*i + dilation*k - padding`), the right side from the division rule of the
transposed convolution (an output o collects the inputs i with `stride*i = o + padding -
dilation*k`). Neither uses the hit of `geometry.py`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from symconv.geometry import Axis, Geometry
from symconv.limits import require_memory

if TYPE_CHECKING:
    import numpy as np

    Terms = np.ndarray[Any, np.dtype[np.int64]]


def _read_rule(axis: Axis) -> tuple[Terms, Terms, Terms]:
    """`(i, k, o)` with o computed from i and k."""
    import numpy as np

    i = np.arange(axis.size)[:, None]
    k = np.arange(axis.kernel_size)[None, :]
    o = axis.stride * i + axis.dilation * k - axis.crop_begin
    inside = (o >= 0) & (o < axis.out_size)
    i, k = np.broadcast_arrays(i, k)
    return i[inside], k[inside], o[inside]


def _divide_rule(axis: Axis) -> tuple[Terms, Terms, Terms]:
    """`(i, k, o)` with i computed from o and k."""
    import numpy as np

    o = np.arange(axis.out_size)[:, None]
    k = np.arange(axis.kernel_size)[None, :]
    i, rest = np.divmod(o + axis.crop_begin - axis.dilation * k, axis.stride)
    inside = (rest == 0) & (i >= 0) & (i < axis.size)
    o, k = np.broadcast_arrays(o, k)
    return i[inside], k[inside], o[inside]


def _keys(geometry: Geometry, per_axis: list[tuple[Terms, Terms, Terms]]) -> Terms:
    """Every product as one sorted integer."""
    import numpy as np

    keys = np.zeros(1, dtype=np.int64)
    for axis, (i, k, o) in zip(geometry.axes, per_axis, strict=True):
        size = axis.size * axis.kernel_size * axis.out_size
        own = (i * axis.kernel_size + k) * axis.out_size + o
        keys = np.add.outer(keys * size, own).ravel()
    keys.sort()
    return keys


def adjoint_terms(geometry: Geometry) -> tuple[Terms, Terms]:
    """The spatial terms of both sides of the adjoint identity, sorted; equal iff it holds.

    Channels and groups pair up the same way on both sides and are left out.

    Raises:
        LimitError: the arrays would not fit, or the keys would not be exact in int64.
    """
    spans = math.prod(a.size * a.kernel_size * a.out_size for a in geometry.axes)
    terms = math.prod(a.size * a.kernel_size for a in geometry.axes)
    gathered = max(a.out_size * a.kernel_size for a in geometry.axes)
    way_out = "Way out: a smaller shape; the identity is the same on each axis alone."
    require_memory(32 * max(terms, gathered), f"the {terms} terms of this identity", way_out)
    require_memory(0 if spans < 2**62 else spans, "numbering the terms of this identity", way_out)
    left = _keys(geometry, [_read_rule(axis) for axis in geometry.axes])
    right = _keys(geometry, [_divide_rule(axis) for axis in geometry.axes])
    return left, right
