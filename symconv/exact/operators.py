"""The public exact operators: conv_transpose, conv, grad_weight.

Containers: lists and SymPy objects give a SymPy Matrix (rank 2) or ImmutableDenseNDimArray;
NumPy arrays and torch tensors give a NumPy object array. Every entry is exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from symconv.core.arguments import suggest_names
from symconv.core.dialects.modules import is_module, operands_of_module
from symconv.core.geometry import Geometry
from symconv.exact import ring
from symconv.exact.containers import Container, Tensor, to_container
from symconv.exact.operands import (
    Operands,
    Sizes,
    read_conv,
    read_transposed,
    read_weight_gradient,
    require_bias,
)


def _container(*given: Tensor) -> Container:
    seen = {t.container for t in given}
    for container in (Container.SYMBOLIC, Container.NUMPY):
        if container in seen:
            return container
    return given[0].container


def _per_sample(
    case: Operands,
    contraction: Callable[[Geometry, Sequence[Any], Sequence[Any]], list[Any]],
    shape: tuple[int, ...],
) -> Tensor:
    """Apply a contraction to every sample and add the bias; return the axes the caller used."""
    batch, step = case.x.shape[0], math.prod(case.x.shape[1:])
    flat: list[Any] = []
    for n in range(batch):
        flat += contraction(case.geometry, case.x.flat[n * step : (n + 1) * step], case.w.flat)
    if case.bias is not None:
        plane = math.prod(shape[1:])
        flat = [v + case.bias[n // plane % shape[0]] for n, v in enumerate(flat)]
    return Tensor(case.shown_shape((batch, *shape)), tuple(flat))


def evaluate_transposed(case: Operands) -> Tensor:
    """Compute the transposed convolution of a case."""
    return _per_sample(case, ring.transposed, case.geometry.output_shape)


@suggest_names
def conv_transpose(
    x: Any,
    w: Any,
    bias: Any = None,
    *,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
    dims: int | None = None,
) -> Any:
    """Compute the exact transposed convolution, with torch's parameters.

    Args:
        x: `(*size)`, `(C_in, *size)` or `(batch, C_in, *size)`.
        w: `(*kernel_size)` or `(C_in, C_out // groups, *kernel_size)`; or a module such as
            torch.nn.ConvTranspose2d, which gives weight, bias and parameters.
        bias: one entry per output channel, in a list, array or tensor.
        stride, padding, output_padding, dilation: one int, or one per axis, in elements.
        groups: number of groups of channels.
        dims: number of spatial axes, required if the ranks are ambiguous.

    Returns:
        `(*out_size)`, `(C_out, *out_size)` or `(batch, C_out, *out_size)`.

    Raises:
        GeometryError, ShapeError, ParseError: the arguments are inconsistent; the message
            suggests a fix.
        LimitError: the products would exceed the memory limit.
        TypeError: `bias` is a single number; stride and the other parameters are keywords.

    Floats in lists are decimals as written, so that `0.1` is one tenth, as on the command line;
    floats in NumPy arrays and torch tensors are the binary fractions that they store.

    >>> import symconv
    >>> symconv.conv_transpose([0.1, 2], [1, 3], stride=2)
    [1/10, 3/10, 2, 6]
    """
    if is_module(w):
        w, bias, steps = operands_of_module(w)
        return conv_transpose(x, w, bias, dims=dims, **steps)
    require_bias(bias)
    case = read_transposed(x, w, bias, dims, groups, stride, padding, output_padding, dilation)
    return to_container(evaluate_transposed(case), _container(case.x, case.w))


@suggest_names
def conv(
    x: Any,
    w: Any,
    bias: Any = None,
    *,
    stride: Sizes = 1,
    padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
    dims: int | None = None,
) -> Any:
    """Compute the exact convolution (correlation, as in torch) that `conv_transpose` transposes.

    Args:
        x: `(*size)`, `(C, *size)` or `(batch, C, *size)`.
        w: `(*kernel_size)` or `(out, in // groups, *kernel_size)`: the same tensor that
            `conv_transpose` takes.

    Raises:
        GeometryError, ShapeError, ParseError: the arguments are inconsistent; the message
            suggests a fix.

    >>> import symconv
    >>> symconv.conv([1, 2, 3], [1, 10])
    [21, 32]
    """
    require_bias(bias)
    case = read_conv(x, w, bias, dims, groups, stride, padding, dilation)
    result = _per_sample(case, ring.convolved, case.geometry.input_shape)
    return to_container(result, _container(case.x, case.w))


@suggest_names
def grad_weight(
    x: Any,
    grad_y: Any,
    *,
    kernel_size: Sizes,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
    dims: int | None = None,
) -> Any:
    """Compute the exact gradient of `sum(grad_y * conv_transpose(x, w))` with respect to `w`.

    Returns:
        `(C_in, C_out // groups, *kernel_size)`, or `(*kernel_size)` if x has no channel axis.

    Raises:
        GeometryError, ShapeError, ParseError: the arguments are inconsistent; the message
            suggests a fix.

    >>> import symconv
    >>> symconv.grad_weight([1, 2], [1, 0, 5], kernel_size=2)
    [1, 10]
    """
    case, grad = read_weight_gradient(
        x, grad_y, kernel_size, dims, groups, stride, padding, output_padding, dilation
    )
    geometry = case.geometry
    steps = math.prod(geometry.input_shape), math.prod(geometry.output_shape)
    total: list[Any] = [0] * math.prod(geometry.weight_shape)
    for n in range(case.x.shape[0]):
        left = case.x.flat[n * steps[0] : (n + 1) * steps[0]]
        right = grad.flat[n * steps[1] : (n + 1) * steps[1]]
        part = ring.weight_gradient(geometry, left, right)
        total = [u + v for u, v in zip(total, part, strict=True)]
    shape = geometry.weight_shape[2:] if case.ranks.paper else geometry.weight_shape
    return to_container(Tensor(shape, tuple(total)), _container(case.x, grad))
