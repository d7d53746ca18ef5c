"""The exact reference as a function of torch tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from symconv.core.errors import ParseError
from symconv.exact.dtypes import FLOATING
from symconv.exact.nearest import correctly_rounded
from symconv.judging.data import problem_from
from symconv.judging.truths import truths
from symconv.targets.tensors import to_numpy, to_torch


def rounded_output(x: Any, w: Any, bias: Any, groups: int, steps: Mapping[str, Any]) -> Any:
    """The transposed convolution of torch tensors, correctly rounded, on the CPU in their dtype.

    Raises:
        ParseError: the dtypes differ or are not floating point, or a value is not finite.
    """
    given = {"x": x, "w": w} | ({} if bias is None else {"bias": bias})
    dtypes = {
        str(getattr(t, "dtype", type(t).__name__)).removeprefix("torch.") for t in given.values()
    }
    if len(dtypes) > 1 or not dtypes <= set(FLOATING):
        raise ParseError(
            f"all tensors must have one dtype of {', '.join(FLOATING)}; given: "
            f"{', '.join(sorted(dtypes))}"
        )
    (dtype,) = dtypes
    wide = np.complex128 if dtype.startswith("complex") else np.float64
    arrays = {name: to_numpy(t).astype(wide) for name, t in given.items()}
    if not all(np.isfinite(a).all() for a in arrays.values()):
        raise ParseError("correct rounding requires finite values; inf or nan was given")
    problem = problem_from(arrays, dtype, groups=groups, steps=steps, dims=w.dim() - 2, seed=0)
    parts = correctly_rounded(truths(problem)["output"], dtype)
    found = parts[0] + 1j * parts[1] if len(parts) == 2 else parts[0]
    batched = x.dim() == w.dim()
    return to_torch(found if batched else found[0], dtype, "cpu")
