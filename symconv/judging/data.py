"""A case made of the user's own values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from symconv.core.dialects.building import torch_geometry
from symconv.core.errors import ParseError, ShapeError
from symconv.exact.operands import check_transposed_weight
from symconv.exact.ranks import read_ranks
from symconv.judging.cases import from_data
from symconv.targets.tensors import Array, Problem, held


def problem_from(
    given: Mapping[str, Array],
    dtype: str,
    *,
    groups: int,
    steps: Mapping[str, Any],
    dims: int | None,
    seed: int,
) -> Problem:
    """The single problem described by `x`, `w`, and optionally `bias` and `grad`.

    Values that the dtype cannot represent are rounded first, and the problem's name says so.

    Raises:
        ShapeError: ranks or shapes do not fit together.
        GeometryError: a parameter is illegal.
        ParseError: values are complex but the dtype is real.
    """
    x, w = given["x"], given["w"]
    ranks = read_ranks(x.ndim, w.ndim, dims)
    if ranks.paper:
        x, w = x[None, None], w[None, None]
    elif not ranks.batched:
        x = x[None]
    if 0 in x.shape or 0 in w.shape:
        raise ShapeError(f"x has shape {x.shape} and w {w.shape}; at least one entry is required")
    check_transposed_weight(x.shape[1], w.shape, groups)
    geometry = torch_geometry(
        x.shape[2:],
        w.shape[2:],
        in_channels=x.shape[1],
        out_channels=w.shape[1] * groups,
        groups=groups,
        **steps,
    )
    operands = {"x": x, "w": w}
    wanted = {"bias": (geometry.out_channels,), "grad": (x.shape[0], *geometry.output_shape)}
    for name, shape in wanted.items():
        if name in given:
            values = given[name]
            if math.prod(values.shape) != math.prod(shape):
                label = "--bias-values" if name == "bias" else "--grad-output"
                raise ShapeError(f"{label} has shape {values.shape}, but {shape} is required")
            operands[name] = values.reshape(shape)
    if not dtype.startswith("complex") and any(map(np.iscomplexobj, operands.values())):
        raise ParseError(f"complex values were given with --dtype {dtype}; use complex128")
    if dtype.startswith("complex"):
        operands = {name: values.astype(np.complex128) for name, values in operands.items()}
    rounded = [n for n, v in operands.items() if not np.array_equal(held(v, dtype), v, True)]
    note = f", {' and '.join(rounded)} rounded to {dtype}" if rounded else ""
    return from_data(geometry, dtype, operands, seed, f"as given{note}")
