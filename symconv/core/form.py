"""The operator as a trilinear form, and groupings of its terms.

`T(x, w, v) = sum of x[i] * w[k] * v[o]` over the hits. Its three partial derivatives are the
transposed convolution (with respect to v), the convolution that it transposes (x) and the weight
gradient (w). Everything here enumerates the same terms.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

from symconv.core.geometry import Axis, Geometry
from symconv.core.limits import most_bytes, require_memory

if TYPE_CHECKING:
    import numpy as np

    Ints = np.ndarray[Any, np.dtype[np.int64]]

Index = tuple[int, ...]


def unflatten(flat: int, shape: Sequence[int]) -> Index:
    """Convert a flat position in C order to an index."""
    index: list[int] = []
    for length in reversed(shape):
        flat, n = divmod(flat, length)
        index.append(n)
    return tuple(reversed(index))


class Term(NamedTuple):
    """One product: `x[i] * w[k]` is added to `y[o]`.

    `i = (in_channel, *position)`, `k = (in_channel, out_channel in its group, *tap)`,
    `o = (out_channel, *position)`.
    """

    i: Index
    k: Index
    o: Index


def axis_hits(axis: Axis) -> list[tuple[int, int, int]]:
    """List `(i, k, o)` of every product on one axis that lands inside the output."""
    size = axis.out_size
    hits = ((i, k, axis.hit(i, k)) for i in range(axis.size) for k in range(axis.kernel_size))
    return [(i, k, o) for i, k, o in hits if 0 <= o < size]


def terms(geometry: Geometry) -> Iterator[Term]:
    """Yield every product of the form; this enumeration is its definition."""
    per_axis = [axis_hits(axis) for axis in geometry.axes]
    for c, m, out in geometry.channel_pairs():
        for hits in product(*per_axis):
            position, tap, place = zip(*hits, strict=True)
            yield Term((c, *position), (c, m, *tap), (out, *place))


def _grouped(geometry: Geometry, field: int) -> dict[Index, list[Term]]:
    groups: dict[Index, list[Term]] = {}
    for term in terms(geometry):
        groups.setdefault(term[field], []).append(term)
    return groups


def by_input(geometry: Geometry) -> dict[Index, list[Term]]:
    """Group the terms by input: the block that each input adds to the output (scatter)."""
    return _grouped(geometry, 0)


def by_weight(geometry: Geometry) -> dict[Index, list[Term]]:
    """Group the terms by entry of the weight."""
    return _grouped(geometry, 1)


def by_output(geometry: Geometry) -> dict[Index, list[Term]]:
    """Group the terms by output (gather); outputs without terms are absent."""
    return _grouped(geometry, 2)


@dataclass(frozen=True, slots=True)
class IndexArrays:
    """The terms as three int64 arrays of equal length, flat indices in C order.

    Attributes:
        input: indices into an array of `geometry.input_shape`.
        weight: indices into an array of `geometry.weight_shape`.
        output: indices into an array of `geometry.output_shape`.
    """

    input: Ints
    weight: Ints
    output: Ints


def index_arrays(geometry: Geometry) -> IndexArrays:
    """Enumerate all terms at once, axis by axis instead of term by term.

    Raises:
        LimitError: the arrays would exceed the memory limit; the message gives their size.
    """
    return IndexArrays(*index_table(geometry))


def index_table(geometry: Geometry) -> Ints:
    """Return `index_arrays` as one array with rows input, weight, output.

    Raises:
        LimitError: as for `index_arrays`.
    """
    _require_room(geometry)
    import numpy as np

    table = _channels(geometry.in_channels, geometry.out_channels, geometry.groups)
    for axis in geometry.axes:
        size, hits = axis_arrays(axis)
        lengths = np.array([axis.size, axis.kernel_size, size], dtype=np.int64)
        table = table * lengths[:, None]
        table = (table[:, :, None] + hits[:, None, :]).reshape(3, -1)
    return table


def output_shape(geometry: Geometry) -> Index:
    """Return `geometry.output_shape`, with the lengths of small axes from the cache."""
    sizes = (axis_arrays(a)[0] if _kept(a) else a.out_size for a in geometry.axes)
    return (geometry.out_channels, *sizes)


def _require_room(geometry: Geometry) -> None:
    terms, cells = geometry.most_terms, math.prod(output_shape(geometry))
    if max(32 * terms, 16 * cells) <= most_bytes():
        return  # before the texts of the messages are built
    require_memory(
        32 * terms,
        f"the {math.prod(geometry.input_shape)} x {math.prod(geometry.weight_shape[1:])} "
        "products of this configuration",
        "Use smaller sizes or fewer channels; `symconv size` works for any size.",
    )
    require_memory(
        16 * cells,
        f"an output of {'x'.join(map(str, geometry.output_shape))}",
        "Use a smaller size, stride or dilation; `symconv size` works for any size.",
    )


@lru_cache(maxsize=256)
def _channels(in_channels: int, out_channels: int, groups: int) -> Ints:
    """Return rows: input channel, flat index of the channel pair in the weight, output channel."""
    import numpy as np

    pairs = Geometry(in_channels, out_channels, groups, (Axis(1, 1),)).channel_pairs()
    c, m, out = np.array(list(pairs), dtype=np.int64).reshape(-1, 3).T
    return np.stack((c, c * (out_channels // groups) + m, out))


KEPT = 64
"""Axes of at most this many products are cached, because campaigns use them repeatedly."""


def axis_arrays(axis: Axis) -> tuple[int, Ints]:
    """Return the output length, and `axis_hits` as an array with rows i, k, o."""
    return _axis_arrays(axis) if _kept(axis) else _axis_arrays.__wrapped__(axis)


def _kept(axis: Axis) -> bool:
    return axis.size * axis.kernel_size <= KEPT


@lru_cache(maxsize=8192)
def _axis_arrays(axis: Axis) -> tuple[int, Ints]:
    import numpy as np

    i = np.arange(axis.size, dtype=np.int64)[:, None]
    k = np.arange(axis.kernel_size, dtype=np.int64)[None, :]
    places, size = axis.hit(i, k), axis.out_size
    met = np.nonzero((places >= 0) & (places < size))
    found = np.stack((*met, places[met]))
    found.flags.writeable = False
    return size, found
