"""torch.nn.ConvTransposeNd modules as operands and parameters; torch itself is not imported."""

from __future__ import annotations

from typing import Any

STEPS = ("stride", "padding", "output_padding", "groups", "dilation")


def is_module(value: Any) -> bool:
    """Whether a value is a module with a weight and the parameters of ConvTranspose."""
    return hasattr(value, "weight") and all(hasattr(value, name) for name in STEPS)


def operands_of_module(module: Any) -> tuple[Any, Any, dict[str, Any]]:
    """The weight, the bias (or None) and the parameters of a module."""
    return module.weight, module.bias, {name: getattr(module, name) for name in STEPS}
