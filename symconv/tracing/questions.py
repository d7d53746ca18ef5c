"""Questions about constants, and whether the real program gets the answers that exact ones give.

Constants of a program, such as a mask made of ones, do not depend on the inputs, but they are
rounded: `torch.full((1,), 0.1) == 0.1` holds in float32. So what was answered exactly is compared
with what torch answers in a run on numbers, question by question.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from symconv.core.geometry import Geometry
from symconv.targets.resolve import Implementation
from symconv.targets.tensors import steps_of
from symconv.tracing.refusing import words

ASKED = words("eq ne lt gt le ge equal _local_scalar_dense floor ceil sign round trunc")
Answer = tuple[str, Any]


def note(answers: list[Answer], func: Any, args: Any, result: Any) -> None:
    """Write the answer of a question down; whatever is no question leaves no trace."""
    base = func._schema.name.split("::")[-1].rstrip("_")
    if base in ASKED or (base == "_to_copy" and _rounds(args, result)):
        answers.append((base, said(result)))


def _rounds(args: Any, result: Any) -> bool:
    """Floating numbers become whole ones."""
    if not args or not isinstance(args[0], torch.Tensor) or not isinstance(result, torch.Tensor):
        return False
    return bool(args[0].is_floating_point() and not result.is_floating_point())


def said(result: Any) -> Any:
    """An answer as plain data."""
    if not isinstance(result, torch.Tensor):
        return result
    return tuple(result.shape), result.detach().double().reshape(-1).tolist()


class Listener(TorchDispatchMode):  # type: ignore[misc]  # torch is untyped here
    """Hears every question of what runs inside it.

    Attributes:
        answers: as torch gives them, in order.
    """

    def __init__(self) -> None:
        """Nothing is heard yet."""
        super().__init__()
        self.answers: list[Answer] = []

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Let torch answer."""
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
    """What the function asks and is answered on normal numbers; None where it does not end."""
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
    except BaseException:  # what it raises on numbers is the replays' business
        return None
    return listener.answers
