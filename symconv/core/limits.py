"""Limits on memory and counts, checked before anything is allocated."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from symconv.core.errors import LimitError

MAX_BYTES = 2 * 1024**3
"""Default memory limit of one step, in bytes; `memory_limit` overrides it."""

_most: ContextVar[int] = ContextVar("most bytes of a step", default=MAX_BYTES)


def most_bytes() -> int:
    """Return the current memory limit of one step, in bytes."""
    return _most.get()


@contextmanager
def memory_limit(count: int) -> Iterator[None]:
    """Set the memory limit of a step, in bytes, within a `with` block."""
    token = _most.set(count)
    try:
        yield
    finally:
        _most.reset(token)


_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


def human_bytes(count: int) -> str:
    """Format `count` bytes in the largest unit in which the number is at least 1."""
    power = min((max(count, 1).bit_length() - 1) // 10, len(_UNITS) - 1)
    whole, rest = divmod(count, 1024**power)
    if power == 0:
        return f"{count} B"
    if whole >= 10**6:
        return f"about 10^{len(str(whole)) - 1} {_UNITS[power]}"
    return f"{whole + rest / 1024**power:.1f} {_UNITS[power]}"


def require_memory(count: int, what: str, way_out: str) -> None:
    """Raise if a step that takes `count` bytes exceeds the memory limit.

    Raises:
        LimitError: `count` is above `most_bytes()`; nothing has been allocated.
    """
    if count > most_bytes():
        raise LimitError(
            f"{what} would take {human_bytes(count)} of memory, "
            f"but one step may take at most {human_bytes(most_bytes())}. {way_out}"
        )


def require_items(count: int, at_most: int, what: str, way_out: str) -> None:
    """Raise if a page would be too long to read, or a loop too long to finish in time.

    Raises:
        LimitError: `count` is above `at_most`.
    """
    if count > at_most:
        shown = f"{count:,}" if count < 10**15 else f"about 10^{len(str(count)) - 1}"
        raise LimitError(f"{what}: {shown}, but at most {at_most:,} are allowed. {way_out}")
