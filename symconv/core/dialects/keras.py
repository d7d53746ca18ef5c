"""Keras. Source: the documentation of keras.layers.Conv2DTranspose."""

from __future__ import annotations

from symconv.core.dialects.dialect import Crops, Dialect
from symconv.core.dialects.jax import same_or_valid
from symconv.core.errors import ParseError


def crops(padding: str, size: int, extent: int, stride: int) -> Crops:
    """The crops of `same` and `valid`."""
    found = same_or_valid(padding, extent, stride)
    if found is None:
        raise ParseError(f"--pads {padding!r} is not valid for keras: write same or valid")
    return found


DIALECT = Dialect("keras", crops)
