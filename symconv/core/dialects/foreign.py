"""Paddings of other frameworks as crops, and as torch's parameters where those exist.

A dialect is a module of this package with a constant `DIALECT`; its name is listed in `MODULES`.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from symconv.core import laws
from symconv.core.dialects.dialect import Dialect
from symconv.core.dialects.torch import TorchAxis, torch_axis
from symconv.core.errors import ParseError
from symconv.core.geometry import Axis

MODULES = ("onnx", "jax", "keras")
"""The modules of the dialects, in the order in which `--help` lists them."""


@cache
def dialects() -> Mapping[str, Dialect]:
    """Every dialect by its name."""
    found = [importlib.import_module(f"{__package__}.{name}").DIALECT for name in MODULES]
    return {dialect.name: dialect for dialect in found}


@dataclass(frozen=True, slots=True)
class Foreign:
    """One axis given in the parameters of another framework.

    Attributes:
        axis: its normal form.
        torch: the equivalent torch parameters, or None if no single torch call is equivalent.
        instead: if `torch` is None, how to get the result from a torch call; else empty.
        words: how the crops follow from the padding, as text.
    """

    axis: Axis
    torch: TorchAxis | None
    instead: str
    words: str


def foreign(
    dialect: str, padding: str, size: int, kernel_size: int, stride: int, dilation: int
) -> Foreign:
    """Convert a padding such as `1,2`, `SAME_UPPER`, `VALID` or `same` to the axis it describes.

    Raises:
        ParseError: this dialect has no such padding.
        GeometryError: the output would be empty, or the standard does not define the padding.
    """
    found = dialects().get(dialect)
    if found is None:
        known = ", ".join(("torch", *dialects()))
        raise ParseError(f"--dialect {dialect!r} is not known; choose from {known}")
    extent = laws.extent(kernel_size=kernel_size, dilation=dilation)
    begin, end, words = found.crops(padding.strip().lower(), size, extent, stride)
    axis = Axis(size, kernel_size, stride, dilation, begin, end)
    torch = torch_axis(axis)
    return Foreign(axis, torch, "" if torch else _instead(axis), words)


def _instead(axis: Axis) -> str:
    """Describe a torch call without crops, and what to cut off or add afterwards."""
    parts = []
    for side, crop in (("beginning", axis.crop_begin), ("end", axis.crop_end)):
        if crop > 0:
            parts.append(f"crop {crop} at the {side}")
        elif crop < 0:
            parts.append(f"add {-crop} zeros at the {side} (and the bias)")
    reason = _reason(axis)
    return f"{reason}; padding 0, output_padding 0, then {' and '.join(parts) or 'nothing'}"


def _reason(axis: Axis) -> str:
    extra = axis.crop_begin - axis.crop_end
    if axis.crop_begin < 0:
        return "torch's padding cannot be negative"
    if extra < 0:
        return "torch crops both ends equally and can restore elements only at the end"
    return (
        f"output_padding would be {extra}, but torch requires it to be smaller than the stride "
        f"{axis.stride} or the dilation {axis.dilation}"
    )
