"""Which slices of inputs and outputs meet: per tap, and per phase of the outputs.

Outputs one stride apart form a phase. All of them meet the same taps; output q of the phase
meets the inputs q + shift. Neighbouring phases with the same shifts differ only in their taps, so
one matrix product serves them all (sub-pixel convolution: Shi et al., arXiv 1609.05158).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from symconv.core.geometry import Axis, Geometry

Window = tuple[slice, ...]


@dataclass(frozen=True, slots=True)
class Phases:
    """Neighbouring phases of one axis that meet inputs at the same shifts.

    Attributes:
        first: position of the first output of the first phase.
        length: number of outputs of each phase, one stride apart.
        shifts: output q of a phase meets inputs q + shift.
        taps: for each phase, the tap that belongs to each shift.
    """

    first: int
    length: int
    shifts: tuple[int, ...]
    taps: tuple[tuple[int, ...], ...]


def phases(axis: Axis) -> list[Phases]:
    """Partition the outputs of an axis into phases; one that no tap reaches has no shifts."""
    found: list[Phases] = []
    landing = [axis.hit(0, k) for k in range(axis.kernel_size)]
    for first in range(min(axis.stride, axis.out_size)):
        length = len(range(first, axis.out_size, axis.stride))
        met = sorted(
            ((first - at) // axis.stride, k)
            for k, at in enumerate(landing)
            if (first - at) % axis.stride == 0
        )
        met = [(t, k) for t, k in met if t < axis.size and t + length > 0]
        shifts, taps = tuple(t for t, _ in met), tuple(k for _, k in met)
        last = found[-1] if found else None
        if last is not None and (last.length, last.shifts) == (length, shifts):
            found[-1] = Phases(last.first, length, shifts, (*last.taps, taps))
        else:
            found.append(Phases(first, length, shifts, (taps,)))
    return found


def most_taps(geometry: Geometry) -> int:
    """Largest number of taps that meet one output."""
    return math.prod(max(len(p.shifts) for p in phases(axis)) for axis in geometry.axes)


def blocks_of_phases(geometry: Geometry) -> list[tuple[Phases, ...]]:
    """List the combinations of phases, one per axis, that some tap reaches."""
    return [
        block
        for block in product(*(phases(axis) for axis in geometry.axes))
        if all(p.shifts for p in block)
    ]


def _windows(axis: Axis) -> list[tuple[slice, slice]]:
    """For each tap, slice the inputs that land inside the output, and the outputs they reach."""
    found = []
    positions = np.arange(axis.size)
    for k in range(axis.kernel_size):
        outputs = axis.hit(positions, k)
        inside = np.nonzero((outputs >= 0) & (outputs < axis.out_size))[0]
        if not inside.size:
            found.append((slice(0, 0), slice(0, 0)))
            continue
        first, last = int(inside[0]), int(inside[-1])
        lands = slice(int(outputs[first]), int(outputs[last]) + 1, axis.stride)
        found.append((slice(first, last + 1), lands))
    return found


def tap_windows(geometry: Geometry) -> Iterator[tuple[tuple[int, ...], Window, Window]]:
    """Yield `(tap, inputs, outputs)` for every tap that reaches an output."""
    per_axis = [_windows(axis) for axis in geometry.axes]
    for tap in product(*(range(n) for n in geometry.kernel_size)):
        pairs = [windows[k] for windows, k in zip(per_axis, tap, strict=True)]
        inputs, outputs = zip(*pairs, strict=True)
        if all(s.stop > s.start for s in inputs):
            yield tap, inputs, outputs
