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

from symconv.arithmetic.formats import FORMATS, PART, Format

Floats = np.ndarray[Any, Any]

SAFETY = 1 + 2.0**-30
"""The bounds themselves are computed in float64; this covers their own rounding many times."""


@dataclass(frozen=True, slots=True)
class Quantities:
    """What a bound is made of, all arrays of the result's shape or scalars.

    Attributes:
        terms: the most products that meet in one cell.
        taps: the most partial sums over channels that meet in one cell.
        bias: whether a bias is added.
        magnitude: A, an upper bound.
        size: |y|, an upper bound.
        products: S+R+I of the three-product complex form, None for real data.
        widest: sum over channels of max|x| max|w|, times the taps, for norm-wise bounds.
    """

    terms: int
    taps: int
    bias: bool
    magnitude: Floats
    size: Floats
    products: Floats | None
    widest: Floats | float


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


_JEANNEROD_RUMP = (
    "Jeannerod & Rump, Improved error bounds for inner products in floating-point arithmetic, "
    "SIAM J. Matrix Anal. Appl. 34 (2013): |error| <= n u sum|x||w|, any order of summation"
)
_UNDERFLOW = (
    "; underflow as in Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section "
    "2.2, and a flush to zero of at most the smallest normal number an operation"
)


def _flush(accumulator: Format, operations: int) -> float:
    """What gradual underflow or flushing to zero may cost in so many operations."""
    return float(operations * np.ldexp(1.0, accumulator.least_exponent))


def _plain(accumulator: Format) -> Callable[[Quantities], Floats]:
    def bound(q: Quantities) -> Floats:
        n = q.terms + int(q.bias)
        rounding = n * accumulator.unit * q.magnitude
        return (rounding + _flush(accumulator, 2 * n + 1)) * SAFETY

    return bound


def _stored_once(storage: Format) -> Callable[[Quantities], Floats]:
    """float32 sums, one rounding to the storage format."""
    inner = _plain(FORMATS["float32"])

    def bound(q: Quantities) -> Floats:
        u = storage.unit
        return (u * q.size + (1 + u) * inner(q) + _flush(storage, 1)) * SAFETY

    return bound


def _overlap_added(storage: Format) -> Callable[[Quantities], Floats]:
    """Each tap's sum over channels in float32, stored, then added up in the storage format."""
    inner = _plain(FORMATS["float32"])

    def bound(q: Quantities) -> Floats:
        steps = q.taps + 1 + int(q.bias)
        growth = (1 + storage.unit) ** steps
        rounding = (growth - 1) * (q.magnitude + inner(q)) + inner(q)
        return (rounding + growth * _flush(storage, 2 * steps)) * SAFETY

    return bound


def _three_products(accumulator: Format) -> Callable[[Quantities], Floats]:
    """(n + 4) u (S + R + I) for each of the two parts."""

    def bound(q: Quantities) -> Floats:
        assert q.products is not None
        n = q.terms + 4 + int(q.bias)
        return (n * accumulator.unit * q.products + _flush(accumulator, 6 * n)) * SAFETY

    return bound


WINOGRAD_GROWTH = 48.0**2
"""Winograd F(4x4, 3x3): how far its transforms can blow up max|x| max|w|.

With the transforms of Lavin & Gray (Fast Algorithms for Convolutional Neural Networks, arXiv
1509.09308), an output is a sum over j of |A^T| (|G| 1)_j (|B^T| 1)_j, at most 48 an axis; a test
computes it from the matrices.
"""


def _norm_wise(accumulator: Format, storage: Format) -> Callable[[Quantities], Floats]:
    def bound(q: Quantities) -> Floats:
        # transforms of at most 8 operations a step and axis, then one sum over the channels
        steps = 32 + q.terms / q.taps + int(q.bias)
        widest = np.asarray(q.widest, dtype=np.float64)
        rounding = steps * accumulator.unit * WINOGRAD_GROWTH * widest
        stored = 0.0 if storage is accumulator else 4 * storage.unit * (q.size + widest)
        flushed = _flush(accumulator, 64 * (q.terms + 1)) + _flush(storage, 4)
        return np.broadcast_to((rounding + stored + flushed) * SAFETY, q.magnitude.shape)

    return bound


def models(dtype: str) -> list[Model]:
    """The models of a dtype, the strictest first; the last one is norm-wise."""
    storage = FORMATS[PART.get(dtype, dtype)]
    half = dtype in ("float16", "bfloat16")
    accumulator = FORMATS["float32"] if half else storage
    found: list[Model] = []
    if half:
        found.append(
            Model(
                "float32-accumulation",
                f"sums in float32 in any order, one rounding to {dtype}",
                _JEANNEROD_RUMP + _UNDERFLOW,
                True,
                _stored_once(storage),
            )
        )
        found.append(
            Model(
                "overlap-add",
                f"each tap's sum in float32, stored and added up in {dtype}",
                "standard model, (1+u)^k - 1 for k additions: Higham, section 3.1" + _UNDERFLOW,
                True,
                _overlap_added(storage),
            )
        )
    if not dtype.startswith("complex"):
        found.append(
            Model(
                f"{storage.name}-accumulation",
                f"sums in {storage.name} in any order, fused or not",
                _JEANNEROD_RUMP + _UNDERFLOW,
                True,
                _plain(storage),
            )
        )
    else:
        found.append(
            Model(
                "three-products",
                f"complex products from three real ones or from four, in {storage.name}",
                "Higham, section 23.2.4 (3M method), applied to inner products" + _UNDERFLOW,
                True,
                _three_products(storage),
            )
        )
    found.append(
        Model(
            "fast",
            f"a fast algorithm such as Winograd up to F(4x4, 3x3) or FFT, in {accumulator.name}",
            "error of a bilinear algorithm against its transforms' row sums (Higham, section "
            "23.2), with those of Winograd F(4x4, 3x3) of Lavin & Gray" + _UNDERFLOW,
            False,
            _norm_wise(accumulator, storage),
        )
    )
    return found
