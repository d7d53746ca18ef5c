"""Helpers to predict mistakes: the definition, with changed parameters or operands."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from symconv.campaign.case import Case
from symconv.campaign.contractions import Plan
from symconv.core.errors import GeometryError
from symconv.core.geometry import Geometry

Array = np.ndarray[Any, Any]
Values = dict[str, Array]
Results = dict[str, Array]


def results(case: Case, values: Values) -> Results:
    """All results by the definition; grad is cropped or zero-filled to the output shape."""
    plan = _plan(case.geometry())
    batch = values["x"].shape[0]
    grad = values["grad"]
    if grad.size != batch * np.prod(plan.output_shape):
        grad = fitted(grad, (batch, *plan.output_shape))
    return plan.results(values["x"], values["w"], values.get("bias"), grad)


@lru_cache(maxsize=256)
def _plan(geometry: Geometry) -> Plan:
    return Plan(geometry)


def fitted(array: Array, shape: tuple[int, ...]) -> Array:
    """Crop or zero-fill an array at the end of each axis to the given shape."""
    found = np.zeros(shape, dtype=array.dtype)
    both = tuple(slice(0, min(a, b)) for a, b in zip(array.shape, shape, strict=True))
    found[both] = array[both]
    return found


def spatial(array: Array) -> tuple[int, ...]:
    """The axes after batch and channels."""
    return tuple(range(2, array.ndim))


def over_channels(bias: Array, y: Array) -> Array:
    """The bias, reshaped to broadcast over a result."""
    return bias.reshape((1, -1) + (1,) * (y.ndim - 2))


def with_output(case: Case, values: Values, output: Array) -> Results:
    """The exact results with another output."""
    return {**results(case, values), "output": output}


def plain(case: Case, values: Values) -> tuple[Results, Values]:
    """The exact results, and the operands without the bias."""
    return results(case, values), {n: v for n, v in values.items() if n != "bias"}


def refit(case: Case, values: Values, **changes: Any) -> Results | None:
    """Results with changed parameters, the output cropped or zero-filled to the exact shape.

    The bias is added afterwards. None if the changed parameters are illegal.
    """
    right, bare = plain(case, values)
    try:
        other = results(replace(case, **changes), bare)
    except GeometryError:
        return None
    y = fitted(other["output"], right["output"].shape)
    if "bias" in values:
        y = y + over_channels(values["bias"], y)
    return {**right, **other, "output": y}
