"""The rounding models of each dtype, and which of them a user asks for."""

from __future__ import annotations

import numpy as np

from symconv.arithmetic.formats import FORMATS, PART
from symconv.arithmetic.rounding import (
    JEANNEROD_RUMP,
    TENSOR_CORES,
    TF32_INPUTS,
    UNDERFLOW,
    UNVALIDATED,
    Floats,
    Model,
    Quantities,
    any_order,
    flushed_by,
    norm_wise,
    overlap_added,
    stored_once,
    tensor_cores,
    three_products,
)
from symconv.errors import ParseError


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
