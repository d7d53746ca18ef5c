"""One case of a campaign: all data that a call and its judgement depend on.

A case can be written as JSON and read back; `from_json` validates every value on entry.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path
from typing import Any

from symconv.core.dialects.building import torch_geometry
from symconv.core.errors import ParseError
from symconv.core.geometry import Geometry
from symconv.exact.dtypes import DTYPES, INTEGER

SCHEMA = "symconv-case/1"
LAYOUTS = ("contiguous", "channels_last", "transposed", "strided", "expanded")
PATTERNS = ("whole", "normal", "small", "subnormal", "special")
DEVICES = ("cpu", "cuda", "meta")
SWITCHES = ("mkldnn", "cudnn", "tf32", "benchmark", "deterministic")
DRAWS = 8
"""Value draws per configuration. Backends build a kernel for each shape, which is expensive, so
each configuration is run with several sets of values.
"""


@dataclass(frozen=True, slots=True)
class Case:
    """A configuration of torch's operator, the memory layout of its operands, and their values.

    Attributes:
        size, kernel_size, stride, padding, output_padding, dilation: one integer per axis.
        in_channels, out_channels, groups: as in torch.
        batch: number of samples; 0 for operands without a batch axis.
        bias: whether there is a bias.
        dtype: torch's name.
        x_layout, w_layout, grad_layout: memory layouts, one of `LAYOUTS`.
        switches: backend switches of `SWITCHES`, as pairs of name and value.
        threads: number of threads that torch may use.
        device: `cpu`, `cuda`, or `meta` for shapes only.
        gradients: whether the backward pass is judged too.
        pattern: pattern of the values, see `operand_values.py`.
        seed, draw: which values; the draws of one seed are generated together.
        values: explicit values instead of drawn ones, flat lists for `x`, `w`, `bias`, `grad`.
    """

    size: tuple[int, ...]
    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    output_padding: tuple[int, ...]
    dilation: tuple[int, ...]
    in_channels: int = 1
    out_channels: int = 1
    groups: int = 1
    batch: int = 1
    bias: bool = False
    dtype: str = "float32"
    x_layout: str = "contiguous"
    w_layout: str = "contiguous"
    grad_layout: str = "contiguous"
    switches: tuple[tuple[str, bool], ...] = ()
    threads: int = 1
    device: str = "cpu"
    gradients: bool = True
    pattern: str = "whole"
    seed: int = 0
    draw: int = 0
    values: Mapping[str, tuple[Any, ...]] | None = None

    @property
    def dims(self) -> int:
        """Number of spatial axes."""
        return len(self.size)

    def geometry(self) -> Geometry:
        """The geometry of the operator.

        Raises:
            GeometryError: the parameters are illegal, torch must reject them.
        """
        return torch_geometry(
            self.size,
            self.kernel_size,
            in_channels=self.in_channels,
            out_channels=self.out_channels,
            groups=self.groups,
            stride=self.stride,
            padding=self.padding,
            output_padding=self.output_padding,
            dilation=self.dilation,
        )

    def configuration_like(self, other: Case) -> bool:
        """Whether both cases differ at most in their values."""
        return bool(_CONFIGURATION(self) == _CONFIGURATION(other))

    def with_values(self, pattern: str, draw: int) -> Case:
        """The same configuration with other values of the same seed."""
        made: Case = object.__new__(Case)
        values = (*_CONFIGURATION(self), pattern, self.seed, draw, None)
        for put, value in zip(_PUT, values, strict=True):
            put(made, value)
        return made

    def steps(self) -> dict[str, Any]:
        """Keyword arguments of `torch.nn.functional.conv_transposeNd`."""
        names = ("stride", "padding", "output_padding", "dilation")
        return {n: getattr(self, n) for n in names} | {"groups": self.groups}

    def __str__(self) -> str:
        def each(values: tuple[int, ...]) -> str:
            same = len(set(values)) == 1
            return str(values[0]) if same else ",".join(map(str, values))

        parts = [
            f"input {'x'.join(map(str, self.size))}",
            f"kernel {'x'.join(map(str, self.kernel_size))}",
            f"{self.in_channels}->{self.out_channels}",
        ]
        for name, plain in (("stride", 1), ("padding", 0), ("output_padding", 0), ("dilation", 1)):
            if set(getattr(self, name)) != {plain}:
                parts.append(f"{name} {each(getattr(self, name))}")
        parts += [f"groups {self.groups}"] if self.groups > 1 else []
        parts += [f"batch {self.batch}" if self.batch else "unbatched"]
        parts += ["bias"] if self.bias else []
        parts.append(self.dtype)
        for operand in ("x", "w", "grad"):
            layout = getattr(self, f"{operand}_layout")
            parts += [f"{operand} {layout}"] if layout != "contiguous" else []
        parts += [f"{n}={'on' if on else 'off'}" for n, on in self.switches]
        parts += [self.device] if self.device != "cpu" else []
        return ", ".join(parts)

    def to_json(self) -> dict[str, Any]:
        """The case as JSON values."""
        found: dict[str, Any] = {"schema": SCHEMA}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "switches":
                value = dict(value)
            elif field.name == "values":
                value = None if value is None else {n: list(v) for n, v in value.items()}
            found[field.name] = list(value) if isinstance(value, tuple) else value
        return found

    @property
    def key(self) -> str:
        """First 12 hexadecimal digits of a SHA-256 hash of the whole case."""
        text = json.dumps(self.to_json(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


_CONFIGURATION = attrgetter(*Case.__slots__[: Case.__slots__.index("pattern")])
_PUT: list[Callable[[Case, Any], None]] = [getattr(Case, name).__set__ for name in Case.__slots__]
"""Setters of the slots: the constructor of a frozen dataclass is three times slower."""


MOST_FILE = 4 * 1024**2
MOST_NUMBER = 2**53


def _whole(data: Mapping[str, Any], name: str, least: int, most: int) -> int:
    value = data[name]
    if type(value) is not int or not least <= value <= most:
        raise ParseError(
            f"case: {name} is {value!r}, but must be an integer from {least} to {most}"
        )
    return value


def _per_axis(data: Mapping[str, Any], name: str, dims: int | None) -> tuple[int, ...]:
    values = data[name]
    fits = isinstance(values, list) and all(type(v) is int and abs(v) < 10**6 for v in values)
    if not fits or not 1 <= len(values) <= 3 or dims not in (None, len(values)):
        raise ParseError(
            f"case: {name} is {str(values)[:60]}, but must be a list of one small integer per axis"
        )
    return tuple(values)


def _named(data: Mapping[str, Any], name: str, known: tuple[str, ...]) -> str:
    value = data[name]
    if value not in known:
        raise ParseError(
            f"case: {name} is {str(value)[:40]!r}, but must be one of {', '.join(known)}"
        )
    return str(value)


def from_json(data: Any) -> Case:
    """Read a case from JSON values, validating each of them.

    Raises:
        ParseError: a value is missing, unknown or out of range.
    """
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise ParseError(f"not a case: an object with schema {SCHEMA!r} is required")
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
        raise ParseError(
            f"case: switches are {str(switches)[:60]}, but must be known names with true or false"
        )
    for name in ("bias", "gradients"):
        if not isinstance(data[name], bool):
            raise ParseError(f"case: {name} is {data[name]!r}, but must be true or false")
    if data["dtype"] in INTEGER and (data["gradients"] or data["pattern"] != "whole"):
        raise ParseError(f"case: {data['dtype']} requires the pattern 'whole' and no gradients")
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
        dtype=_named(data, "dtype", tuple(DTYPES)),
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
        raise ParseError("case: values must be an object of lists named x, w, bias or grad")
    found = {}
    for name, numbers in given.items():
        if not isinstance(numbers, list):
            raise ParseError(f"case: values of {name} must be a list")
        for number in numbers:
            pair = number if isinstance(number, list) and len(number) == 2 else [number]
            if not all(type(v) in (int, float) or v in ("inf", "-inf", "nan") for v in pair):
                raise ParseError(
                    f"case: {str(number)[:40]} in the values of {name} is not a number"
                )
            if any(isinstance(v, int) and abs(v) > MOST_NUMBER for v in pair):
                raise ParseError(
                    f"case: {str(number)[:40]} in the values of {name} is too large for an "
                    "integer; write it as a float"
                )
        found[name] = tuple(tuple(v) if isinstance(v, list) else v for v in numbers)
    return found


def read_json(path: Path) -> Any:
    """Read a JSON file of at most 4 MiB.

    Raises:
        ParseError: the file is missing, too large or not valid JSON.
    """
    if path.exists() and not path.is_file():
        raise ParseError(f"{path} is not a regular file; a case-*.json file is required")
    try:
        if path.stat().st_size > MOST_FILE:
            raise ParseError(f"{path} is larger than {MOST_FILE} bytes, so it is not a case")
        return json.loads(path.read_text())
    except OSError as error:
        raise ParseError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise ParseError(f"{path} is not valid JSON: {error}") from None
