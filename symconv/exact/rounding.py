"""Rounding models: how far a correct implementation may be from the exact result, with sources.

Every output is y = b + sum of n products, A = |b| + sum|x||w|, u the unit roundoff.

*Conventional* algorithms form each product once and add the products in some order; they satisfy
componentwise bounds. *Fast* algorithms (Winograd, FFT, Strassen, three-product complex) only
satisfy a bound relative to the largest operands. A kernel that violates the first bound and
satisfies the second is not of conventional accuracy, and nothing more can be concluded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from symconv.core.errors import ParseError
from symconv.exact.dtypes import DTYPES, FLOATING, BinaryFormat, real_format

Floats = np.ndarray[Any, Any]

SAFETY = 1 + 2.0**-30
"""The bounds themselves are computed in float64; this covers their own rounding many times."""


@dataclass(frozen=True, slots=True)
class Quantities:
    """Quantities that the bounds depend on: scalars, and arrays of the shape of the result.

    The last four are computed when called.

    Attributes:
        terms: the most products that are summed in one cell.
        steps: the most partial sums over channels that are added in one cell.
        bias: whether a bias is added.
        magnitude: upper bound of A.
        size: upper bound of |y|.
        products: S + R + I of the three-product complex form.
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
    """A rounding model: an assumption about an algorithm and the error bound that follows.

    Attributes:
        name: short name, as in `--model`.
        says: the assumption, as text.
        source: the theorem and where it is published.
        conventional: whether the bound is componentwise, for conventional algorithms.
        bound: computes the largest |error| that the model allows.
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
    "2.2, and a flush to zero of at most the smallest normal number per operation"
)


TENSOR_CORES = (
    "additions of tensor cores truncate, 2 u each: Fasi, Higham, Mikaitis & Pranesh, Numerical "
    "behavior of NVIDIA tensor cores, PeerJ Comput. Sci. 7 (2021), put into the same theorem"
)
UNVALIDATED = "constants not validated on hardware"

Bound = Callable[[Quantities], Floats]


def flushed_by(accumulator: BinaryFormat, operations: int) -> float:
    """Bound the error of gradual underflow or flushing to zero in `operations` operations."""
    return float(operations * np.ldexp(1.0, accumulator.least_exponent))


def any_order(accumulator: BinaryFormat) -> Bound:
    """Bound `n u A`, with n + 1 for a bias: sums in any order, fused or not."""

    def bound(q: Quantities) -> Floats:
        n = q.terms + int(q.bias)
        rounding = n * accumulator.unit * q.magnitude
        return (rounding + flushed_by(accumulator, 2 * n + 1)) * SAFETY

    return bound


def stored_once(storage: BinaryFormat) -> Bound:
    """Bound for float32 sums that are rounded once to the storage format."""
    inner = any_order(real_format("float32"))

    def bound(q: Quantities) -> Floats:
        u = storage.unit
        return (u * q.size() + (1 + u) * inner(q) + flushed_by(storage, 1)) * SAFETY

    return bound


def overlap_added(storage: BinaryFormat) -> Bound:
    """Bound for sums over channels in float32, one per tap, added in the storage format."""
    inner = any_order(real_format("float32"))

    def bound(q: Quantities) -> Floats:
        steps = q.steps + 1 + int(q.bias)
        growth = (1 + storage.unit) ** steps
        rounding = (growth - 1) * (q.magnitude + inner(q)) + inner(q)
        return (rounding + growth * flushed_by(storage, 2 * steps)) * SAFETY

    return bound


def three_products(accumulator: BinaryFormat) -> Bound:
    """Bound `(n + 4) u (S + R + I)` for each of the two parts of a complex result."""

    def bound(q: Quantities) -> Floats:
        n = q.terms + 4 + int(q.bias)
        return (n * accumulator.unit * q.products() + flushed_by(accumulator, 6 * n)) * SAFETY

    return bound


WINOGRAD_GROWTH = 48.0**2
"""Growth of max|x| max|w| in the transforms of Winograd F(4x4, 3x3).

