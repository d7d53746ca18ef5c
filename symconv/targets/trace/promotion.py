"""Dtypes of results, by torch's own promotion."""

from __future__ import annotations

from typing import Any

import torch

from symconv.targets.trace.tensor import Symbols


def hollow(value: Any) -> Any:
    """A plain tensor of the shape and dtype of a symbol."""
    if isinstance(value, Symbols):
        return torch.empty(value.shape, dtype=value.dtype)
    return value


def result_dtype(args: Any, symbols: list[Symbols]) -> torch.dtype:
    """Of the result: torch's own promotion where two operands meet."""
    pair = args[:2]
    numbers = all(
        isinstance(v, (torch.Tensor, int, float)) and not isinstance(v, bool) for v in pair
    )
    if len(pair) < 2 or not numbers or not isinstance(pair[0], torch.Tensor):
        return symbols[0].dtype

    def bare(value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            return torch.empty([0] * min(value.dim(), 1), dtype=value.dtype)
        return value

    with torch._C._DisableTorchDispatch():
        return torch.result_type(bare(pair[0]), bare(pair[1]))
