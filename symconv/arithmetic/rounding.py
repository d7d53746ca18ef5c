"""How far an honest implementation may be from the exact result: models, classes, sources.

Every output is y = b + sum of n products, A = |b| + sum|x||w|, u the unit roundoff.

*Conventional* algorithms form each product once and add in some order. For them bounds are
componentwise. *Fast* algorithms (Winograd, FFT, Strassen, three-product complex) obey a bound
relative to the largest operands alone. A kernel that breaks the first and keeps the second is
not of conventional accuracy, and no more can be said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from symconv.arithmetic.formats import FORMATS, Format

Floats = np.ndarray[Any, Any]

SAFETY = 1 + 2.0**-30
"""The bounds themselves are computed in float64; this covers their own rounding many times."""


@dataclass(frozen=True, slots=True)
class Quantities:
    """What a bound is made of, all arrays of the result's shape or scalars.

    Attributes:
        terms: the most products that meet in one cell.
        steps: the most partial sums over channels that meet in one cell.
        bias: whether a bias is added.
        magnitude: A, an upper bound.
        size: |y|, an upper bound; computed when called, as the next two.
        products: S+R+I of the three-product complex form.
        widest: sum over channels of max|x| max|w|, times the taps, for norm-wise bounds.
        squares: the sum of the squares of the products, for the random-order model.
    """

    terms: int
    steps: int
    bias: bool
    magnitude: Floats
    size: Callable[[], Floats]
    products: Callable[[], Floats]
    widest: Callable[[], Floats]
    squares: Callable[[], Floats]


@dataclass(frozen=True, slots=True)
class Model:
    """A way of rounding with its theorem.

    Attributes:
        name: short, as in `--model`.
        says: what is assumed, in words.
        source: the theorem.
        conventional: the bound is componentwise, for conventional algorithms.
        bound: the largest |error| that the model allows.
    """

    name: str
    says: str
    source: str
    conventional: bool
    bound: Callable[[Quantities], Floats]


JEANNEROD_RUMP = (
    "Jeannerod & Rump, Improved error bounds for inner products in floating-point arithmetic, "
    "SIAM J. Matrix Anal. Appl. 34 (2013): |error| <= n u sum|x||w|, any order of summation"
)
UNDERFLOW = (
    "; underflow as in Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section "
    "2.2, and a flush to zero of at most the smallest normal number an operation"
)


TENSOR_CORES = (
    "additions of tensor cores truncate, 2 u each: Fasi, Higham, Mikaitis & Pranesh, Numerical "
    "behavior of NVIDIA tensor cores, PeerJ Comput. Sci. 7 (2021), put into the same theorem"
)
UNVALIDATED = "constants not validated on hardware"

Bound = Callable[[Quantities], Floats]


def flushed_by(accumulator: Format, operations: int) -> float:
    """What gradual underflow or flushing to zero may cost in so many operations."""
    return float(operations * np.ldexp(1.0, accumulator.least_exponent))


def any_order(accumulator: Format) -> Bound:
    """N u A, with (n + 1) for a bias: sums in any order, fused or not."""

    def bound(q: Quantities) -> Floats:
        n = q.terms + int(q.bias)
        rounding = n * accumulator.unit * q.magnitude
        return (rounding + flushed_by(accumulator, 2 * n + 1)) * SAFETY

    return bound


def stored_once(storage: Format) -> Bound:
    """float32 sums, one rounding to the storage format."""
    inner = any_order(FORMATS["float32"])

    def bound(q: Quantities) -> Floats:
        u = storage.unit
        return (u * q.size() + (1 + u) * inner(q) + flushed_by(storage, 1)) * SAFETY

    return bound


def overlap_added(storage: Format) -> Bound:
    """Each tap's sum over channels in float32, stored, then added up in the storage format."""
    inner = any_order(FORMATS["float32"])

    def bound(q: Quantities) -> Floats:
        steps = q.steps + 1 + int(q.bias)
        growth = (1 + storage.unit) ** steps
        rounding = (growth - 1) * (q.magnitude + inner(q)) + inner(q)
        return (rounding + growth * flushed_by(storage, 2 * steps)) * SAFETY

    return bound


def three_products(accumulator: Format) -> Bound:
    """(n + 4) u (S + R + I) for each of the two parts."""

    def bound(q: Quantities) -> Floats:
        n = q.terms + 4 + int(q.bias)
        return (n * accumulator.unit * q.products() + flushed_by(accumulator, 6 * n)) * SAFETY

    return bound


WINOGRAD_GROWTH = 48.0**2
"""Winograd F(4x4, 3x3): how far its transforms can blow up max|x| max|w|.

With the transforms of Lavin & Gray (Fast Algorithms for Convolutional Neural Networks, arXiv
1509.09308), an output is a sum over j of |A^T| (|G| 1)_j (|B^T| 1)_j, at most 48 an axis; a test
computes it from the matrices.
"""


def norm_wise(accumulator: Format, storage: Format) -> Bound:
    """Relative to the largest operands of each channel: what fast algorithms obey."""

    def bound(q: Quantities) -> Floats:
        # transforms of at most 8 operations a step and axis, then one sum over the channels
        steps = 32 + q.terms / q.steps + int(q.bias)
        widest = q.widest()
        rounding = steps * accumulator.unit * WINOGRAD_GROWTH * widest
        stored = 0.0 if storage is accumulator else 4 * storage.unit * (q.size() + widest)
        flushed = flushed_by(accumulator, 64 * (q.terms + 1)) + flushed_by(storage, 4)
        return np.broadcast_to((rounding + stored + flushed) * SAFETY, q.magnitude.shape)

    return bound


def tensor_cores(accumulator: Format, storage: Format, inputs: float) -> Bound:
    """Additions that err by 2 u; inputs first rounded, with a relative error of each product."""

    def bound(q: Quantities) -> Floats:
        n = q.terms + int(q.bias)
        rounding = (inputs + (1 + inputs) * 2 * n * accumulator.unit) * q.magnitude
        inner = rounding + flushed_by(accumulator, 2 * n + 1)
        if storage is accumulator:
            return inner * SAFETY
        u = storage.unit
        return (u * q.size() + (1 + u) * inner + flushed_by(storage, 1)) * SAFETY

    return bound


TF32_INPUTS = 2.0**-9 + 2.0**-20
"""x and w cut to 10 bits after the point: (1 + 2**-10)**2 - 1."""
