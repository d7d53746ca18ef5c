"""The coefficients of a target's products, read with one-hot operands.

If an implementation is bilinear, its output at x = e_i, w = e_k is the row of coefficients of the
product x[i] w[k]. Whether it is bilinear is checked on the case's own values.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from symconv.campaign.case import Case
from symconv.campaign.execute import Executor
from symconv.campaign.operand_values import operands, written

MOST_PAIRS = 1024


def decode(executor: Executor, case: Case) -> dict[str, Any] | None:
    """Coefficients of one sample, or None if the target raises or the case is too large.

    Returns `{"terms": [[i, k, o, coefficient]], "bias": ..., "constant": ..., "bilinear": ...}`
    with flat indices: the response to each one-hot bias, the output of all-zero operands, and
    whether these coefficients predict the output for the case's own values.
    """
    plan = executor.plan(case)
    n_x, n_w = math.prod(plan.input_shape), math.prod(plan.weight_shape)
    if n_x * n_w > MOST_PAIRS:
        return None
    plain = replace(case, batch=1, gradients=False, x_layout="contiguous", w_layout="contiguous")
    n_bias = case.out_channels if case.bias else 0

    def call(x: Any, w: Any, bias: Any) -> Any:
        values = {"x": x, "w": w, "grad": np.zeros(math.prod(plan.output_shape))}
        if case.bias:
            values["bias"] = bias
        return executor.output(replace(plain, values=written(values)))

    zero_x, zero_w, zero_b = np.zeros(n_x), np.zeros(n_w), np.zeros(n_bias)
    base = call(zero_x, zero_w, zero_b)
    if base is None:
        return None
    found = []
    for i in range(n_x):
        for k in range(n_w):
            y = call(np.eye(n_x)[i], np.eye(n_w)[k], zero_b)
            if y is None:
                return None
            for o in np.flatnonzero(y - base).tolist():
                found.append([i, k, o, float((y - base)[o])])
    biases = []
    for b in range(n_bias):
        y = call(zero_x, zero_w, np.eye(n_bias)[b])
        if y is None:
            return None
        biases.append([float(v) for v in y - base])
    return {
        "terms": found,
        "bias": biases,
        "constant": [float(v) for v in base],
        "bilinear": _explains(executor, plain, case, found, biases, base),
    }


def _explains(
    executor: Executor, plain: Case, case: Case, terms: Any, biases: Any, base: Any
) -> bool:
    """Whether the coefficients predict what the target returns for the case's own first sample."""
    values = operands(case, executor.plan(case))
    x, w = values["x"][0].ravel(), values["w"].ravel()
    own = {"x": x, "w": w, "grad": np.zeros(base.size)}
    expected = base.copy()
    for i, k, o, c in terms:
        expected[o] += c * (x[i] * w[k]).real
    if case.bias:
        own["bias"] = values["bias"]
        for b, row in enumerate(biases):
            expected += values["bias"][b].real * np.array(row)
    actual = executor.output(replace(plain, values=written(own)))
    return actual is not None and bool(np.allclose(actual, expected, rtol=1e-4, atol=1e-30))
