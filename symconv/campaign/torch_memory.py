"""Memory layout of the operands of many draws: each as it would be for a single call.

All operands are converted at once into one shared array, and each is a tensor view of it; operands
in layouts other than contiguous get their own memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from symconv.campaign.case import Case
from symconv.campaign.operand_values import spans
from symconv.exact.dtypes import DTYPES
from symconv.targets import torchlib
from symconv.targets.tensors import LAYOUTS

Array = np.ndarray[Any, Any]
_BITS = {1: lambda torch: torch.uint8, 2: lambda torch: torch.int16}
"""The dtype that holds the bits of numbers of that many bytes."""

LINE = 64
"""Alignment in bytes of torch's own memory, and of every operand in a layout."""
BATCHED = ("x", "grad", "output", "grad_input")


@dataclass(frozen=True, slots=True)
class Placed:
    """Operands of several draws, as tensors with a leading axis of draws.

    Attributes:
        operands: by name, in the layouts of the case.
        originals: pairs of a tensor that no call may change and a copy of its values, both with a
            leading axis of draws.
    """

    operands: dict[str, Any]
    originals: list[tuple[Any, Any]]


def placed(case: Case, flat: Array, wanted: Mapping[str, tuple[int, ...]]) -> Placed:
    """Place rows of concatenated operands, whose shapes are `wanted`, in memory."""
    torch = torchlib.load()
    shared = _converted(case, flat)
    operands: dict[str, Any] = {}
    originals = [(torch.from_numpy(shared), torch.from_numpy(shared.copy()))]
    for name, columns in spans(wanted).items():
        if name == "grad" and not case.gradients:
            continue
        shape = wanted[name] if case.batch or name not in BATCHED else wanted[name][1:]
        # a view, so that axes of length 1 get torch's usual strides
        plain = _typed(case, shared[:, columns]).view(len(flat), *shape)
        if case.device != "cpu":
            originals.append((plain, plain.clone()))
        layout = getattr(case, f"{name}_layout", "contiguous")
        laid = _laid(layout, plain)
        if laid is not plain and layout != "expanded":
            originals.append((laid, plain))
        operands[name] = laid
    return Placed(operands, originals)


def tensor(case: Case, name: str, array: Array) -> Any:
    """An operand or a result of draws, in the dtype and on the device of the case."""
    shown = array if case.batch or name not in BATCHED else array[:, 0]
    return _typed(case, _converted(case, shown))


def _typed(case: Case, array: Array) -> Any:
    """The array from `_converted` as a tensor on the device."""
    torch = torchlib.load()
    made = torch.from_numpy(array)
    if not DTYPES[case.dtype].numpy:
        made = made.view(getattr(torch, case.dtype))
    return made.to(case.device) if case.device != "cpu" else made


def _converted(case: Case, array: Array) -> Array:
    """The values in the case's dtype; those of dtypes that NumPy lacks as their bits."""
    if DTYPES[case.dtype].numpy:
        return array.astype(DTYPES[case.dtype].numpy, order="C")
    torch = torchlib.load()
    made = torch.from_numpy(array.astype(np.float32, order="C")).to(getattr(torch, case.dtype))
    bits: Array = made.view(_BITS[made.element_size()](torch)).numpy()
    return bits


def _laid(layout: str, plain: Any) -> Any:
    """Draws in a layout, each stored as it would be on its own."""
    if layout == "contiguous":
        return plain
    if layout == "expanded":
        return plain[:, :1].expand(plain.shape)
    strides, offset, extent = _lies(layout, tuple(plain.shape[1:]))
    extent += -extent % (LINE // plain.element_size())
    base = plain.new_zeros(len(plain) * extent)
    view = base.as_strided(plain.shape, (extent, *strides), offset)
    return view.copy_(plain)


@lru_cache(maxsize=8192)
def _lies(layout: str, shape: tuple[int, ...]) -> tuple[tuple[int, ...], int, int]:
    """Strides, offset and extent in elements of one tensor in a layout."""
    sample = LAYOUTS[layout](torchlib.load().empty(shape))
    strides, offset = sample.stride(), sample.storage_offset()
    last = sum((n - 1) * s for n, s in zip(shape, strides, strict=True))
    return strides, offset, offset + 1 + last
