"""Calls through torch.compile that are known to have been compiled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from symconv.core.errors import EngineMissing, NotTheTargets, Undecided
from symconv.targets import torchlib

NO_COMPILER = ("InvalidCxxCompiler", "TritonMissing", "GPUTooOldForTriton")
"""Classes of torch._inductor.exc: what Inductor needs is not on this machine."""


class CompilerMissing(EngineMissing, NotTheTargets):
    """Inductor has no compiler to call."""


class NothingCompiled(Undecided, NotTheTargets):
    """Torch.compile was asked to compile and ran the program as it is."""


def compile_anew(function: Callable[..., Any], dynamic: bool) -> Callable[..., Any]:
    """`torch.compile(function)`, forgetting what was compiled before.

    Raises:
        CompilerMissing: by a call; Inductor finds no compiler.
        NothingCompiled: by the first call; torch.compile did nothing.
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
