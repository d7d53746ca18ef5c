"""Switching TF32 on CUDA on and off, and restoring it, through both of torch's interfaces.

Torch has one flag each for cuBLAS and cuDNN (`allow_tf32`), and since 2.9 a precision for each
operator (`fp32_precision`) that inherits from `torch.backends.fp32_precision`. A flag that is off
does not stop an operator that inherits TF32, and reading a flag raises where the two interfaces
disagree. Here both are always set to the same value.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from symconv.targets import torchlib


@dataclass(frozen=True, slots=True)
class State:
    """Torch's TF32 settings.

    Attributes:
        flags: of cuBLAS and cuDNN; None where reading raises because the interfaces disagree.
        precisions: effective precisions of the operators; empty before torch 2.9.
        matmul: `torch.get_float32_matmul_precision()`; None where reading raises.
    """

    flags: tuple[bool | None, ...]
    precisions: tuple[str, ...]
    matmul: str | None

    @property
    def on(self) -> bool:
        """Whether any operator may use TF32."""
        return "tf32" in self.precisions if self.precisions else any(self.flags)


def _flags() -> tuple[Any, ...]:
    backends = torchlib.load().backends
    return backends.cuda.matmul, backends.cudnn


def _operators() -> tuple[Any, ...]:
    """Owners of `fp32_precision`; none before torch 2.9."""
    backends = torchlib.load().backends
    if not hasattr(backends.cudnn, "conv"):
        return ()
    return backends.cuda.matmul, backends.cudnn.conv, backends.cudnn.rnn


def state() -> State:
    """The current settings."""
    torch = torchlib.load()
    flags: list[bool | None] = []
    for owner in _flags():
        flags.append(None)
        with suppress(RuntimeError):
            flags[-1] = bool(owner.allow_tf32)
    matmul = None
    with suppress(RuntimeError):
        matmul = str(torch.get_float32_matmul_precision())
    precisions = tuple(str(owner.fp32_precision) for owner in _operators())
    return State(tuple(flags), precisions, matmul)


def switch(on: bool) -> None:
    """Turn TF32 on or off for all operators."""
    for owner in _flags():
        owner.allow_tf32 = on
    for owner in _operators():
        owner.fp32_precision = "tf32" if on else "ieee"


def restore(before: State) -> None:
    """Restore the settings; an operator that inherited its precision inherits it again."""
    torch = torchlib.load()
    for owner, flag in zip(_flags(), before.flags, strict=True):
        owner.allow_tf32 = before.on if flag is None else flag
    if before.matmul is not None and state().matmul != before.matmul:
        torch.set_float32_matmul_precision(before.matmul)
    for owner, precision in zip(_operators(), before.precisions, strict=True):
        owner.fp32_precision = "none"
        if owner.fp32_precision != precision:
            owner.fp32_precision = precision
