"""Surfaces of torch: the ways in which a function can be run, such as through torch.compile.

A surface is an entry of `SURFACES`; adding one needs nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from symconv.targets import torchlib
from symconv.targets.compiling import compile_anew


@dataclass(frozen=True, slots=True)
class Surface:
    """A way to run a function.

    Attributes:
        name: the name for `--surface`.
        wrap: gives the function as it is run on this surface.
        description: what it does, for `--help` and pages.
        expression: the wrapped function in a snippet; `{f}` is the function.
        note: how the target was run, for the name of a case; "" for eager mode.
        forward_only: it has no backward pass.
    """

    name: str
    wrap: Callable[[Callable[..., Any]], Callable[..., Any]]
    description: str
    expression: str = "{f}"
    note: str = ""
    forward_only: bool = False


def _compiled(dynamic: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
        """Compile anew for every shape and parameter.

        What was compiled before changes nothing, and no limit of recompilations makes a call run
        uncompiled.
        """
        state: dict[str, Any] = {}

        def call(*operands: Any, **steps: Any) -> Any:
            key = repr(([_shapes(t) for t in operands], sorted(steps.items())))
            if state.get("key") != key:
                inner = function
                if function is torchlib.conv_transpose_functional:
                    # torch.compile traces torch's own function, not the one that selects it
                    name = f"conv_transpose{operands[1].dim() - 2}d"
                    inner = getattr(torchlib.load().nn.functional, name)
                state.update(key=key, call=compile_anew(inner, dynamic))
            return state["call"](*operands, **steps)

        return call

    return wrap


def _shapes(operand: Any) -> Any:
    if isinstance(operand, dict):
        return {name: _shapes(value) for name, value in operand.items()}
    return None if operand is None else tuple(operand.shape)


EAGER = "eager"
SURFACES = {
    surface.name: surface
    for surface in (
        Surface(EAGER, lambda function: function, "torch's eager mode"),
        Surface(
            "compile-static",
            _compiled(False),
            "torch.compile for static sizes",
            "torch.compile({f}, dynamic=False)",
            "compiled for static sizes",
        ),
        Surface(
            "compile-dynamic",
            _compiled(True),
            "torch.compile for dynamic sizes",
            "torch.compile({f}, dynamic=True)",
            "compiled for dynamic sizes",
        ),
    )
}
"""Every surface by its name."""
COMPILED = {"static": "compile-static", "dynamic": "compile-dynamic"}
"""The surfaces of `--compile`."""
