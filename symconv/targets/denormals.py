"""Whether this thread flushes subnormal numbers to zero.

A target may turn that on with `torch.set_flush_denormal(True)`; comparisons would then treat wrong
subnormal values as zeros. It is on while the target runs, if the target has turned it on, and off
while its results are judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from symconv.targets import torchlib

_TINY = [5e-324]
_wanted = [False]
"""The last setting of the target."""


def flushed() -> bool:
    """Whether subnormal numbers are flushed to zero now."""
    return _TINY[0] * 1.0 == 0.0


@contextmanager
def of_target() -> Iterator[None]:
    """Context manager that applies the target's setting, and turns flushing off at the end."""
    if _wanted[0]:
        torchlib.load().set_flush_denormal(True)
    try:
        yield
    finally:
        _wanted[0] = flushed()
        if _wanted[0]:
            torchlib.load().set_flush_denormal(False)
