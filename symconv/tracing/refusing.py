"""Why a program cannot be traced, with the responsible line of the user's code."""

from __future__ import annotations

import traceback
from pathlib import Path

import torch

from symconv.core.errors import NotTheTargets

HERE = Path(__file__).resolve().parents[1]
TORCH = Path(torch.__file__).resolve().parent
STANDARD_LIBRARY = Path(traceback.__file__).resolve().parent


class Refused(NotTheTargets):
    """The program does something that has no polynomial.

    Attributes:
        reason: what it does.
        where: `file:line: code` in the user's program; empty if it was not found.
    """

    def __init__(self, reason: str) -> None:
        """Store the reason and look up the responsible line on the stack."""
        super().__init__(reason)
        self.reason = reason
        self.where = user_line()

    def __str__(self) -> str:
        return f"{self.reason} ({self.where})" if self.where else self.reason


class ValuesAsked(Refused):
    """The program needs values that depend on the inputs; tracing at a `Point` provides them."""


def user_line() -> str:
    """`file:line: code` of the innermost frame of the user's code, or an empty string.

    Frames of torch, symconv, installed packages and the standard library are skipped.
    """
    for frame in reversed(traceback.extract_stack()):
        path = Path(frame.filename)
        if (
            path.suffix != ".py"
            or not path.is_file()
            or HERE in path.parents
            or TORCH in path.parents
        ):
            continue
        if "site-packages" in path.parts or STANDARD_LIBRARY in path.parents:
            continue
        return f"{path.name}:{frame.lineno}: {frame.line}"
    return ""


def words(text: str) -> frozenset[str]:
    """The set of words in a text."""
    return frozenset(text.split())


VALUES_COMPARED = words(
    "eq ne lt gt le ge isnan isfinite relu abs clamp sign maximum minimum max min amax amin equal "
    "is_nonzero bitwise_and bitwise_or logical_not logical_and argmax sort topk round floor"
)
ANSWERED = words(
    "eq ne lt gt le ge abs sign relu maximum minimum floor ceil clamp equal _local_scalar_dense"
)
"""Operations on values that can be answered where the values are known, as at a `Point`."""
KNOWN = {
    "_local_scalar_dense": "the program asks for a number (.item(), float(), or an if on a value)",
    "nonzero": "the shape of the result depends on values",
    "_fft_r2c": "roots of unity are not rational numbers",
    "_fft_c2c": "roots of unity are not rational numbers",
}


def unknown(name: str) -> Refused:
    """The refusal of an operation that has no handler or needs unknown values."""
    kind = ValuesAsked if name in ANSWERED else Refused
    if name in KNOWN:
        return kind(f"aten.{name}: {KNOWN[name]}")
    if name in VALUES_COMPARED:
        return kind(f"aten.{name}: the program compares values, so it is not one polynomial")
    return Refused(f"aten.{name} is not among the operations that are followed")
