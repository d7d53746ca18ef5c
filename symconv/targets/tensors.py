"""Operands of a call under test: values of one dtype, layouts, and what comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from symconv.geometry import Geometry
from symconv.targets import torchlib
from symconv.targets.resolve import Implementation

Array = np.ndarray[Any, Any]

DTYPES = ("float32", "float64", "float16", "bfloat16", "complex64", "complex128")


@dataclass(frozen=True)
class Problem:
    """One call: a geometry and operands that the dtype holds exactly.

    Attributes:
        geometry: a torch configuration.
        dtype: torch's name.
        x: `(batch, C_in, *size)`, float64 or complex128.
        w: `(C_in, C_out // groups, *kernel_size)`.
        bias: `(C_out,)` or None.
        grad: the gradient of the output, of its shape.
        what: how the values were made, in words.
        whole: for whole numbers, no sum of |x||w| + |b| is above this; else infinite.
        family: of the values, `whole numbers`, `normal`, ..., `yours`.
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


@dataclass(frozen=True)
class Observed:
    """What a call returned.

    Attributes:
        results: `output`, and with gradients `grad_input`, `grad_weight`, `grad_bias`.
        faults: structural faults, `(kind, words)`.
        kernel: what torch would run for these operands, by its own dispatcher.
    """

    results: dict[str, Array] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)
    kernel: str = ""


@dataclass(frozen=True, slots=True)
class Layouts:
    """How the operands lie in memory, each on its own.

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
    """The values rounded to what a dtype holds, in float64 or complex128."""
    torch = torchlib.load()
    kind = getattr(torch, dtype)
    wide = torch.complex128 if kind.is_complex else torch.float64
    return np.asarray(torch.from_numpy(np.ascontiguousarray(values)).to(kind).to(wide).numpy())


LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "contiguous": lambda t: t.contiguous(),
    "transposed": lambda t: t.transpose(-1, -2).contiguous().transpose(-1, -2),
    "strided": lambda t: _strided(t),
    "channels_last": lambda t: _channels_last(t),
}


def _strided(t: Any) -> Any:
    """Every second element of a longer tensor, from an offset."""
    torch = torchlib.load()
    longer = torch.zeros((*t.shape[:-1], 2 * t.shape[-1] + 1), dtype=t.dtype, device=t.device)
    view = longer[..., 1::2]
    view.copy_(t)
    return view


def _channels_last(t: Any) -> Any:
    torch = torchlib.load()
    formats = {4: torch.channels_last, 5: torch.channels_last_3d}
    wanted = formats.get(t.dim())
    return t.contiguous(memory_format=wanted) if wanted is not None else t.contiguous()


def to_torch(values: Array, dtype: str, device: str, layout: str = "contiguous") -> Any:
    """An array as a tensor of a dtype, device and layout."""
    torch = torchlib.load()
    made = torch.from_numpy(np.ascontiguousarray(values)).to(getattr(torch, dtype)).to(device)
    return LAYOUTS[layout](made)


def to_numpy(tensor: Any) -> Array:
    """A tensor as an array of its own dtype; bfloat16, which NumPy lacks, as float32."""
    torch = torchlib.load()
    host = tensor.detach().cpu()
    return np.asarray((host.float() if host.dtype is torch.bfloat16 else host).numpy())


def steps_of(geometry: Geometry) -> dict[str, Any]:
    """Torch's keyword parameters of a geometry that has them."""
    axes = torchlib.expressible(geometry)
    assert axes is not None
    names = ("stride", "padding", "output_padding", "dilation")
    return {n: tuple(getattr(a, n) for a in axes) for n in names} | {"groups": geometry.groups}


def observe(
    target: Implementation, problem: Problem, device: str, layouts: Layouts, gradients: bool
) -> Observed:
    """Call the implementation once and read everything that can be judged."""
    torch = torchlib.load()
    dtype = problem.dtype
    x = to_torch(problem.x, dtype, device, layouts.x)
    w = to_torch(problem.w, dtype, device, layouts.w)
    bias = None if problem.bias is None else to_torch(problem.bias, dtype, device)
    leaves = [t for t in (x, w, bias) if t is not None]
    before = [t.detach().clone() for t in leaves]
    steps = steps_of(problem.geometry)
    seen = Observed(kernel=torchlib.chosen_kernel(x, w, bias, **steps))
    for leaf in leaves:
        leaf.requires_grad_(gradients)
    try:
        y = target.call(x, w, bias, **steps)
    except Exception as error:  # a target may raise anything; that is a finding of its own kind
        seen.faults.append(("exception", f"raised {_told(error)}"))
        return seen
    shape = (problem.x.shape[0], *problem.geometry.output_shape)
    if not isinstance(y, torch.Tensor):
        seen.faults.append(("return type", f"returned {type(y).__name__}, a tensor is needed"))
        return seen
    expected = {"shape": shape, "dtype": x.dtype, "device": x.device}
    for kind, wanted in expected.items():
        got = tuple(y.shape) if kind == "shape" else getattr(y, kind)
        if got != wanted:
            seen.faults.append((kind, f"returned {kind} {got}, {wanted} is needed"))
    if not all(_same(t.detach(), old) for t, old in zip(leaves, before, strict=True)):
        seen.faults.append(("mutated input", "an input was changed in place"))
    if any(_shares_memory(y, t) for t in leaves):
        seen.faults.append(("view of input", "returned a view of an input's memory"))
    if any(kind in ("shape", "device") for kind, _ in seen.faults):
        return seen
    if not (y.is_floating_point() or y.is_complex()) or y.is_complex() != x.is_complex():
        return seen
    seen.results["output"] = to_numpy(y)
    if gradients:
        _read_gradients(seen, problem, y, {"grad_input": x, "grad_weight": w, "grad_bias": bias},
                        to_torch(problem.grad, dtype, device, layouts.grad))  # fmt: skip
    return seen


def _told(error: Exception) -> str:
    """An exception's type and first line, whatever its own methods do."""
    try:
        text = str(error)
    except Exception:  # a message that cannot be written is part of the finding
        text = "(its message cannot be written)"
    return f"{type(error).__name__}: {(text.splitlines() or [''])[0][:200]}"


def _same(left: Any, right: Any) -> bool:
    """Equal, a nan being equal to itself."""
    return bool(((left == right) | ((left != left) & (right != right))).all())


def _shares_memory(left: Any, right: Any) -> bool:
    try:
        return bool(left.untyped_storage().data_ptr() == right.untyped_storage().data_ptr())
    except Exception:  # tensor subclasses may have no storage to ask for
        return False


def _read_gradients(
    seen: Observed, problem: Problem, y: Any, named: dict[str, Any], grad: Any
) -> None:
    torch = torchlib.load()
    if not y.requires_grad:
        seen.faults.append(("requires_grad", "the result is cut off from its inputs' gradients"))
        return
    leaves = {name: leaf for name, leaf in named.items() if leaf is not None}
    kept = grad.clone()
    try:
        found = torch.autograd.grad(y, list(leaves.values()), grad.to(y.dtype), allow_unused=True)
    except Exception as error:  # a custom backward may raise anything
        seen.faults.append(("backward", f"raised in the backward pass {_told(error)}"))
        return
    if not _same(grad, kept):
        seen.faults.append(("mutated input", "grad_output was changed in place"))
    for (name, leaf), value in zip(leaves.items(), found, strict=True):
        if value is None or value.shape != leaf.shape:
            got = "none" if value is None else f"shape {tuple(value.shape)}"
            seen.faults.append((name, f"{name} is {got}, shape {tuple(leaf.shape)} is needed"))
        else:
            seen.results[name] = to_numpy(value)
