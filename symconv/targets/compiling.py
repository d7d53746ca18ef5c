"""Calls through torch.compile that are verified to have been compiled."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from symconv.core.errors import EngineMissing, NotTheTargets, Undecided
from symconv.targets import torchlib

NO_COMPILER = ("InvalidCxxCompiler", "TritonMissing", "GPUTooOldForTriton")
"""Exceptions of torch._inductor.exc: Inductor finds no compiler or GPU that it can use."""


class CompilerMissing(EngineMissing, NotTheTargets):
    """Inductor finds no compiler on this machine."""


class NothingCompiled(Undecided, NotTheTargets):
    """`torch.compile` ran the program without compiling anything."""


def forget_compiled() -> None:
    """Discard what torch.compile has compiled, if it was used in this process."""
    if "torch._dynamo" in sys.modules:
        torchlib.load()._dynamo.reset()


def compile_anew(function: Callable[..., Any], dynamic: bool) -> Callable[..., Any]:
    """`torch.compile(function)`, after discarding everything compiled before.

    Raises:
        CompilerMissing: on a call, if Inductor finds no compiler.
        NothingCompiled: on the first call, if torch.compile compiled nothing.
    """
    torch = torchlib.load()
    torch._dynamo.reset()
    made = torch.compile(function, dynamic=dynamic)
    known = False

    def call(*operands: Any, **steps: Any) -> Any:
        nonlocal known
        graphs = torch._dynamo.utils.counters["stats"]["unique_graphs"]
        with _compiler_is_needed(), torch._dynamo.config.patch(suppress_errors=False):
            result = made(*operands, **steps)
        known = known or torch._dynamo.utils.counters["stats"]["unique_graphs"] > graphs
        if not known:
            raise NothingCompiled(
                "--compile: torch.compile compiled nothing: TorchDynamo is disabled, or it found "
                "no graph in the program"
            )
        return result

    return call


@contextmanager
def _compiler_is_needed() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        seen: BaseException | None = error
        while seen is not None:
            inner = getattr(seen, "inner_exception", None) or seen.__cause__
            if type(seen).__name__ in NO_COMPILER:
                raise CompilerMissing(f"--compile: {str(seen).splitlines()[0]}") from error
            seen = inner
        raise
