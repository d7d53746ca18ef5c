"""What the dialect of a framework is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Crops = tuple[int, int, str]
"""The crop at the beginning, the crop at the end, and how they follow from the padding."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a framework states the padding of a transposed convolution.

    Attributes:
        name: the name for `--dialect`.
        crops: gives the crops from the padding in lower case, the input size, the extent of the
            dilated kernel and the stride; raises ParseError for a padding that it does not have.
    """

    name: str
    crops: Callable[[str, int, int, int], Crops]


def read_pair(text: str) -> tuple[int, int] | None:
    """Two integers, or one for both ends; None for any other text."""
    parts = text.strip("()[] ").split(",")
    try:
        numbers = [int(p) for p in parts]
    except ValueError:
        return None
    if len(numbers) == 1:
        return numbers[0], numbers[0]
    return (numbers[0], numbers[1]) if len(numbers) == 2 else None
