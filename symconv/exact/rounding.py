"""How far an honest implementation may be from the exact result: models, classes, sources.

Every output is y = b + sum of n products, A = |b| + sum|x||w|, u the unit roundoff.

*Conventional* algorithms form each product once and add in some order. For them bounds are
componentwise. *Fast* algorithms (Winograd, FFT, Strassen, three-product complex) obey a bound
relative to the largest operands alone. A kernel that breaks the first and keeps the second is
not of conventional accuracy, and no more can be said.

The rounding models of each dtype, and which of them a user asks for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from symconv.core.errors import ParseError
from symconv.exact.formats import FORMATS, PART, Format

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


def models(dtype: str, device: str = "cpu", tf32: bool = False) -> list[Model]:
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
                JEANNEROD_RUMP + UNDERFLOW,
                True,
                stored_once(storage),
            )
        )
        if device == "cuda":
            found.append(
                Model(
                    "tensor-cores",
                    f"sums in float32 by tensor cores, 2 u an addition, one rounding to {dtype}"
                    f" ({UNVALIDATED})",
                    TENSOR_CORES + UNDERFLOW,
                    True,
                    tensor_cores(accumulator, storage, 0.0),
                )
            )
        found.append(
            Model(
                "overlap-add",
                f"each tap's sum in float32, stored and added up in {dtype}",
                "standard model, (1+u)^k - 1 for k additions: Higham, section 3.1" + UNDERFLOW,
                True,
                overlap_added(storage),
            )
        )
    if dtype.startswith("complex"):
        found.append(
            Model(
                "three-products",
                f"complex products from three real ones or from four, in {storage.name}",
                "Higham, section 23.2.4 (3M method), applied to inner products" + UNDERFLOW,
                True,
                three_products(storage),
            )
        )
    else:
        found.append(
            Model(
                f"{storage.name}-accumulation",
                f"sums in {storage.name} in any order, fused or not",
                JEANNEROD_RUMP + UNDERFLOW,
                True,
                any_order(storage),
            )
        )
    if tf32 and dtype == "float32":
        found.append(
            Model(
                "tf32",
                f"inputs cut to 11 bits, sums in float32 by tensor cores ({UNVALIDATED})",
                TENSOR_CORES + UNDERFLOW,
                True,
                tensor_cores(accumulator, storage, TF32_INPUTS),
            )
        )
    found.append(
        Model(
            "fast",
            f"a fast algorithm such as Winograd up to F(4x4, 3x3) or FFT, in {accumulator.name}",
            "error of a bilinear algorithm against its transforms' row sums (Higham, section "
            "23.2), with those of Winograd F(4x4, 3x3) of Lavin & Gray" + UNDERFLOW,
            False,
            norm_wise(accumulator, storage),
        )
    )
    return found


MODEL_NAMES = tuple(
    dict.fromkeys(
        model.name
        for dtype in ("float32", "float64", "float16", "bfloat16", "complex64")
        for model in models(dtype, "cuda", tf32=True)
    )
)
"""Every name that `--model` knows."""


def chosen(available: list[Model], name: str, dtype: str) -> list[Model]:
    """The named model of a dtype, and the norm-wise one as a way out of a hasty refutation.

    Raises:
        ParseError: the dtype has no such model.
    """
    named = [model for model in available if model.name == name]
    if not named:
        known = ", ".join(model.name for model in available)
        raise ParseError(f"--model {name} is none of {dtype} here; there are {known}")
    return named + [m for m in available if not m.conventional and m.name != name]


SIGMAS = 16


def suspicious(model: Model, dtype: str, q: Quantities) -> Floats | None:
    """16 sigma of sums in random order, where the model allows more than that; else None.

    The variance of the partial sums of n terms in random order adds up to n (y**2/3 + Q/6), Q
    the sum of the squares of the terms; every rounding is taken as uniform in its own interval,
    as in Higham & Mary, A new approach to probabilistic rounding error analysis, SIAM J. Sci.
    Comput. 41 (2019). A hint, no theorem.
    """
    storage = FORMATS[PART.get(dtype, dtype)]
    half = dtype in ("float16", "bfloat16")
    accumulator = FORMATS["float32"] if half else storage
    if dtype.startswith("complex") or model.name != f"{accumulator.name}-accumulation":
        return None
    size, squares = q.size(), q.squares()
    variance = (q.terms * (size**2 / 3 + squares / 6) + squares) / 3
    found = SIGMAS * accumulator.unit * np.sqrt(variance) + flushed_by(accumulator, 2 * q.terms + 1)
    return found + storage.unit * size + flushed_by(storage, 1) if half else found
