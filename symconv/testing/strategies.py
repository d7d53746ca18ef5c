"""Hypothesis strategies over the space of cases that `symconv fuzz` draws from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from symconv.campaign.case import Case
from symconv.campaign.space import Space, draw

__all__ = ["Space", "cases"]


class _Drawn:
    """A chooser based on Hypothesis, which shrinks to the first option."""

    def __init__(self, data: Any) -> None:
        self._data = data

    def integer(self, least: int, most: int) -> int:
        """An integer between `least` and `most`, both included."""
        return int(self._data(st.integers(least, most)))

    def pick(self, options: Sequence[Any]) -> Any:
        """One of the options; repeated options are more likely."""
        return options[self._data(st.integers(0, len(options) - 1))]


@st.composite
def cases(draw_from: st.DrawFn, space: Space | None = None) -> Case:
    """Cases of a space; by default 2-D, float32, on the CPU."""
    return draw(_Drawn(draw_from), space or Space(dims=(2,), switches=()))
