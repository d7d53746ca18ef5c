"""A case from a file: every value is checked before anything is done with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from symconv.errors import ParseError
from symconv.fuzz.case import (
    DEVICES,
    DRAWS,
    DTYPES,
    LAYOUTS,
    PATTERNS,
    SCHEMA,
    SWITCHES,
    Case,
)

MOST_FILE = 4 * 1024**2
MOST_NUMBER = 2**53


def _whole(data: Mapping[str, Any], name: str, least: int, most: int) -> int:
    value = data[name]
    if type(value) is not int or not least <= value <= most:
        raise ParseError(f"case: {name} is {value!r}; a whole number {least}..{most} is needed")
    return value


def _per_axis(data: Mapping[str, Any], name: str, dims: int | None) -> tuple[int, ...]:
    values = data[name]
    fits = isinstance(values, list) and all(type(v) is int and abs(v) < 10**6 for v in values)
    if not fits or not 1 <= len(values) <= 3 or dims not in (None, len(values)):
        raise ParseError(f"case: {name} is {str(values)[:60]}; one small whole number an axis")
    return tuple(values)


def _named(data: Mapping[str, Any], name: str, known: tuple[str, ...]) -> str:
    value = data[name]
    if value not in known:
        raise ParseError(f"case: {name} is {str(value)[:40]!r}; there are {', '.join(known)}")
    return str(value)


def from_json(data: Any) -> Case:
    """A case from JSON values, every one of them checked.

    Raises:
        ParseError: something is missing, unknown or out of range.
    """
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise ParseError(f"this is no case: an object with schema {SCHEMA!r} is needed")
    data = {f.name: None for f in fields(Case)} | {k: v for k, v in data.items() if k != "schema"}
    unknown = set(data) - {f.name for f in fields(Case)}
    if unknown:
        raise ParseError(f"case: {', '.join(sorted(unknown))[:80]} is not known")
    size = _per_axis(data, "size", None)
    names = ("kernel_size", "stride", "padding", "output_padding", "dilation")
    kernel, stride, padding, extra, dilation = (_per_axis(data, n, len(size)) for n in names)
    switches = data["switches"] or {}
    if not isinstance(switches, dict) or not all(
        n in SWITCHES and isinstance(on, bool) for n, on in switches.items()
    ):
        raise ParseError(f"case: switches are {str(switches)[:60]}; names with true or false")
    for name in ("bias", "gradients"):
        if not isinstance(data[name], bool):
            raise ParseError(f"case: {name} is {data[name]!r}; true or false is needed")
    if data["dtype"] == "int64" and (data["gradients"] or data["pattern"] != "whole"):
        raise ParseError("case: int64 takes whole numbers without gradients")
    return Case(
        size,
        kernel,
        stride,
        padding,
        extra,
        dilation,
        in_channels=_whole(data, "in_channels", 1, 10**6),
        out_channels=_whole(data, "out_channels", 1, 10**6),
        groups=_whole(data, "groups", 1, 10**6),
        batch=_whole(data, "batch", 0, 10**6),
        bias=data["bias"],
        gradients=data["gradients"],
        dtype=_named(data, "dtype", DTYPES),
        x_layout=_named(data, "x_layout", LAYOUTS),
        w_layout=_named(data, "w_layout", LAYOUTS),
        grad_layout=_named(data, "grad_layout", LAYOUTS),
        switches=tuple(sorted(switches.items())),
        threads=_whole(data, "threads", 1, 1024),
        device=_named(data, "device", DEVICES),
        pattern=_named(data, "pattern", PATTERNS),
        seed=_whole(data, "seed", 0, 2**64),
        draw=_whole(data, "draw", 0, DRAWS - 1),
        values=_values(data["values"]),
    )


def _values(given: Any) -> dict[str, tuple[Any, ...]] | None:
    if given is None:
        return None
    if not isinstance(given, dict) or not set(given) <= {"x", "w", "bias", "grad"}:
        raise ParseError("case: values are lists named x, w, bias, grad")
    found = {}
    for name, numbers in given.items():
        if not isinstance(numbers, list):
            raise ParseError(f"case: values of {name} are no list")
        for number in numbers:
            pair = number if isinstance(number, list) and len(number) == 2 else [number]
            if not all(type(v) in (int, float) or v in ("inf", "-inf", "nan") for v in pair):
                raise ParseError(f"case: {str(number)[:40]} among the values of {name}")
            if any(isinstance(v, int) and abs(v) > MOST_NUMBER for v in pair):
                raise ParseError(f"case: {str(number)[:40]} among the values of {name}; floats")
        found[name] = tuple(tuple(v) if isinstance(v, list) else v for v in numbers)
    return found


def read_json(path: Path) -> Any:
    """A JSON file of at most a few MiB.

    Raises:
        ParseError: missing, too large or damaged.
    """
    if path.exists() and not path.is_file():
        raise ParseError(f"{path} is no regular file; a case-*.json file is needed")
    try:
        if path.stat().st_size > MOST_FILE:
            raise ParseError(f"{path} is larger than {MOST_FILE} bytes; this is no case")
        return json.loads(path.read_text())
    except OSError as error:
        raise ParseError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise ParseError(f"{path} is damaged JSON: {error}") from None
