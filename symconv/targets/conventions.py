"""Calling conventions: which arguments a target takes, and how a case is passed to it.

A convention is an entry of `CONVENTIONS`; it turns a target into a function with the signature of
torch.nn.functional.conv_transpose2d.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from symconv.targets import torchlib

Function = Callable[..., Any]
Wrap = Callable[[Function], Function]


@dataclass(frozen=True, slots=True)
class Convention:
    """A way to call a target.

    Attributes:
        name: the name for `--call`.
        description: the arguments of such a target.
        adapt: gives a function of torch's signature, from the target and the `wrap` of the surface
            that it runs on.
    """

    name: str
    description: str
    adapt: Callable[[Function, Wrap], Function]


def _torch(target: Function, wrap: Wrap) -> Function:
    return wrap(target)


def _paper(target: Function, wrap: Wrap) -> Function:
    """Call a function of a matrix and a kernel once per sample: one channel, stride 1."""
    function = wrap(target)

    def call(x: Any, w: Any, bias: Any = None, **steps: Any) -> Any:
        results = [function(sample[0], w[0, 0]) for sample in x]
        if all(isinstance(y, np.ndarray) for y in results):
            return np.stack(results)[:, None]
        torch = torchlib.load()
        if not all(isinstance(y, torch.Tensor) for y in results):
            return results[0]
        return torch.stack(results)[:, None]

    return call


def _module(target: Function, wrap: Wrap) -> Function:
    """Construct a module for every case, with the case's weight and bias as its parameters."""

    def call(x: Any, w: Any, bias: Any = None, groups: int = 1, **steps: Any) -> Any:
        torch = torchlib.load()
        channels = w.shape[0], w.shape[1] * groups
        module = target(
            *channels, tuple(w.shape[2:]), groups=groups, bias=bias is not None, **steps
        )
        if not isinstance(module, torch.nn.Module):
            raise TypeError(
                f"returned {type(module).__name__}, but --call module requires a module"
            )
        values = {"weight": w} | ({} if bias is None else {"bias": bias})
        own = {name: tuple(p.shape) for name, p in module.named_parameters()}
        if own != {name: tuple(v.shape) for name, v in values.items()}:
            raise TypeError(f"the module has parameters {own}, but weight and bias are required")
        return wrap(lambda x, values: torch.func.functional_call(module, values, (x,)))(x, values)

    return call


CONVENTIONS = {
    convention.name: convention
    for convention in (
        Convention(
            "torch",
            "a function of (input, weight, bias=None, stride=1, padding=0, output_padding=0, "
            "groups=1, dilation=1), like torch.nn.functional.conv_transpose2d",
            _torch,
        ),
        Convention("paper", "a function of a matrix and a kernel", _paper),
        Convention(
            "module",
            "a class like torch.nn.ConvTranspose2d, with the parameters weight and bias",
            _module,
        ),
    )
}
"""Every convention by its name."""


def convention_of(target: Function) -> str:
    """The convention of a target that names none: `module` for classes of modules, else torch."""
    is_class = isinstance(target, type) and issubclass(target, torchlib.load().nn.Module)
    return "module" if is_class else "torch"


def described() -> str:
    """All conventions as text, for error messages."""
    return "; ".join(f"--call {c.name}: {c.description}" for c in CONVENTIONS.values())
