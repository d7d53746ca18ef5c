"""Why a program cannot be followed, with the line of the user's code that asked for it."""

from __future__ import annotations

import traceback
from pathlib import Path

import torch

from symconv.core.errors import NotTheTargets

HERE = Path(__file__).resolve().parents[1]
TORCH = Path(torch.__file__).resolve().parent
STANDARD_LIBRARY = Path(traceback.__file__).resolve().parent


class Refused(NotTheTargets):
    """The program does something that has no polynomial; `where` is `file:line: code`."""

    def __init__(self, reason: str) -> None:
        """`reason` in words; the line is looked up on the stack."""
        super().__init__(reason)
        self.reason = reason
        self.where = user_line()

    def __str__(self) -> str:
        return f"{self.reason} ({self.where})" if self.where else self.reason


class ValuesAsked(Refused):
    """It asks for values that depend on the inputs; at a point it could be answered."""


def user_line() -> str:
    """The innermost line on the stack that is not of torch, symconv or the standard library."""
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
    """The words of a text."""
    return frozenset(text.split())


VALUES_COMPARED = words(
    "eq ne lt gt le ge isnan isfinite relu abs clamp sign maximum minimum max min amax amin equal "
    "is_nonzero bitwise_and bitwise_or logical_not logical_and argmax sort topk round floor"
)
ANSWERED = words(
    "eq ne lt gt le ge abs sign relu maximum minimum floor ceil clamp equal _local_scalar_dense"
)
"""Questions that have an answer where the values are known."""
KNOWN = {
    "_local_scalar_dense": "the program asks for a number (.item(), float(), or an if on a value)",
    "nonzero": "the shape of the result depends on values",
    "_fft_r2c": "roots of unity are not rational numbers",
    "_fft_c2c": "roots of unity are not rational numbers",
}


def unknown(name: str) -> Refused:
    """The refusal of an operation that has no handler."""
    kind = ValuesAsked if name in ANSWERED else Refused
    if name in KNOWN:
        return kind(f"aten.{name}: {KNOWN[name]}")
    if name in VALUES_COMPARED:
        return kind(f"aten.{name}: the program compares values, so it is not one polynomial")
    return Refused(f"aten.{name} is not among the operations that are followed")
