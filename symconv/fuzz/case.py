"""One case of a campaign: everything that a call and its judgement depend on, as data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

from symconv.dialects.building import torch_geometry
from symconv.geometry import Geometry

SCHEMA = "symconv-case/1"
DTYPES = ("float32", "float64", "float16", "bfloat16", "complex64", "complex128", "int64")
LAYOUTS = ("contiguous", "channels_last", "transposed", "strided", "expanded")
PATTERNS = ("whole", "normal", "small", "subnormal", "special")
DEVICES = ("cpu", "cuda", "meta")
SWITCHES = ("mkldnn", "cudnn", "tf32", "benchmark", "deterministic")
DRAWS = 8
"""Backends build a kernel for every shape, which is dear: several values are drawn for each."""


@dataclass(frozen=True, slots=True)
class Case:
    """A configuration of torch's operator, how its operands lie, and what they hold.

    Attributes:
        size, kernel_size, stride, padding, output_padding, dilation: one number an axis.
        in_channels, out_channels, groups: as torch's.
        batch: samples; 0 for operands without a batch axis.
        bias: whether there is one.
        dtype: torch's name.
        x_layout, w_layout, grad_layout: how operands lie in memory.
        switches: of the backends, by name.
        threads: that torch may use.
        device: `cpu`, `cuda`, or `meta` for shapes alone.
        gradients: the backward pass too.
        pattern: of the values, as in `values.py`.
        seed, draw: of the values; several draws share a seed, since they are made together.
        values: explicit values instead, flat lists for `x`, `w`, `bias`, `grad`.
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
        """Spatial axes."""
        return len(self.size)

    def geometry(self) -> Geometry:
        """The operator.

        Raises:
            GeometryError: torch must refuse these parameters.
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
        """Both differ in their values alone."""
        return bool(_CONFIGURATION(self) == _CONFIGURATION(other))

    def with_values(self, pattern: str, draw: int) -> Case:
        """The same call on other values of the same seed."""
        made: Case = object.__new__(Case)
        values = (*_CONFIGURATION(self), pattern, self.seed, draw, None)
        for put, value in zip(_PUT, values, strict=True):
            put(made, value)
        return made

    def steps(self) -> dict[str, Any]:
        """Keyword parameters of torch.nn.functional.conv_transposeNd."""
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
        """Twelve hexadecimal digits that depend on everything."""
        text = json.dumps(self.to_json(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


_CONFIGURATION = attrgetter(*Case.__slots__[: Case.__slots__.index("pattern")])
_PUT: list[Callable[[Case, Any], None]] = [getattr(Case, name).__set__ for name in Case.__slots__]
"""Writes fields directly: the constructor of a frozen class is three times slower."""
