"""The exact results of a call, with torch's convention for gradients of complex data."""

from __future__ import annotations

from typing import Any

import numpy as np

from symconv.exact.contract import Contraction
from symconv.exact.prepared import PreparedOperand
from symconv.exact.truth import Truth
from symconv.targets.tensors import Problem

Array = np.ndarray[Any, Any]


def finite_part(values: Array) -> Array:
    """Replace inf and nan by 0, in each part of a complex number."""
    if np.isfinite(values).all():
        return values
    if np.iscomplexobj(values):
        return finite_part(values.real) + 1j * finite_part(values.imag)
    return np.where(np.isfinite(values), values, 0.0)


def truths(problem: Problem, w: PreparedOperand | None = None) -> dict[str, Truth]:
    """The `Truth` of each result, for the finite part of the operands.

    `w` is the prepared weight, if the caller has it already.
    """
    g = problem.geometry
    x, v = PreparedOperand(finite_part(problem.x)), PreparedOperand(finite_part(problem.grad))
    w = PreparedOperand(finite_part(problem.w)) if w is None else w
    bias = None if problem.bias is None else PreparedOperand(finite_part(problem.bias))
    work = np.float32 if problem.whole <= 2**24 else np.float64
    return {
        "output": Truth("output", g, Contraction.OUTPUT, x, w, bias, work=work),
        "grad_input": Truth("grad_input", g, Contraction.GRAD_INPUT, v, w, None, (1, -1), work),
        "grad_weight": Truth("grad_weight", g, Contraction.GRAD_WEIGHT, x, v, None, (-1, 1), work),
        "grad_bias": Truth("grad_bias", g, None, v, v),
    }
