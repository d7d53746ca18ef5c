"""The transposed convolution as matrix products, by two methods.

*Columns*: one product of all taps with all inputs, then one strided addition per tap; the weight
is used as stored. *Phases*: one product per block of phases, which writes every output once; the
weight must be rearranged first.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from symconv.core.geometry import Geometry
from symconv.exact.windows import Phases, blocks_of_phases, tap_windows

Array = np.ndarray[Any, Any]
Multiply = Callable[[Array, Array], Array]
Put = Callable[[Array, Array], None]


def at(*parts: Any) -> tuple[Any, ...]:
    """Build an index from starred parts, whose number depends on the number of axes."""
    return parts


def group_slices(geometry: Geometry) -> list[tuple[slice, slice]]:
    """Return `(input channels, output channels)` of every group."""
    g = geometry
    c_in, c_out = g.in_channels // g.groups, g.out_channels // g.groups
    return [
        (slice(n * c_in, (n + 1) * c_in), slice(n * c_out, (n + 1) * c_out))
        for n in range(g.groups)
    ]


def channels_first(values: Array) -> Array:
    """Reshape `(batch, C, *size)` to a matrix of C rows."""
    return np.ascontiguousarray(values.swapaxes(0, 1)).reshape(values.shape[1], -1)


def phases_are_cheaper(geometry: Geometry, batch: int, kept: bool) -> bool:
    """Whether the method of phases moves no more numbers than the method of columns.

    Columns moves its columns twice. Phases moves the gathered inputs once and the weight twice,
    or not at all if the rearranged weight is `kept`.
    """
    g = geometry
    c_in, c_out = g.in_channels // g.groups, g.out_channels // g.groups
    taps = math.prod(g.kernel_size)
    met = sum(
        math.prod(len(p.shifts) * p.length for p in block) for block in blocks_of_phases(geometry)
    )
    columns = 2 * c_out * taps * batch * math.prod(g.size)
    return batch * c_in * met + (0 if kept else 2 * c_in * c_out * taps) <= columns


def by_columns(
    geometry: Geometry, x: Array, w: Array, y: Array, multiply: Multiply, put: Put, most: int
) -> None:
    """Write `W^T x` to y with `put`, tap by tap, in blocks of at most `most` bytes."""
    batch, c_out = x.shape[0], w.shape[1]
    windows = list(tap_windows(geometry))
    for ins, outs in group_slices(geometry):
        flat = channels_first(x[:, ins])
        block = max(1, most // max(16 * flat.shape[1] * c_out, 1))
        for start in range(0, len(windows), block):
            taps = windows[start : start + block]
            if len(taps) == math.prod(geometry.kernel_size):
                kernels = w[ins]
            else:
                kernels = np.stack([w[at(ins, slice(None), *tap)] for tap, _, _ in taps], axis=-1)
            columns = multiply(kernels.reshape(kernels.shape[0], -1).T, flat)
            columns = columns.reshape(c_out, len(taps), batch, *geometry.size)
            for n, (_, inputs, outputs) in enumerate(taps):
                part = columns[at(slice(None), n, slice(None), *inputs)]
                put(y[at(slice(None), outs, *outputs)], part.swapaxes(0, 1))


def laid_out(geometry: Geometry, w: Array) -> list[list[Array]]:
    """Rearrange w: per group and block of phases, a matrix `(C_out * phases, C_in * shifts)`."""
    dims = len(geometry.axes)
    order = (1, *range(2, 2 * dims + 2, 2), 0, *range(3, 2 * dims + 2, 2))
    return [
        [_kernels(w[ins], block, order) for block in blocks_of_phases(geometry)]
        for ins, _ in group_slices(geometry)
    ]


def _kernels(w: Array, block: tuple[Phases, ...], order: tuple[int, ...]) -> Array:
    dims = len(block)
    taps = [
        np.array(p.taps).reshape([1] * (2 * n) + [len(p.taps), -1] + [1] * (2 * (dims - n - 1)))
        for n, p in enumerate(block)
    ]
    found = w[at(slice(None), slice(None), *taps)].transpose(order)
    rows = w.shape[1] * math.prod(len(p.taps) for p in block)
    return np.ascontiguousarray(found.reshape(rows, -1))


def by_phases(
    geometry: Geometry,
    x: Array,
    kernels: list[list[Array]],
    y: Array,
    multiply: Multiply,
    put: Put,
    most: int,
) -> None:
    """Write `W^T x` to y with `put`, one block of phases at a time.

    `kernels` is the weight as returned by `laid_out`. Each step takes at most `most` bytes.
    """
    batch = x.shape[0]
    for (ins, outs), own in zip(group_slices(geometry), kernels, strict=True):
        for block, matrix in zip(blocks_of_phases(geometry), own, strict=True):
            rest = batch * math.prod(p.length for p in block[1:])
            rows = max(1, most // (8 * rest * (2 * matrix.shape[0] + matrix.shape[1])))
            for start in range(0, block[0].length, rows):
                stop = min(start + rows, block[0].length)
                columns = _columns(x[:, ins], block, start, stop)
                found = multiply(matrix, columns)
                into = _phase_view(y[:, outs], geometry, block, start, stop)
                put(into, _as_phases(found, into.shape))


def _columns(x: Array, block: tuple[Phases, ...], start: int, stop: int) -> Array:
    """Gather the inputs that outputs start..stop (axis 0) meet: `(C * shifts, batch * outputs)`."""
    lengths = [stop - start, *(p.length for p in block[1:])]
    shape = (x.shape[1], *(len(p.shifts) for p in block), x.shape[0], *lengths)
    found = np.zeros(shape, dtype=x.dtype)
    places: list[list[tuple[int, slice, slice]]] = []
    for n, (p, length, size) in enumerate(zip(block, lengths, x.shape[2:], strict=True)):
        first = start if n == 0 else 0
        places.append([])
        for j, shift in enumerate(p.shifts):
            low, high = max(0, -shift - first), min(length, size - shift - first)
            if low < high:
                inputs = slice(low + shift + first, high + shift + first)
                places[-1].append((j, slice(low, high), inputs))
    for chosen in product(*places):
        number, outputs, met = zip(*chosen, strict=True)
        seen = x[at(slice(None), slice(None), *met)]
        found[at(slice(None), *number, slice(None), *outputs)] = seen.swapaxes(0, 1)
    return found.reshape(math.prod(shape[: 1 + len(block)]), -1)


def _phase_view(
    y: Array, geometry: Geometry, block: tuple[Phases, ...], start: int, stop: int
) -> Array:
    """View the outputs of a block as `(batch, C, length, phases, length, phases, ...)`."""
    shape, strides = list(y.shape[:2]), list(y.strides[:2])
    begin: list[Any] = [slice(None), slice(None)]
    for n, (axis, p) in enumerate(zip(geometry.axes, block, strict=True)):
        step = y.strides[2 + n]
        first, length = (start, stop - start) if n == 0 else (0, p.length)
        begin.append(slice(p.first + first * axis.stride, None))
        shape += [length, len(p.taps)]
        strides += [step * axis.stride, step]
    # every phase of the block has `length` outputs, so the view stays inside y
    return as_strided(y[tuple(begin)], shape, strides)


def _as_phases(found: Array, shape: tuple[int, ...]) -> Array:
    """Reorder `(C * phases, batch * lengths)` to the axes of `_phase_view`."""
    dims = (len(shape) - 2) // 2
    lengths, counts = shape[2::2], shape[3::2]
    spread = found.reshape(shape[1], *counts, shape[0], *lengths)
    order = [1 + dims, 0]
    for n in range(dims):
        order += [2 + dims + n, 1 + n]
    return spread.transpose(order)
