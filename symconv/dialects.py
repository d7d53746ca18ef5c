"""How frameworks name the parameters of the operator, and what each accepts.

torch's ConvTranspose cuts `padding` at both ends and puts `output_padding` back at the end:
`crop_begin = padding`, `crop_end = padding - output_padding`. Source: the shape section of
torch.nn.ConvTranspose2d's documentation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from symconv.conditions import Atom, Condition, at_least, require
from symconv.errors import GeometryError
from symconv.geometry import OUT_SIZE, Axis, Geometry
from symconv.polynomial import Polynomial

_V = Polynomial.variable

TORCH_CROPS = {"crop_begin": _V("padding"), "crop_end": _V("padding") - _V("output_padding")}
"""torch's two paddings as crops."""

_TORCH_NAMES = ("size", "kernel_size", "stride", "padding", "output_padding", "dilation")

TORCH_OUT_SIZE = OUT_SIZE.evaluate(
    {**{name: _V(name) for name in ("size", "kernel_size", "stride", "dilation")}, **TORCH_CROPS}
)
"""The size law in torch's parameters."""

TORCH_CONDITIONS = (
    at_least("size", 1),
    at_least("kernel_size", 1),
    at_least("stride", 1),
    at_least("dilation", 1),
    at_least("padding", 0),
    at_least("output_padding", 0),
    Condition(
        (
            Atom(_V("stride") - _V("output_padding") - 1),
            Atom(_V("dilation") - _V("output_padding") - 1),
        ),
        "output_padding must be smaller than stride or smaller than dilation",
        "output_padding",
    ),
    Condition((Atom(TORCH_OUT_SIZE - 1),), "the output must have at least one element", "out_size"),
)
"""What torch accepts on one axis; the documentation's rules and its refusals agree with these."""


@dataclass(frozen=True, slots=True)
class TorchAxis:
    """torch's parameters on one axis; lengths in elements.

    Attributes:
        size: input length, at least 1.
        kernel_size: number of taps, at least 1.
        stride: at least 1.
        padding: at least 0; cut off at both ends of the output.
        output_padding: at least 0 and smaller than stride or than dilation.
        dilation: at least 1.
    """

    size: int
    kernel_size: int
    stride: int = 1
    padding: int = 0
    output_padding: int = 0
    dilation: int = 1

    @property
    def values(self) -> dict[str, int]:
        """The fields by name."""
        return {name: getattr(self, name) for name in _TORCH_NAMES}

    def to_axis(self, where: str = "") -> Axis:
        """The normal form.

        Raises:
            GeometryError: torch refuses these parameters, and so do we, with our own reason.
        """
        require(TORCH_CONDITIONS, self.values, where=where, names={"size": "input_size"})
        crops = {name: int(law.evaluate(self.values)) for name, law in TORCH_CROPS.items()}
        return Axis(self.size, self.kernel_size, self.stride, self.dilation, **crops)


def torch_axis(axis: Axis) -> TorchAxis | None:
    """Torch's parameters for a normal form, or None when one torch call cannot express it."""
    candidate = TorchAxis(
        axis.size,
        axis.kernel_size,
        axis.stride,
        axis.crop_begin,
        axis.crop_begin - axis.crop_end,
        axis.dilation,
    )
    legal = all(condition.holds(candidate.values) for condition in TORCH_CONDITIONS)
    return candidate if legal and candidate.to_axis() == axis else None


def spread(value: int | Sequence[int], dims: int, name: str) -> tuple[int, ...]:
    """One int for every axis, or one int an axis.

    Raises:
        GeometryError: the number of values is neither 1 nor `dims`.
    """
    values = (value,) if isinstance(value, int) else tuple(value)
    if len(values) == 1:
        values *= dims
    if len(values) != dims:
        raise GeometryError(
            f"{name} has {len(values)} values {values}, but there are {dims} spatial axes. "
            f"Way out: one value for all, or {dims} values."
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
    """The geometry of a torch call; each parameter is one int or one int an axis.

    Raises:
        GeometryError: names the axis, the value, the condition in words and a way out.
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
        TorchAxis(*values).to_axis(where=f" on axis {n} of {dims}" if dims > 1 else "")
        for n, values in enumerate(columns)
    )
    return Geometry(in_channels, out_channels, groups, axes)


def adjoint_output_padding(conv_input_size: int, torch: TorchAxis) -> int:
    """The output_padding that makes the transposed convolution return `conv_input_size`.

    The remainder of the strided division: `(N + 2*padding - dilation*(kernel_size-1) - 1) mod
    stride`, after Dumoulin & Visin, relationship 14.
    """
    return (
        conv_input_size + 2 * torch.padding - torch.dilation * (torch.kernel_size - 1) - 1
    ) % torch.stride


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
    """The geometry whose *convolution* reads `conv_input_size`.

    `in_channels` and `out_channels` are the transposed convolution's, as everywhere.

    Raises:
        GeometryError: the dilated kernel is larger than the padded input.
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
        room = size + 2 * pad - dil * (kernel - 1) - 1
        if room < 0:
            raise GeometryError(
                f"conv_input_size={size}{where}: with padding={pad} it is {size + 2 * pad} "
                f"elements long, but the kernel spans {dil * (kernel - 1) + 1}, so the convolution "
                f"has no output. Way out: conv_input_size={size - room} or "
                f"padding={pad + (1 - room) // 2}."
            )
        sizes.append(room // step + 1)
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
    """The geometry of a `torch.nn.ConvTransposeNd` module at a spatial input size.

    Raises:
        GeometryError: the module is no ConvTranspose, or its padding is a word.
    """
    if not getattr(module, "transposed", False):
        raise GeometryError(
            f"{type(module).__name__} is not a ConvTranspose1d, 2d or 3d; symconv describes those"
        )
    if isinstance(module.padding, str):
        raise GeometryError(
            f"padding={module.padding!r}: torch stores the word and fails later; give numbers"
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
