"""Geometries from torch's parameters: of a call, of the convolution, or of a module."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import index
from typing import Any

from symconv.core import laws
from symconv.core.conditions import require
from symconv.core.dialects.torch import TORCH_CONDITIONS, TorchAxis, adjoint_output_padding
from symconv.core.errors import GeometryError
from symconv.core.geometry import Axis, Geometry


def _whole(value: Any) -> Any:
    """Convert a NumPy integer to an int; leave other values for `require` to report."""
    return value if isinstance(value, bool) or not hasattr(value, "__index__") else index(value)


def spread(value: int | Sequence[int], dims: int, name: str) -> tuple[int, ...]:
    """Expand a parameter to one value per axis; it is given once for all axes or per axis.

    Raises:
        GeometryError: the number of values is neither 1 nor `dims`.
    """
    if type(value) is tuple and len(value) == dims and {*map(type, value)} == {int}:
        return value
    several = isinstance(value, Iterable) and not isinstance(value, str)
    values = tuple(map(_whole, value if isinstance(value, Iterable) and several else (value,)))
    if len(values) == 1:
        values *= dims
    if len(values) != dims:
        raise GeometryError(
            f"{name} has {len(values)} values {values}, but there are {dims} spatial axes. "
            f"Give one value for all axes, or {dims} values."
        )
    return values


def torch_geometry(
    input_size: Sequence[int],
    kernel_size: Sequence[int],
    *,
    in_channels: int = 1,
    out_channels: int = 1,
    groups: int = 1,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    output_padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
) -> Geometry:
    """Build the geometry of a torch call; each parameter is one int, or one int per axis.

    Raises:
        GeometryError: torch rejects the parameters; the message names the axis, the value, the
            condition and a fix.

    >>> import symconv
    >>> symconv.torch_geometry((4, 4), (3, 3), stride=2, padding=1).out_size
    (7, 7)
    """
    dims = len(input_size)
    if len(kernel_size) != dims:
        raise GeometryError(
            f"input_size {_times(input_size)} has {dims} axes and kernel_size "
            f"{_times(kernel_size)} has {len(kernel_size)}; give both the same number of axes"
        )
    columns = zip(
        input_size,
        kernel_size,
        spread(stride, dims, "stride"),
        spread(padding, dims, "padding"),
        spread(output_padding, dims, "output_padding"),
        spread(dilation, dims, "dilation"),
        strict=True,
    )
    axes = tuple(
        _axis(f" on axis {n} of {dims}" if dims > 1 else "", values)
        for n, values in enumerate(columns)
    )
    return Geometry(in_channels, out_channels, groups, axes)


def _axis(where: str, values: tuple[Any, ...]) -> Axis:
    # only ints are looked up in the cache: True equals 1 as a key, and a list is not hashable
    if {*map(type, values)} == {int}:
        try:
            return _kept_axis(*values)
        except GeometryError:
            pass  # raised again below, with the axis in the message
    return TorchAxis(*values).to_axis(where=where)


@lru_cache(maxsize=8192)
def _kept_axis(*values: int) -> Axis:
    return TorchAxis(*values).to_axis()


def conv_geometry(
    conv_input_size: Sequence[int],
    kernel_size: Sequence[int],
    *,
    in_channels: int = 1,
    out_channels: int = 1,
    groups: int = 1,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
) -> Geometry:
    """Build the geometry whose *convolution* reads `conv_input_size`.

    `in_channels` and `out_channels` are those of the transposed convolution, as everywhere.

    Raises:
        GeometryError: a parameter is invalid, or the dilated kernel is larger than the padded
            input.

    >>> import symconv
    >>> geometry = symconv.conv_geometry((8,), (3,), stride=2, padding=1)
    >>> geometry.size, geometry.out_size
    ((4,), (8,))
    """
    dims = len(conv_input_size)
    sizes, pads = [], []
    columns = zip(
        conv_input_size,
        spread(tuple(kernel_size), dims, "kernel_size"),
        spread(stride, dims, "stride"),
        spread(padding, dims, "padding"),
        spread(dilation, dims, "dilation"),
        strict=True,
    )
    for n, (size, kernel, step, pad, dil) in enumerate(columns):
        where = f" on axis {n} of {dims}" if dims > 1 else ""
        require(
            TORCH_CONDITIONS[:5],
            {"size": size, "kernel_size": kernel, "stride": step, "padding": pad, "dilation": dil},
            where=where,
            names={"size": "conv_input_size"},
        )
        room = laws.conv_span(
            size=size, kernel_size=kernel, padding_begin=pad, padding_end=pad, dilation=dil
        )
        if room < 0:
            span = laws.extent(kernel_size=kernel, dilation=dil)
            raise GeometryError(
                f"conv_input_size={size}{where}: with padding={pad} it is {size + 2 * pad} "
                f"elements long, but the kernel spans {span}, so the convolution has no output. "
                f"Try conv_input_size={size - room} or padding={pad + (1 - room) // 2}."
            )
        sizes.append(
            laws.conv_out_size(
                size=size, kernel_size=kernel, stride=step, padding=pad, dilation=dil
            )
        )
        pads.append(adjoint_output_padding(size, TorchAxis(1, kernel, step, pad, 0, dil)))
    return torch_geometry(
        sizes,
        kernel_size,
        in_channels=in_channels,
        out_channels=out_channels,
        groups=groups,
        stride=stride,
        padding=padding,
        output_padding=pads,
        dilation=dilation,
    )


def geometry_from_module(module: Any, input_size: Sequence[int]) -> Geometry:
    """Build the geometry of a `torch.nn.ConvTransposeNd` module at a spatial input size.

    Raises:
        GeometryError: the module is not a ConvTranspose, or its padding is a string.

    >>> import symconv, torch
    >>> module = torch.nn.ConvTranspose2d(2, 3, 4, stride=2, padding=1)
    >>> symconv.geometry_from_module(module, (5, 5)).output_shape
    (3, 10, 10)
    """
    if not getattr(module, "transposed", False):
        raise GeometryError(
            f"{type(module).__name__} is not a ConvTranspose1d, ConvTranspose2d or ConvTranspose3d"
        )
    if isinstance(module.padding, str):
        raise GeometryError(
            f"padding={module.padding!r}: torch stores the string and fails later; give integers"
        )
    return torch_geometry(
        tuple(input_size),
        tuple(module.kernel_size),
        in_channels=module.in_channels,
        out_channels=module.out_channels,
        groups=module.groups,
        stride=tuple(module.stride),
        padding=tuple(module.padding),
        output_padding=tuple(module.output_padding),
        dilation=tuple(module.dilation),
    )


def _times(sizes: Sequence[int]) -> str:
    return "x".join(map(str, sizes))
