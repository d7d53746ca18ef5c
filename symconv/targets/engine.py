"""The engines that implementations compute with, and what the judge asks of one.

An engine is a module of this package with a constant `ENGINE`; its name is listed in `MODULES`.
The judge sees NumPy arrays, dtypes by name and records; only the engine knows its framework.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from symconv.core.errors import ParseError
from symconv.targets.faults import Caught, Faults, Raised

if TYPE_CHECKING:
    from symconv.targets.tensors import Array, Layouts, Problem

TORCH = "torch"
MODULES = ("torch_engine", "numpy_engine")
"""The modules of the engines; the first one is the default."""


@dataclass(frozen=True)
class Observed:
    """Everything that can be judged of one call.

    Attributes:
        results: `output`, and with gradients `grad_input`, `grad_weight`, `grad_bias`.
        faults: structural faults.
        kernel: the kernel that the framework chose for these operands, "" if unknown.
        lost: the call left the device in a state in which nothing works in this process.
    """

    results: dict[str, Array] = field(default_factory=dict)
    faults: Faults = field(default_factory=list)
    kernel: str = ""
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Implementation:
    """A function with the signature of torch.nn.functional.conv_transposeNd.

    Attributes:
        name: as the user wrote it.
        call: `(input, weight, bias, **steps) -> output`, on the engine's own arrays.
        convention: how the target itself is called, a name of `CONVENTIONS`.
        surface: how it is run, a name of `SURFACES`.
        framework: the name of the engine.
    """

    name: str
    call: Callable[..., Any]
    convention: str = "torch"
    surface: str = "eager"
    framework: str = TORCH

    @property
    def engine(self) -> Engine:
        """The engine that it computes with."""
        return engine_named(self.framework)

    @property
    def paper(self) -> bool:
        """Whether it is a function of a matrix and a kernel."""
        return self.convention == "paper"


class Settings(Protocol):
    """Threads and switches of a framework, which stay until others are set."""

    def set(self, threads: int, switches: Mapping[str, bool]) -> None:
        """Set the number of threads and the switches."""

    def restore(self) -> None:
        """Restore what was set before."""


class Engine(Protocol):
    """A framework that implementations compute with.

    Attributes:
        name: the name for `--engine`.
        dtypes: torch's names of the dtypes that it has.
        devices: the devices that it can run on.
        layouts: the memory layouts that it can give an operand.
        description: the arguments that its targets take, for `--help`.
        batches: a campaign may call several draws together; only torch.
    """

    name: str
    dtypes: tuple[str, ...]
    devices: tuple[str, ...]
    layouts: tuple[str, ...]
    description: str
    batches: bool

    def require(self, device: str) -> None:
        """Check that the framework and the device are available.

        Raises:
            EngineMissing: one of them is not.
        """

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
        """Call the implementation once on a problem.

        Args:
            steps: torch's parameters, if they are known already.
            batched: pass operands with a batch axis.
            with_kernel: ask for the kernel that the framework chooses.
            caught: exceptions of this type are faults of the target.
        """

    def switched(self, switches: Mapping[str, bool]) -> AbstractContextManager[None]:
        """Set switches of the framework inside a `with` block."""

    def settings(self) -> Settings:
        """Threads and switches that can be set and restored."""

    def kernel(self, problem: Problem, steps: Mapping[str, Any]) -> str:
        """The kernel that the framework would choose for a problem, "" if unknown."""

    def shape_of_result(
        self,
        target: Implementation,
        shapes: Mapping[str, tuple[int, ...]],
        dtype: str,
        device: str,
        steps: Mapping[str, Any],
        caught: Caught,
    ) -> tuple[int, ...] | Raised | None:
        """Call the implementation on zeros of these shapes of `x`, `w` and possibly `bias`.

        Returns:
            The shape of the result, the exception of the call, or None if not even the operands
            can be made.
        """

    def environment(self, device: str, switches: Mapping[str, bool]) -> dict[str, str]:
        """Versions, device and switches, to report with a verdict."""


@cache
def engines() -> Mapping[str, Engine]:
    """Every engine by its name."""
    found = [importlib.import_module(f"symconv.targets.{name}").ENGINE for name in MODULES]
    return {engine.name: engine for engine in found}


def engine_named(name: str) -> Engine:
    """The engine of a name.

    Raises:
        ParseError: there is none.
    """
    found = engines().get(name)
    if found is None:
        raise ParseError(f"--engine {name!r} is not known; choose from {', '.join(engines())}")
    return found
