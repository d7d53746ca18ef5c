"""The optional dependency torch: version, devices, and calls on exact integers."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from functools import cache
from typing import Any

from symconv.core.dialects.torch import TorchAxis, torch_axis
from symconv.core.errors import EngineMissing
from symconv.core.geometry import Geometry

INSTALL = "install it with: pip install torch"


@cache
def installed() -> bool:
    """Whether torch is installed; does not import it."""
    return importlib.util.find_spec("torch") is not None


def load() -> Any:
    """The torch module.

    Raises:
        EngineMissing: torch is not installed.
    """
    if not installed():
        raise EngineMissing(f"torch is not installed; {INSTALL}")
    import torch

    return torch


def devices(wanted: str) -> tuple[str, ...]:
    """The devices to run on: `auto` is the CPU and, where there is one, CUDA.

    Raises:
        EngineMissing: CUDA was requested and is not available.
    """
    if wanted == "cpu" or (wanted == "auto" and not installed()):
        return ("cpu",)
    has_cuda = installed() and bool(load().cuda.is_available())
    if wanted == "cuda" and not has_cuda:
        reason = "torch sees no CUDA device" if installed() else "torch is not installed"
        raise EngineMissing(f"--device cuda: {reason} on this machine. Use --device cpu")
    return (("cuda",) if wanted == "cuda" else ("cpu", "cuda")) if has_cuda else ("cpu",)


def environment(device: str) -> str:
    """Version and device as text: `torch 2.13.0 on cpu`, with the name of a GPU."""
    torch = load()
    version = str(torch.__version__).partition("+")[0]
    if device == "cuda":
        return f"torch {version} on cuda ({torch.cuda.get_device_name(0)})"
    return f"torch {version} on {device}"


def expressible(geometry: Geometry) -> tuple[TorchAxis, ...] | None:
    """Torch's parameters for every axis; None if no single torch call has this geometry."""
    axes = [torch_axis(axis) for axis in geometry.axes]
    found = tuple(a for a in axes if a is not None)
    return found if len(found) == len(axes) else None


def tensor(values: Sequence[int], shape: Sequence[int], dtype: str, device: str) -> Any:
    """Integers as a torch tensor of a dtype on a device."""
    torch = load()
    made = torch.tensor(list(values), dtype=torch.int64).reshape(tuple(shape))
    return made.to(dtype=getattr(torch, dtype), device=device)


def conv_transpose(geometry: Geometry, x: Any, w: Any, bias: Any = None) -> Any:
    """torch.nn.functional.conv_transposeNd; `x` is `(batch, C_in, *size)`."""
    axes = expressible(geometry)
    assert axes is not None
    call = getattr(load().nn.functional, f"conv_transpose{len(axes)}d")
    return call(
        x,
        w,
        bias,
        stride=[a.stride for a in axes],
        padding=[a.padding for a in axes],
        output_padding=[a.output_padding for a in axes],
        groups=geometry.groups,
        dilation=[a.dilation for a in axes],
    )


def conv_transpose_functional(x: Any, w: Any, bias: Any = None, **steps: Any) -> Any:
    """torch.nn.functional.conv_transposeNd for the axes that the weight has."""
    dims = w.dim() - 2
    return getattr(load().nn.functional, f"conv_transpose{dims}d")(x, w, bias, **steps)


def conv(geometry: Geometry, v: Any, w: Any) -> Any:
    """torch.nn.functional.convNd, cut to the first `size` entries along each axis.

    With output_padding >= stride, torch's convolution returns more entries than that.
    """
    axes = expressible(geometry)
    assert axes is not None
    call = getattr(load().nn.functional, f"conv{len(axes)}d")
    result = call(
        v,
        w,
        stride=[a.stride for a in axes],
        padding=[a.padding for a in axes],
        groups=geometry.groups,
        dilation=[a.dilation for a in axes],
    )
    return result[(slice(None), slice(None), *(slice(0, a.size) for a in axes))]


def chosen_kernel(x: Any, w: Any, bias: Any, **steps: Any) -> str:
    """Name of the kernel that torch's dispatcher selects for a call; "" if it is not available.

    OneDNN's transposed kernel has no name in torch 2.13: its value is the one after `Mkldnn`.
    """
    torch = load()
    select = getattr(torch._C, "_select_conv_backend", None)
    if select is None:
        return ""
    names = ("stride", "padding", "dilation")
    places = [list(steps[n]) for n in names]
    try:
        chosen = select(
            x, w, bias, *places, True, list(steps["output_padding"]), steps["groups"], None
        )
        kinds = type(chosen)
        if int(chosen) == int(kinds.Mkldnn) + 1:
            return "MkldnnTranspose"
        return str(chosen.name)
    except Exception:  # a private function of torch: without an answer the name is left out
        return ""
