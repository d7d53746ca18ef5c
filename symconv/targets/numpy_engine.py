"""The engine NumPy: functions of arrays, such as a loop on a blackboard; forward only."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from symconv.core.errors import EngineMissing
from symconv.exact.dtypes import DTYPES
from symconv.results.reasons import Reason, ReasonKind, because
from symconv.targets.engine import Implementation, Observed, Settings
from symconv.targets.faults import (
    NO_BACKWARD,
    Caught,
    Fault,
    Faults,
    Raised,
    declined,
    read_raised,
    require_its_own,
)
from symconv.targets.tensors import Array, Layouts, Problem, steps_of

LAYOUTS = {
    "contiguous": lambda a: np.ascontiguousarray(a),
    "transposed": lambda a: np.ascontiguousarray(a.swapaxes(-1, -2)).swapaxes(-1, -2),
    "strided": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
}


class NumpyEngine:
    """NumPy: a function of (x, w, bias, stride, padding, ...) that returns an array."""

    name = "numpy"
    dtypes = tuple(name for name, dtype in DTYPES.items() if dtype.numpy)
    devices = ("cpu",)
    layouts = tuple(LAYOUTS)
    description = "NumPy arrays, forward only"
    batches = False

    def require(self, device: str) -> None:
        """See `Engine.require`."""
        if device not in self.devices:
            raise EngineMissing(f"--device {device}: NumPy runs on the CPU. Use --device cpu")

    def observe(
        self,
        target: Implementation,
        problem: Problem,
        layouts: Layouts,
        gradients: bool,
        *,
        steps: Mapping[str, Any] | None,
        batched: bool,
        with_kernel: bool,
        caught: Caught,
    ) -> Observed:
        """See `Engine.observe`; there is no backward pass."""
        shown = slice(None) if batched else 0
        given = {"x": problem.x[shown], "w": problem.w, "bias": problem.bias}
        operands = {
            name: LAYOUTS[getattr(layouts, name, "contiguous")](
                values.astype(DTYPES[problem.dtype].numpy)
            )
            for name, values in given.items()
            if values is not None
        }
        before = {name: values.copy() for name, values in operands.items()}
        steps = steps_of(problem.geometry) if steps is None else steps
        try:
            y = target.call(operands["x"], operands["w"], operands.get("bias"), **steps)
        except caught as error:
            require_its_own(error, caught)
            return Observed({}, [declined(read_raised(error), gradients)])
        shape = (*problem.x.shape[: int(batched)], *problem.geometry.output_shape)
        faults = _faults(y, shape, operands)
        if any(not np.array_equal(v, before[n], equal_nan=True) for n, v in operands.items()):
            faults.append(Fault("mutated input", because(ReasonKind.CHANGED_INPUT)))
        if gradients:
            faults.append(Fault(NO_BACKWARD, because(ReasonKind.NO_BACKWARD, from_inputs=True)))
        if any(f.kind in ("return type", "shape") for f in faults):
            return Observed({}, faults)
        result = np.array(y)
        return Observed({"output": result if batched else result[None]}, faults)

    def switched(self, switches: Mapping[str, bool]) -> AbstractContextManager[None]:
        """See `Engine.switched`; NumPy has no switches."""
        return nullcontext()

    def settings(self) -> Settings:
        """See `Engine.settings`; NumPy has none."""
        return NoSettings()

    def kernel(self, problem: Problem, steps: Mapping[str, Any]) -> str:
        """See `Engine.kernel`; NumPy chooses none."""
        return ""

    def shape_of_result(
        self,
        target: Implementation,
        shapes: Mapping[str, tuple[int, ...]],
        dtype: str,
        device: str,
        steps: Mapping[str, Any],
        caught: Caught,
    ) -> tuple[int, ...] | Raised | None:
        """See `Engine.shape_of_result`."""
        try:
            made = {n: np.zeros(s, DTYPES[dtype].numpy) for n, s in shapes.items()}
        except ValueError:
            return None
        try:
            y = target.call(made["x"], made["w"], made.get("bias"), **steps)
        except caught as error:
            return read_raised(error)
        return tuple(getattr(y, "shape", ()))

    def environment(self, device: str, switches: Mapping[str, bool]) -> dict[str, str]:
        """See `Engine.environment`."""
        return {"python": platform.python_version(), "numpy": np.__version__, "device": "cpu"}


class NoSettings:
    """No threads and no switches; see `Settings`."""

    def set(self, threads: int, switches: Mapping[str, bool]) -> None:
        """See `Settings.set`."""

    def restore(self) -> None:
        """See `Settings.restore`."""


def _faults(y: Any, shape: tuple[int, ...], operands: Mapping[str, Array]) -> Faults:
    if not isinstance(y, np.ndarray):
        return [Fault("return type", because(ReasonKind.RETURN_TYPE, got=type(y).__name__))]
    found: Faults = []
    if y.shape != shape:
        found.append(Fault("shape", _other(ReasonKind.SHAPE, y.shape, shape)))
    if y.dtype != operands["x"].dtype:
        found.append(Fault("dtype", _other(ReasonKind.DTYPE, y.dtype, operands["x"].dtype)))
    if any(np.shares_memory(y, values) for values in operands.values()):
        found.append(Fault("view of input", because(ReasonKind.VIEW_OF_INPUT)))
    return found


def _other(kind: ReasonKind, got: object, needed: object) -> Reason:
    return because(kind, got=str(got), needed=str(needed))


ENGINE = NumpyEngine()
