"""Questions about constants, and whether torch's arithmetic answers them as exact arithmetic does.

A question is an operation whose result can change the path of a program: a comparison, `.item()`,
a conversion to integers. Constants of a program, such as a mask made of ones, do not depend on the
inputs, but they are rounded: `torch.full((1,), 0.1) == 0.1` holds in float32, where the exact
numbers differ. So every exact answer is compared with torch's answer in a run on numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from symconv.core.geometry import Geometry
from symconv.targets.engine import Implementation
from symconv.targets.tensors import steps_of
from symconv.tracing.refusing import words

ASKED = words("eq ne lt gt le ge equal _local_scalar_dense floor ceil sign round trunc")
Answer = tuple[str, Any]


def note(answers: list[Answer], func: Any, args: Any, result: Any) -> None:
    """Append a question and its answer to `answers`; ignore operations that are not questions."""
    base = func._schema.name.split("::")[-1].rstrip("_")
    if base in ASKED or (base == "_to_copy" and _rounds(args, result)):
        answers.append((base, said(result)))


def _rounds(args: Any, result: Any) -> bool:
    """Whether a conversion turns floating-point numbers into integers or booleans."""
    if not args or not isinstance(args[0], torch.Tensor) or not isinstance(result, torch.Tensor):
        return False
    return bool(args[0].is_floating_point() and not result.is_floating_point())


def said(result: Any) -> Any:
    """An answer as plain data: a tensor becomes `(shape, values)`."""
    if not isinstance(result, torch.Tensor):
        return result
    return tuple(result.shape), result.detach().double().reshape(-1).tolist()


class Listener(TorchDispatchMode):  # type: ignore[misc]  # torch is untyped here
    """Dispatch mode that records every question asked inside it.

    Attributes:
        answers: questions with torch's answers, in order.
    """

    def __init__(self) -> None:
        """Start with no answers."""
        super().__init__()
        self.answers: list[Answer] = []

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Let torch run the operation, and record its answer if it is a question."""
        result = func(*args, **(kwargs or {}))
        note(self.answers, func, args, result)
        return result


def heard(
    target: Implementation,
    geometry: Geometry,
    batch: tuple[int, ...],
    dtype: torch.dtype,
    *,
    gradients: bool,
    bias: bool,
) -> list[Answer] | None:
    """The questions that the target asks on normal random numbers, with torch's answers.

    Returns None if the target raises an exception.
    """
    chance = torch.Generator().manual_seed(1)

    def normal(*shape: int) -> Any:
        return torch.randn(*shape, generator=chance, dtype=torch.float64).to(dtype)

    leaves = [normal(*batch, *geometry.input_shape), normal(*geometry.weight_shape)]
    leaves += [normal(geometry.out_channels)] if bias else []
    for leaf in leaves if gradients else ():
        leaf.requires_grad_(True)
    cotangent = normal(*batch, *geometry.output_shape)
    listener = Listener()
    try:
        with listener:
            y = target.call(leaves[0], leaves[1], leaves[2] if bias else None, **steps_of(geometry))
            if gradients:
                torch.autograd.grad(y, leaves, cotangent, allow_unused=True)
    except KeyboardInterrupt:
        raise
    except BaseException:  # the replays judge exceptions on numbers
        return None
    return listener.answers
