"""What mistakes are predicted with: the definition, at parameters and operands that are changed."""

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
    """By the definition, for a case whose parameters may be changed ones."""
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
    """Cut at the end, or filled with zeros there."""
    found = np.zeros(shape, dtype=array.dtype)
    both = tuple(slice(0, min(a, b)) for a, b in zip(array.shape, shape, strict=True))
    found[both] = array[both]
    return found


def spatial(array: Array) -> tuple[int, ...]:
    """The axes after channels."""
    return tuple(range(2, array.ndim))


def over_channels(bias: Array, y: Array) -> Array:
    """A bias as it is added to a result."""
    return bias.reshape((1, -1) + (1,) * (y.ndim - 2))


def with_output(case: Case, values: Values, output: Array) -> Results:
    """The right results with another output."""
    return {**results(case, values), "output": output}


def plain(case: Case, values: Values) -> tuple[Results, Values]:
    """The right results, and the operands without the bias."""
    return results(case, values), {n: v for n, v in values.items() if n != "bias"}


def refit(case: Case, values: Values, **changes: Any) -> Results | None:
    """Other parameters, cut or filled to the right shape; the bias where it should be."""
    right, bare = plain(case, values)
    try:
        other = results(replace(case, **changes), bare)
    except GeometryError:
        return None
    y = fitted(other["output"], right["output"].shape)
    if "bias" in values:
        y = y + over_channels(values["bias"], y)
    return {**right, **other, "output": y}
