"""Values, sizes and files that a person typed, read without running any of it.

Names are loaded when they are first used: reading a size needs no parser of values.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from symconv.reading.files import read_operand
    from symconv.reading.sizes import read_size, read_steps
    from symconv.reading.values import Values, read_values

__all__ = ["Values", "read_operand", "read_size", "read_steps", "read_values"]

_HOMES = {"read_operand": "files", "read_size": "sizes", "read_steps": "sizes",
          "Values": "values", "read_values": "values"}  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
