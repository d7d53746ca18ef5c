"""Reading of sizes such as `3x3x2` and of per-axis parameters such as `2,1`, as tuples of ints."""

from __future__ import annotations

import re

from symconv.core.errors import ParseError

_LIST = re.compile(r"-?[0-9]{1,30}(?:\s*[x,]\s*-?[0-9]{1,30}){0,2}\Z")


def _read(text: str, what: str, example: str) -> tuple[int, ...]:
    if not _LIST.match(text.strip()):
        raise ParseError(f"{what} {text[:40]!r} is not {example}")
    return tuple(int(part) for part in re.split("[x,]", text.strip()))


def read_size(text: str, what: str) -> tuple[int, ...]:
    """Read a size such as `4`, `3x3` or `3x3x2`.

    Raises:
        ParseError: the text is anything else.
    """
    return _read(text, what, "a size: write 4, 3x3 or 3x3x2")


def read_steps(text: str, what: str) -> tuple[int, ...]:
    """Read `2`, `2,1` or `2,1,1`: one value for all axes, or one per axis.

    Raises:
        ParseError: the text is anything else.
    """
    return _read(text, what, "one integer, or one per axis: write 2 or 2,1")
