"""Operands of a call under test: values, dtypes, layouts, and conversion to and from torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from symconv.core.geometry import Geometry
from symconv.exact.dtypes import DTYPES
from symconv.targets import torchlib

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Problem:
    """One call: a geometry and operands that the dtype represents exactly.

    Attributes:
        geometry: a torch configuration.
        dtype: torch's name.
        x: `(batch, C_in, *size)`, float64 or complex128.
        w: `(C_in, C_out // groups, *kernel_size)`.
        bias: `(C_out,)` or None.
        grad: the gradient of the output, in the output's shape.
        what: how the values were made, as text.
        whole: for integer values, an upper bound of every sum of |x||w| + |b|; else infinite.
        family: the family of the values: `integers`, `normal`, ..., `yours`.
        device: where the call is made.
        surface: how the target is run, a name of `SURFACES`.
    """

    geometry: Geometry
    dtype: str
    x: Array
    w: Array
    bias: Array | None
    grad: Array
    what: str
    whole: float = float("inf")
    family: str = ""
    device: str = "cpu"
    surface: str = "eager"


@dataclass(frozen=True, slots=True)
class Layouts:
    """Memory layout of each operand.

    Attributes:
        x, w, grad: names of `LAYOUTS`.
    """

    x: str = "contiguous"
    w: str = "contiguous"
    grad: str = "contiguous"

    def __str__(self) -> str:
        if self.x == self.w == self.grad:
            return self.x
        return f"x {self.x}, w {self.w}, grad_output {self.grad}"


def held(values: Array, dtype: str) -> Array:
    """Values rounded to a dtype, in float64 or complex128."""
    if DTYPES[dtype].numpy:
        wide = np.complex128 if DTYPES[dtype].complex else np.float64
        with np.errstate(over="ignore"):
            return values.astype(dtype).astype(wide)
    torch = torchlib.load()
    rounded = torch.from_numpy(np.ascontiguousarray(values)).to(getattr(torch, dtype))
    return np.asarray(rounded.to(torch.float64).numpy())


LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "contiguous": lambda t: t.contiguous(),
    "transposed": lambda t: t.transpose(-1, -2).contiguous().transpose(-1, -2),
    "strided": lambda t: _strided(t),
    "channels_last": lambda t: _channels_last(t),
    "expanded": lambda t: t[:1].expand(t.shape),
}
"""Functions that give a tensor a layout. `expanded` repeats the first entry along the first axis,
so the entries along it must be equal.
"""


CHANNELS_LAST = {4: "channels_last", 5: "channels_last_3d"}
"""Torch's channels-last memory format by the number of axes; other tensors have none."""


def _strided(t: Any) -> Any:
    """Every second element along the last axis of a longer tensor, from offset 1."""
    torch = torchlib.load()
    longer = torch.zeros((*t.shape[:-1], 2 * t.shape[-1] + 1), dtype=t.dtype, device=t.device)
    view = longer[..., 1::2]
    view.copy_(t)
    return view


def _channels_last(t: Any) -> Any:
    torch = torchlib.load()
    wanted = CHANNELS_LAST.get(t.dim())
    return t.contiguous(memory_format=getattr(torch, wanted)) if wanted else t.contiguous()


def to_torch(values: Array, dtype: str, device: str, layout: str = "contiguous") -> Any:
    """Convert an array to a tensor of a dtype, device and layout."""
    torch = torchlib.load()
    # a copy, so that axes of length 1 have the strides that torch would give them
    made = torch.from_numpy(values.copy()).to(getattr(torch, dtype)).to(device)
    return LAYOUTS[layout](made)


def to_numpy(tensor: Any) -> Array:
    """Convert a tensor to an array of its dtype; dtypes that NumPy lacks become float32."""
    torch = torchlib.load()
    host = tensor.detach().cpu()
    if host.layout is not torch.strided:
        host = host.to_dense()
    host = host.resolve_conj().resolve_neg()  # NumPy has no lazy conjugation or negation
    name = str(host.dtype).removeprefix("torch.")
    lacking = name in DTYPES and not DTYPES[name].numpy
    return np.asarray((host.float() if lacking else host).numpy())


def steps_of(geometry: Geometry) -> dict[str, Any]:
    """Torch's keyword arguments for a geometry that one torch call can express."""
    axes = torchlib.expressible(geometry)
    assert axes is not None
    names = ("stride", "padding", "output_padding", "dilation")
    return {n: tuple(getattr(a, n) for a in axes) for n in names} | {"groups": geometry.groups}