With the transforms of Lavin & Gray (Fast Algorithms for Convolutional Neural Networks, arXiv
1509.09308), an output is bounded by a sum over j of |A^T| (|G| 1)_j (|B^T| 1)_j, at most 48 per
axis; a test computes it from the matrices.
"""


def norm_wise(accumulator: BinaryFormat, storage: BinaryFormat) -> Bound:
    """Bound relative to the largest operands of each channel, which fast algorithms satisfy."""

    def bound(q: Quantities) -> Floats:
        # transforms of at most 8 operations per step and axis, then one sum over the channels
        steps = 32 + q.terms / q.steps + int(q.bias)
        widest = q.widest()
        rounding = steps * accumulator.unit * WINOGRAD_GROWTH * widest
        stored = 0.0 if storage is accumulator else 4 * storage.unit * (q.size() + widest)
        flushed = flushed_by(accumulator, 64 * (q.terms + 1)) + flushed_by(storage, 4)
        return np.broadcast_to((rounding + stored + flushed) * SAFETY, q.magnitude.shape)

    return bound


def tensor_cores(accumulator: BinaryFormat, storage: BinaryFormat, inputs: float) -> Bound:
    """Bound for additions with a relative error of 2 u each.

    `inputs` is the relative error of each product that results from rounding the inputs.
    """

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
"""Relative error of a product of x and w cut to 10 fraction bits: (1 + 2**-10)**2 - 1."""


def models(dtype: str, device: str = "cpu", tf32: bool = False) -> list[Model]:
    """List the models of a dtype, strictest first; the last one is norm-wise."""
    storage, accumulator = real_format(dtype), DTYPES[dtype].sums
    half = DTYPES[dtype].half
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
                    f"sums in float32 by tensor cores, 2 u per addition, one rounding to {dtype}"
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
    if DTYPES[dtype].complex:
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
                f"inputs reduced to 11 bits, sums in float32 by tensor cores ({UNVALIDATED})",
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
    dict.fromkeys(model.name for dtype in FLOATING for model in models(dtype, "cuda", tf32=True))
)
"""Every name that `--model` accepts."""


def chosen(available: list[Model], name: str, dtype: str) -> list[Model]:
    """Select the named model of a dtype, followed by the norm-wise one.

    The norm-wise model prevents fast algorithms from being refuted.

    Raises:
        ParseError: the dtype has no such model.
    """
    named = [model for model in available if model.name == name]
    if not named:
        known = ", ".join(model.name for model in available)
        raise ParseError(f"--model {name} is not available for {dtype} here; choose from {known}")
    return named + [m for m in available if not m.conventional and m.name != name]


SIGMAS = 16


def suspicious(model: Model, dtype: str, q: Quantities) -> Floats | None:
    """Compute 16 sigma of the error of sums in random order; None where the model has none.

    Only the real accumulation model has one. The mean squares of the partial sums of n terms in
    random order add up to n (y**2/3 + Q/6), Q the sum of the squares of the terms. Each rounding
    error is assumed uniform in its interval, as in Higham & Mary, A new approach to probabilistic
    rounding error analysis, SIAM J. Sci. Comput. 41 (2019). A heuristic, not a theorem.
    """
    storage, accumulator = real_format(dtype), DTYPES[dtype].sums
    half = DTYPES[dtype].half
    if DTYPES[dtype].complex or model.name != f"{accumulator.name}-accumulation":
        return None
    size, squares = q.size(), q.squares()
    variance = (q.terms * (size**2 / 3 + squares / 6) + squares) / 3
    found = SIGMAS * accumulator.unit * np.sqrt(variance) + flushed_by(accumulator, 2 * q.terms + 1)
    return found + storage.unit * size + flushed_by(storage, 1) if half else found
