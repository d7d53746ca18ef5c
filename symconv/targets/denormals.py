"""Whether this thread reads and writes subnormal numbers as zeros.

A target may turn that on, `torch.set_flush_denormal(True)`, and then comparisons here would take
garbage for zeros. It is on while the target runs, if the target wants it so, and off while its
results are judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from symconv.targets import torchlib

_TINY = [5e-324]
_wanted = [False]
"""What the target turned it to."""


def flushed() -> bool:
    """Subnormal numbers are zeros now."""
    return _TINY[0] * 1.0 == 0.0


@contextmanager
def of_target() -> Iterator[None]:
    """As the target wants it, until the end."""
    if _wanted[0]:
        torchlib.load().set_flush_denormal(True)
    try:
        yield
    finally:
        _wanted[0] = flushed()
        if _wanted[0]:
            torchlib.load().set_flush_denormal(False)
