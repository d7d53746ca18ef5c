"""One call of an implementation, observed by the engine that it computes with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symconv.targets.engine import Implementation, Observed
from symconv.targets.faults import RAISED, Caught
from symconv.targets.tensors import Layouts, Problem


def observe(
    target: Implementation,
    problem: Problem,
    layouts: Layouts,
    gradients: bool,
    *,
    steps: Mapping[str, Any] | None = None,
    batched: bool = True,
    with_kernel: bool = True,
    caught: Caught = RAISED,
) -> Observed:
    """Call the implementation once and read everything that can be judged; see `Engine.observe`."""
    return target.engine.observe(
        target,
        problem,
        layouts,
        gradients,
        steps=steps,
        batched=batched,
        with_kernel=with_kernel,
        caught=caught,
    )
