"""Arrays of exact dyadic numbers: every finite float is an integer times a power of two.

A number is a sign and limbs of 21 bits: for rounding, the leading 63 bits are taken from at
most four limbs into one int64. All operations are integer operations on whole arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from symconv.exact.dtypes import BinaryFormat

LIMB = 21
_MASK = (1 << LIMB) - 1

Floats = np.ndarray[Any, Any]
"""A float64 array, or another float dtype where stated."""
Ints = np.ndarray[Any, Any]
"""An int64 array."""


@dataclass(frozen=True, slots=True)
class ExactArray:
    """Exact numbers `sign * sum of limbs[l] * 2**(exponent + 21*l)`, limbs in [0, 2**21).

    Attributes:
        sign: -1, 0 or 1.
        limbs: `(L, *shape)`, lowest limb first.
        exponent: exponent of the lowest limb.
    """

    sign: Ints
    limbs: Ints
    exponent: int

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array of numbers."""
        return tuple(self.sign.shape)

    def fraction(self, index: tuple[int, ...]) -> Fraction:
        """Return one number as a Fraction."""
        every: Any = slice(None)
        digits = self.limbs[every, *index].tolist()
        total = sum(int(d) << (LIMB * n) for n, d in enumerate(digits))
        return Fraction(int(self.sign[index]) * total) * Fraction(2) ** self.exponent

    def rounded(self, target: BinaryFormat) -> Floats:
        """Round to a format: ties to even, subnormals kept, overflow to infinity.

        The result is a float64 array of numbers of the target format.
        """
        top, lead, sticky, unit = _leading_bits(self.limbs, self.exponent)
        # lead has its top bit at position 62, and stands for lead * 2**unit
        quantum = np.maximum(unit + 62 - target.precision + 1, target.quantum_exponent)
        drop = quantum - unit
        shift = np.clip(drop, 1, 63).astype(np.uint64)
        one = np.uint64(1)
        kept = lead >> shift
        rest = lead & ((one << shift) - one)
        half = one << (shift - one)
        up = (rest > half) | ((rest == half) & (sticky | (kept & one).astype(bool)))
        kept = np.where(drop > 63, np.uint64(0), kept + up.astype(np.uint64))
        with np.errstate(over="ignore"):
            value = np.ldexp(kept.astype(np.float64), quantum.astype(np.int64))
        value = np.where(value > target.largest, np.inf, value)
        return np.where(top, value * self.sign, 0.0)

    def minus(self, values: Floats) -> ExactArray:
        """Subtract finite floats of the same shape, exactly.

        Raises:
            ValueError: a float is not finite.
        """
        if not np.isfinite(values).all():
            raise ValueError("exact differences need finite numbers")
        other = split(values)
        low = min(self.exponent, other.exponent)
        # the common lowest exponent is a multiple of LIMB below self.exponent
        low -= (low - self.exponent) % LIMB
        mine = _groups_at(self.limbs * self.sign, self.exponent, low)
        theirs = split(values, low)
        return from_groups(_summed(mine, [-p.astype(np.int64) for p in theirs.planes]), low)

    def exceeds(self, bound: Floats) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Mark where the absolute value exceeds a finite float bound, decided exactly."""
        from symconv.exact.dtypes import real_format

        near = np.abs(self.rounded(real_format("float64")))
        above = near > bound
        # rounding is monotonic, so only numbers that round to the bound itself are undecided
        for place in zip(*np.nonzero(near == bound), strict=True):
            index = tuple(int(n) for n in place)
            above[index] = abs(self.fraction(index)) > Fraction(float(bound[index]))
        return above


def _leading_bits(limbs: Ints, exponent: int) -> tuple[Any, Any, Any, Any]:
    """Return `(non-zero, leading 63 bits, whether lower bits are set, exponent of their unit)`."""
    padded = np.concatenate([np.zeros((3, *limbs.shape[1:]), dtype=np.int64), limbs])
    occupied = padded != 0
    count = padded.shape[0]
    top = count - 1 - np.argmax(occupied[::-1], axis=0)
    top = np.maximum(top, 3)
    low = np.argmax(occupied, axis=0)

    def limb(down: int) -> Any:
        return np.take_along_axis(padded, (top - down)[None], axis=0)[0]

    first = limb(0)
    _, bits = np.frexp(first.astype(np.float64))
    spare = (LIMB - bits).astype(np.uint64)
    lead = (first << 2 * LIMB | limb(1) << LIMB | limb(2)).astype(np.uint64)
    fourth = limb(3).astype(np.uint64)
    below = np.uint64(LIMB) - spare
    lead = lead << spare | fourth >> below
    sticky = (fourth & ((np.uint64(1) << below) - np.uint64(1))) != 0
    any_bits = occupied.any(axis=0)
    sticky = sticky | (any_bits & (low < top - 3))
    unit = exponent + LIMB * (top - 3 - 2) - spare.astype(np.int64)
    return any_bits, lead, sticky, unit


def from_groups(groups: Sequence[Ints], exponent: int) -> ExactArray:
    """Return the exact sum of `groups[g] * 2**(exponent + 21*g)`, int64 groups below 2**62."""
    limbs, carry = _carried(groups)
    negative = carry < 0
    if negative.any():
        turned, rest = _carried([-g[negative] for g in groups])
        assert not rest.any() and not carry[~negative].any()
        # the negated groups may need one limb more or less
        longer = np.zeros((max(len(limbs), len(turned)), *limbs.shape[1:]), dtype=np.int64)
        longer[: len(limbs), ~negative] = limbs[:, ~negative]
        longer[: len(turned), negative] = turned
        limbs = longer
    nonzero = (limbs != 0).any(axis=0)
    sign = np.where(nonzero, np.where(negative, -1, 1), 0).astype(np.int64)
    return ExactArray(sign, limbs, exponent)


def _carried(groups: Sequence[Ints]) -> tuple[Ints, Ints]:
    """Propagate carries: return limbs in [0, 2**21) and the final carry, -1 where negative."""
    limbs, carry = [], np.zeros(groups[0].shape, dtype=np.int64)
    for group in groups:
        total = group + carry
        limbs.append(total & _MASK)
        carry = total >> LIMB
    while ((carry != 0) & (carry != -1)).any():
        limbs.append(carry & _MASK)
        carry = carry >> LIMB
    # two's complement: above the last limb a negative number is all ones, i.e. the carry is -1
    return np.stack(limbs), carry


def _groups_at(digits: Ints, exponent: int, low: int) -> list[Ints]:
    """Shift signed digits to a lower exponent `low`, a multiple of LIMB below `exponent`."""
    assert (exponent - low) % LIMB == 0
    zeros = np.zeros(digits.shape[1:], dtype=np.int64)
    return [zeros] * ((exponent - low) // LIMB) + list(digits)


def _summed(left: Sequence[Ints], right: Sequence[Ints]) -> list[Ints]:
    size = max(len(left), len(right))
    zeros = np.zeros_like(left[0] if left else right[0])
    pad = [zeros] * size
    return [u + v for u, v in zip([*left, *pad][:size], [*right, *pad][:size], strict=True)]


@dataclass(frozen=True, slots=True)
class Planes:
    """Floats as sums of small integers: `values = sum of planes[j] * 2**(exponent + 21*j)`.

    Attributes:
        planes: float64 arrays of integers, at most 2**20 in absolute value.
        exponent: exponent of the first, lowest plane.
    """

    planes: tuple[Floats, ...]
    exponent: int


def split(values: Floats, exponent: int | None = None) -> Planes:
    """Split finite floats into planes and assert that these add up to the values.

    `exponent` is that of the lowest plane. By default the topmost plane uses its full width, so
    that the lowest plane is sparse and products with it are cheap.
    """
    high, low = exponent_range(values)
    low = top_aligned(high, low) if exponent is None else exponent
    count = max(1, -(-(high - low + 1) // LIMB))
    planes: list[Floats] = []
    rest = values.astype(np.float64, copy=True)
    for j in reversed(range(count)):
        weight = low + LIMB * j
        scaled = np.ldexp(rest, -weight)
        plane = np.rint(scaled) if j else scaled
        # where the plane is 0, scaled may have underflowed, so rest is left unchanged
        rest = np.where(plane != 0, np.ldexp(scaled - plane, weight), rest)
        assert np.abs(plane).max(initial=0) <= 2 ** (LIMB - 1), "a plane is too wide"
        planes.append(plane)
    assert not rest.any(), "the planes do not add up to the values"
    assert not (planes[-1] != np.rint(planes[-1])).any(), "the lowest plane is not whole"
    return Planes(tuple(reversed(planes)), low)


def exponent_range(values: Floats) -> tuple[int, int]:
    """Return `(high, low)`: all |values| are multiples of 2**low below 2**high; zeros: (0, 0)."""
    used = values[values != 0]
    if not used.size:
        return 0, 0
    mantissa, exponents = np.frexp(np.abs(used))
    whole = np.ldexp(mantissa, 53).astype(np.int64)
    trailing = np.bitwise_and(whole, -whole)
    zeros = np.frexp(trailing.astype(np.float64))[1] - 1
    return int(exponents.max()), int((exponents - 53 + zeros).min())


def top_aligned(high: int, low: int) -> int:
    """Exponent of the lowest plane when the topmost plane uses its full width, 2**20."""
    count = max(1, -(-(high - low + 1) // LIMB))
    return high - LIMB * count + 1


def nearest(value: Fraction, target: BinaryFormat) -> float:
    """Round a dyadic fraction to the nearest number of a format, ties to even."""
    low = value.denominator.bit_length() - 1
    digits, groups = abs(value.numerator), []
    while digits:
        groups.append(np.array([digits & _MASK], dtype=np.int64))
        digits >>= LIMB
    if not groups:
        return 0.0
    found = float(from_groups(groups, -low).rounded(target)[0])
    return -found if value < 0 else found
