"""Reading and checking of operands: their shapes, channels, batch and bias in canonical form."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from symconv.core.conditions import require_counts
from symconv.core.dialects.building import conv_geometry, torch_geometry
from symconv.core.errors import ShapeError
from symconv.core.geometry import Geometry
from symconv.exact.containers import Tensor, read_tensor
from symconv.exact.ranks import Ranks, read_ranks

Sizes = int | Sequence[int]


@dataclass(frozen=True, slots=True)
class Operands:
    """One call with its operands in canonical shape.

    Attributes:
        geometry: channels, groups and axes.
        x: `(batch, C_in, *size)`; for a convolution `(batch, C_out, *out_size)`.
        w: `(C_in, C_out // groups, *kernel_size)`.
        bias: one entry per result channel, or None.
        ranks: which axes the operands have, and therefore which the result has.
    """

    geometry: Geometry
    x: Tensor
    w: Tensor
    bias: tuple[Any, ...] | None
    ranks: Ranks

    def shown_shape(self, full: tuple[int, ...]) -> tuple[int, ...]:
        """Remove from `(batch, C, *spatial)` the leading axes that the operands do not have."""
        if self.ranks.paper:
            return full[2:]
        return full if self.ranks.batched else full[1:]


def _read_input_and_weight(
    x: Any, w: Any, dims: int | None, groups: int
) -> tuple[Tensor, Tensor, Ranks]:
    """Read x and w with all of their axes, and which of these axes were given."""
    require_counts(groups=groups)
    x, w = read_tensor(x, "x"), read_tensor(w, "w")
    ranks = read_ranks(len(x.shape), len(w.shape), dims)
    if ranks.paper:
        return x.reshape((1, 1, *x.shape)), w.reshape((1, 1, *w.shape)), ranks
    return (x if ranks.batched else x.reshape((1, *x.shape))), w, ranks


def require_bias(bias: Any) -> None:
    """Refuse a single number, which may be meant as the stride.

    Raises:
        TypeError: the bias is a number.
    """
    if isinstance(bias, (int, float)) and not isinstance(bias, bool):
        raise TypeError(
            f"bias is the number {bias!r}; give one entry per output channel, such as [{bias!r}]. "
            f"The other parameters are keywords: stride={bias!r}"
        )


def _read_bias(bias: Any, channels: int) -> tuple[Any, ...] | None:
    if bias is None:
        return None
    scalar = not isinstance(bias, (list, tuple, Tensor)) and not getattr(bias, "shape", ())
    entries = read_tensor([bias] if scalar else bias, "bias")
    if entries.shape != (channels,):
        raise ShapeError(
            f"bias has shape {entries.shape}, but the result has {channels} channels: "
            f"give one value per channel, {channels} in all"
        )
    return entries.flat


def _times(shape: Sequence[int]) -> str:
    return "x".join(map(str, shape))


def check_transposed_weight(x_channels: int, w_shape: tuple[int, ...], groups: int) -> None:
    """Check that axis 0 of the weight of a transposed convolution has the input's channels.

    Raises:
        ShapeError: it does not; the message shows the transpose if the layout looks like Conv's.
    """
    if w_shape[0] == x_channels:
        return
    axes = ["kD", "kH", "kW"][-(len(w_shape) - 2) :] if len(w_shape) > 3 else ["k"]
    spatial = ", ".join(axes)
    message = (
        f"weight has shape {_times(w_shape)}, but x has {x_channels} channels: a transposed "
        f"convolution requires (in, out/groups, {spatial})"
    )
    if w_shape[1] * groups == x_channels:
        fix = "w.transpose(0, 1)" if groups == 1 else "the same weight split by group"
        message += (
            f". This looks like Conv's layout (out, in/groups, {spatial}); {fix} "
            f"has shape {_times((x_channels, w_shape[0] // groups, *w_shape[2:]))}"
        )
    raise ShapeError(message)


def read_transposed(
    x: Any,
    w: Any,
    bias: Any,
    dims: int | None,
    groups: int,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    dilation: Sizes = 1,
) -> Operands:
    """Read and check the operands of a transposed convolution.

    Raises:
        ShapeError, ParseError, GeometryError: the arguments are inconsistent; the message
            suggests a fix.
    """
    x, w, ranks = _read_input_and_weight(x, w, dims, groups)
    check_transposed_weight(x.shape[1], w.shape, groups)
    geometry = torch_geometry(
        x.shape[2:],
        w.shape[2:],
        in_channels=w.shape[0],
        out_channels=w.shape[1] * groups,
        groups=groups,
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        dilation=dilation,
    )
    return Operands(geometry, x, w, _read_bias(bias, geometry.out_channels), ranks)


def read_conv(
    x: Any,
    w: Any,
    bias: Any,
    dims: int | None,
    groups: int,
    stride: Sizes = 1,
    padding: Sizes = 0,
    dilation: Sizes = 1,
) -> Operands:
    """Read and check the operands of a convolution; weight `(out, in/groups, *kernel_size)`.

    Raises:
        ShapeError, ParseError, GeometryError: the arguments are inconsistent; the message
            suggests a fix.
    """
    x, w, ranks = _read_input_and_weight(x, w, dims, groups)
    if w.shape[1] * groups != x.shape[1]:
        raise ShapeError(
            f"weight has shape {_times(w.shape)}, but x has {x.shape[1]} channels and "
            f"groups={groups}: a convolution requires (out, in/groups, ...), so axis 1 must have "
            f"length {x.shape[1] // groups}"
        )
    geometry = conv_geometry(
        x.shape[2:],
        w.shape[2:],
        in_channels=w.shape[0],
        out_channels=x.shape[1],
        groups=groups,
        stride=stride,
        padding=padding,
        dilation=dilation,
    )
    return Operands(geometry, x, w, _read_bias(bias, geometry.in_channels), ranks)


def read_weight_gradient(
    x: Any,
    grad_y: Any,
    kernel_size: Sizes,
    dims: int | None,
    groups: int,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    dilation: Sizes = 1,
) -> tuple[Operands, Tensor]:
    """Read and check the operands of a weight gradient: x and the gradient of the output.

    Returns a case with a zero weight, and the gradient as `(batch, C_out, *out_size)`.

    Raises:
        ShapeError: the ranks are ambiguous, or grad_y does not have the shape of the output.
        ParseError, GeometryError: an operand or a parameter is invalid.
    """
    require_counts(groups=groups)
    x, grad_y = read_tensor(x, "x"), read_tensor(grad_y, "grad_y")
    rank = len(x.shape)
    if dims is None and not isinstance(kernel_size, int):
        dims = len(kernel_size)
    if dims is None and rank > 2:
        raise ShapeError(
            f"x has rank {rank}, which does not determine the number of spatial axes; give "
            "kernel_size one number per axis, or give dims"
        )
    dims = dims or rank
    sizes = (kernel_size,) * dims if isinstance(kernel_size, int) else tuple(kernel_size)
    if len(grad_y.shape) != rank or rank - dims not in (0, 1, 2):
        raise ShapeError(
            f"x has rank {rank} and grad_y has rank {len(grad_y.shape)}; for {dims} spatial axes "
            f"both must have rank {dims} (one channel), {dims + 1} (channels) or {dims + 2} (batch "
            "and channels)"
        )
    ranks = Ranks(dims, paper=rank == dims, batched=rank == dims + 2)
    x, grad_y = (t.reshape((1,) * (dims + 2 - rank) + t.shape) for t in (x, grad_y))
    geometry = torch_geometry(
        x.shape[2:],
        sizes,
        in_channels=x.shape[1],
        out_channels=grad_y.shape[1],
        groups=groups,
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        dilation=dilation,
    )
    if grad_y.shape != (x.shape[0], *geometry.output_shape):
        raise ShapeError(
            f"grad_y has shape {_times(grad_y.shape)}, but these parameters give an output of "
            f"shape {_times((x.shape[0], *geometry.output_shape))}"
        )
    zeros = Tensor(geometry.weight_shape, (0,) * math.prod(geometry.weight_shape), x.container)
    return Operands(geometry, x, zeros, None, ranks), grad_y
