"""Verify the convolutions that a traced program called, by decoding torch's kernels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from symconv.targets.bilinear import Decoded, NotBilinear, decode
from symconv.tracing.handlers.convolutions import FORWARD, Asked, products


@dataclass(frozen=True)
class Probed:
    """Result of decoding.

    Attributes:
        difference: the first operation that differs from its documented formula, as text; empty if
            none does.
        words: how many probes support the coefficients of each operation, as text.
        asked: number of distinct operations with distinct arguments.
        calls: number of calls made.
    """

    difference: str
    words: str
    asked: int
    calls: int


def probe(asked: Sequence[Asked], dtype: str) -> Probed:
    """Decode every distinct operation in a dtype and compare it with its documented formula.

    Raises:
        LimitError: an operation is too large to be decoded.
    """
    distinct = list(dict.fromkeys(asked))
    words, calls = "", 0
    for one in distinct:
        for result in one.results:
            try:
                found = decode(_call(one, result), *_operands(one, result), dtype)
            except NotBilinear as other:
                return Probed(f"{one.name} ({result}): {other}", words, len(distinct), calls)
            calls += found.calls
            words = found.words
            difference = _difference(one, result, found)
            if difference:
                return Probed(difference, words, len(distinct), calls)
    return Probed("", words, len(distinct), calls)


def _operands(one: Asked, result: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Shapes of the two operands on which a result depends bilinearly."""
    x, w, y = one.x, one.w, one.y
    return {FORWARD: (x, w), "input": (y, w), "weight": (y, x)}[result]


def _call(one: Asked, result: str) -> Any:
    """The operation as a bilinear function of two operands."""
    stride, padding, dilation, extra = (list(v) for v in one.steps)

    def forward(x: Any, w: Any) -> Any:
        return torch.ops.aten.convolution(
            x, w, None, stride, padding, dilation, one.transposed, extra, one.groups
        )

    def backward(v: Any, other: Any) -> Any:
        zeros = torch.zeros(one.w if result == "weight" else one.x, dtype=v.dtype)
        x, w = (other, zeros) if result == "weight" else (zeros, other)
        mask = [result == "input", result == "weight", False]
        grads = torch.ops.aten.convolution_backward(
            v, x, w, None, stride, padding, dilation, one.transposed, extra, one.groups, mask
        )
        return grads[0] if result == "input" else grads[1]

    return forward if result == FORWARD else backward


def _difference(one: Asked, result: str, found: Decoded) -> str:
    """The first coefficient that differs from the formula, as text; empty if none does."""
    steps = [list(v) for v in one.steps]
    at_x, at_w, at_y, _ = products(one.x, one.w, steps, one.transposed, one.groups)
    wanted = {
        FORWARD: (at_x, at_w, at_y),
        "input": (at_y, at_w, at_x),
        "weight": (at_y, at_x, at_w),
    }[result]
    right = set(zip(*(v.tolist() for v in wanted), strict=True))
    got = {
        place: int(factor)
        for *place_, factor in np.stack([found.i, found.k, found.o, found.factor], axis=1).tolist()
        for place in [tuple(place_)]
    }
    for place in sorted(right | set(got)):
        factor, due = got.get(place, 0), int(place in right)
        if factor != due:
            return (
                f"{one.name} ({result}) at places {place} of its operands and result has the "
                f"factor {factor}, its formula says {due}"
            )
    return ""
