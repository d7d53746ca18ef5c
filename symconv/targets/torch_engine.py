"""The engine torch: operands laid out, one call forward and backward, everything observed."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from symconv.exact.dtypes import DTYPES
from symconv.results.reasons import ReasonKind, because
from symconv.targets import cuda, torchlib
from symconv.targets.calling import call, judgeable, leaves_of
from symconv.targets.engine import TORCH, Implementation, Observed, Settings
from symconv.targets.environment import Backends, backends, describe
from symconv.targets.faults import Caught, Fault, Raised, read_raised
from symconv.targets.resolve import no_exit
from symconv.targets.tensors import LAYOUTS, Array, Layouts, Problem, steps_of, to_numpy, to_torch


class TorchEngine:
    """torch: functions of tensors, with gradients by autograd."""

    name = TORCH
    dtypes = tuple(DTYPES)
    devices = ("cpu", "cuda", "meta")
    layouts = tuple(LAYOUTS)
    description = "torch tensors"
    batches = True

    def require(self, device: str) -> None:
        """See `Engine.require`."""
        torchlib.load()
        if device == "cuda":
            torchlib.devices(device)

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
        """Call the implementation once and read everything that can be judged.

        `steps` are torch's parameters, where they are at hand. Without `batched` the one sample is
        passed without a batch axis. What the call raises of type `caught` is a finding.
        """
        dtype, device = problem.dtype, problem.device
        shown = slice(None) if batched else 0
        operands = {"x": problem.x[shown], "w": problem.w, "bias": problem.bias}
        if gradients:
            operands["grad"] = problem.grad[shown]
        pairs = {
            name: _leaf(values, dtype, device, getattr(layouts, name, "contiguous"))
            for name, values in operands.items()
            if values is not None
        }
        leaves = leaves_of(
            *((pairs[n][0] if n in pairs else None) for n in ("x", "w", "bias", "grad"))
        )
        steps = steps_of(problem.geometry) if steps is None else steps
        kernel = ""
        if with_kernel:
            kernel = torchlib.chosen_kernel(leaves.x, leaves.w, leaves.bias, **steps)
        shape = (*problem.x.shape[: int(batched)], *problem.geometry.output_shape)
        with no_exit():
            found, faults = judgeable(call(target, leaves, steps, caught), leaves, shape)
        if any(fault.raised is not None for fault in faults) and cuda.is_lost(device):
            return Observed({}, faults, kernel, lost=True)
        if not all(same(leaf.detach(), plain) for leaf, plain in pairs.values()):
            faults.append(Fault("mutated input", because(ReasonKind.CHANGED_INPUT)))
        results = {name: to_numpy(value) for name, value in found.items()}
        if not batched:
            results |= {n: results[n][None] for n in ("output", "grad_input") if n in results}
        return Observed(results, faults, kernel)

    def switched(self, switches: Mapping[str, bool]) -> AbstractContextManager[None]:
        """See `Engine.switched`."""
        return backends(switches)

    def settings(self) -> Settings:
        """See `Engine.settings`."""
        return TorchSettings()

    def kernel(self, problem: Problem, steps: Mapping[str, Any]) -> str:
        """See `Engine.kernel`."""
        torch = torchlib.load()
        kind = getattr(torch, problem.dtype)
        made = [
            None if v is None else torch.empty(v.shape, dtype=kind, device=problem.device)
            for v in (problem.x, problem.w, problem.bias)
        ]
        return torchlib.chosen_kernel(*made, **steps)

    def shape_of_result(
        self,
        target: Implementation,
        shapes: Mapping[str, tuple[int, ...]],
        dtype: str,
        device: str,
        steps: Mapping[str, Any],
        caught: Caught,
    ) -> tuple[int, ...] | Raised | None:
        """See `Engine.shape_of_result`; the meta device has shapes without values."""
        torch = torchlib.load()
        kind = getattr(torch, dtype)
        try:
            made = {n: torch.zeros(s, dtype=kind, device=device) for n, s in shapes.items()}
        except RuntimeError:
            return None
        try:
            y = target.call(made["x"], made["w"], made.get("bias"), **steps)
            if device != "meta":
                cuda.synchronize(made["x"])
        except caught as error:  # the target may refuse in any way
            if cuda.is_lost(device):
                raise cuda.DeviceLost(read_raised(error).brief) from None
            return read_raised(error)
        return tuple(getattr(y, "shape", ()))

    def environment(self, device: str, switches: Mapping[str, bool]) -> dict[str, str]:
        """See `Engine.environment`."""
        return describe(device, switches)


class TorchSettings:
    """torch's number of threads and its backend switches; see `Settings`."""

    def __init__(self) -> None:
        """Start without changing anything."""
        self._backends = Backends()
        self._threads = 0  # torch's own setting, 0 while unchanged

    def set(self, threads: int, switches: Mapping[str, bool]) -> None:
        """See `Settings.set`."""
        torch = torchlib.load()
        now = torch.get_num_threads()
        if now != threads:
            self._threads = self._threads or now
            torch.set_num_threads(threads)
        self._backends.set(switches)

    def restore(self) -> None:
        """See `Settings.restore`."""
        self._backends.restore()
        if self._threads:
            torchlib.load().set_num_threads(self._threads)
            self._threads = 0


def _leaf(values: Array, dtype: str, device: str, layout: str) -> tuple[Any, Any]:
    """An operand in its layout, and a plain one that nobody can change."""
    plain = to_torch(values, dtype, device)
    leaf = LAYOUTS[layout](plain)
    shared = leaf.data_ptr() == plain.data_ptr()
    return leaf, plain.clone() if shared else plain


def same(left: Any, right: Any) -> bool:
    """Equal, a nan being equal to itself."""
    if left.shape != right.shape:
        return False
    if left.equal(right):
        return True
    return bool(((left == right) | ((left != left) & (right != right))).all())


ENGINE = TorchEngine()
