"""The subject of a page: operands as values or symbols, and the output that they give."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from symconv.core.conditions import require_counts
from symconv.core.dialects.building import spread
from symconv.core.errors import ShapeError
from symconv.core.geometry import Geometry
from symconv.core.limits import require_items
from symconv.core.polynomial import Polynomial
from symconv.exact.containers import Tensor, read_tensor
from symconv.exact.operands import Operands, Sizes, read_transposed
from symconv.exact.operators import evaluate_transposed
from symconv.exact.ranks import Ranks, read_ranks
from symconv.exact.symbolic import letters, polynomial_of
from symconv.reading import Values

MOST_TERMS = 200_000
"""The most products, and the most outputs or symbols, of a configuration that gets a page."""


@dataclass(frozen=True)
class Subject:
    """A configuration with its operands.

    Attributes:
        case: geometry and operands in canonical shape.
        names: the symbols of all entries of `x`, `k` and `b`, in the order of the operands.
        x_values: whether the input was given as values.
        w_values: whether the weight was given as values.
        decimal: whether to show finite decimals instead of fractions.
    """

    case: Operands
    names: dict[str, tuple[Polynomial, ...]]
    x_values: bool
    w_values: bool
    decimal: bool

    @property
    def geometry(self) -> Geometry:
        """The geometry: channels, groups and axes."""
        return self.case.geometry

    @property
    def ranks(self) -> Ranks:
        """The ranks of the operands as given, which determine the indices of entries."""
        return self.case.ranks

    @cached_property
    def output(self) -> Tensor:
        """The output in canonical shape `(batch, C_out, *out_size)`."""
        shape = (self.case.x.shape[0], *self.geometry.output_shape)
        return evaluate_transposed(self.case).reshape(shape)

    @property
    def shown_output(self) -> Tensor:
        """The output with the same leading axes as the operands had."""
        return self.output.reshape(self.case.shown_shape(self.output.shape))

    @property
    def numeric(self) -> bool:
        """Whether no operand has symbols."""
        bias = self.case.bias or ()
        numbers = all(isinstance(v, (int, Fraction)) for v in bias)
        return self.case.x.rational and self.case.w.rational and numbers


def _operand(given: Any, what: str) -> tuple[Tensor | None, bool]:
    """An operand given as values, with whether it was written with decimals.

    Values are parsed text, lists, SymPy or NumPy; `(None, False)` if there are none.
    """
    if given is None:
        return None, False
    decimal = isinstance(given, Values) and given.decimal
    nested = given.nested if isinstance(given, Values) else given
    if what == "bias" and isinstance(nested, (int, Fraction, Polynomial)):
        nested = [nested]
    tensor = read_tensor(nested, what)
    flat = tuple(
        v if isinstance(v, (int, Fraction, Polynomial)) else polynomial_of(v, what)
        for v in tensor.flat
    )
    return Tensor(tensor.shape, flat, tensor.container), decimal


def _agree(size: Sequence[int] | None, shape: tuple[int, ...], name: str, values: str) -> None:
    if size is not None and tuple(size) != shape:
        raise ShapeError(
            f"{name}={'x'.join(map(str, size))} contradicts the values of {values}, which have "
            f"shape {'x'.join(map(str, shape))}. Leave {name} out"
        )


@dataclass(frozen=True, slots=True)
class Options:
    """What is given in addition to values: sizes and counts of symbols, and torch's parameters.

    Attributes:
        input_size, kernel_size: spatial sizes, for symbols.
        in_channels, out_channels, batch: counts, for symbols.
        dims: number of spatial axes, where the ranks are ambiguous.
        stride, padding, output_padding, groups, dilation: torch's parameters.
    """

    input_size: Sizes | None = None
    kernel_size: Sizes | None = None
    in_channels: int | None = None
    out_channels: int | None = None
    batch: int | None = None
    dims: int | None = None
    stride: Sizes = 1
    padding: Sizes = 0
    output_padding: Sizes = 0
    groups: int = 1
    dilation: Sizes = 1


PLAIN = Options()


def read_subject(
    x: Any = None, w: Any = None, bias: Any = None, options: Options = PLAIN
) -> Subject:
    """The subject for operands that are given as values, or as sizes for symbols.

    Input and weight are independent: each may have values or symbols. `bias=True` is a bias of
    symbols.

    Raises:
        ShapeError: an operand has neither values nor a size, or has both and they differ.
        GeometryError, ParseError, LimitError: an argument is invalid, inconsistent with another
            one or too large; the message says what to do.
    """
    o = options
    require_counts(
        in_channels=o.in_channels,
        out_channels=o.out_channels,
        batch=o.batch,
        groups=o.groups,
        dims=o.dims,
    )
    (x_given, x_decimal), (w_given, w_decimal) = _operand(x, "x"), _operand(w, "k")
    _require_both(x_given, w_given, o)
    dims, paper = _axes(x_given, w_given, o)
    x_size = _size(o.input_size, dims, "input_size")
    w_size = _size(o.kernel_size, dims, "kernel_size")
    in_channels, out_channels = o.in_channels, o.out_channels
    if x_given is not None:
        _agree(x_size, x_given.shape[-dims:], "input_size", "x")
        in_channels = _channels_of_input(x_given.shape[:-dims], in_channels)
    if w_given is not None:
        _agree(w_size, w_given.shape[-dims:], "kernel_size", "k")
        if not paper and len(w_given.shape) == dims + 2:
            in_channels = w_given.shape[0] if in_channels is None else in_channels
            out_channels = _channels_of_output(w_given.shape[1] * o.groups, out_channels)
    in_channels, out_channels = in_channels or 1, out_channels or 1
    if x_given is None:
        lead = (in_channels,) if o.batch is None else (o.batch, in_channels)
        x_tensor = _symbols("x", () if paper else lead, x_size, "input_size")
    else:
        x_tensor = x_given
    if w_given is None:
        lead = (in_channels, max(out_channels // o.groups, 1))
        w_tensor = _symbols("k", () if paper else lead, w_size, "kernel_size")
    else:
        w_tensor = w_given
    b = letters("b", (out_channels,)) if bias is True else _operand(bias, "bias")[0]
    case = read_transposed(
        x_tensor, w_tensor, b, dims, o.groups, o.stride, o.padding, o.output_padding, o.dilation
    )
    _require_printable(case)
    names = {
        "x": letters("x", case.x.shape, x_tensor.shape).flat,
        "k": letters("k", case.w.shape, w_tensor.shape).flat,
        "b": letters("b", (case.geometry.out_channels,)).flat,
    }
    return Subject(case, names, x_given is not None, w_given is not None, x_decimal or w_decimal)


def _require_both(x: Tensor | None, w: Tensor | None, options: Options) -> None:
    for name, side, tensor in (("input_size", "x", x), ("kernel_size", "k", w)):
        if tensor is None and getattr(options, name) is None:
            raise ShapeError(
                f"{side} is missing: give {side} (values) or {name} (the values are then symbols)"
            )


def _axes(x: Tensor | None, w: Tensor | None, options: Options) -> tuple[int, bool]:
    """The number of spatial axes, and whether channel axes are left out, as on paper."""
    sizes = (options.input_size, options.kernel_size)
    known = {len(s) for s in sizes if s is not None and not isinstance(s, int)}
    dims = options.dims
    if dims is None and len(known) == 1 and (x is None or w is None):
        dims = known.pop()
    counts = (options.in_channels, options.out_channels, options.batch)
    paper = all(count is None for count in counts) and options.groups == 1
    if x is not None and w is not None:
        ranks = read_ranks(len(x.shape), len(w.shape), dims)
        dims, paper = ranks.dims, ranks.paper
    elif dims is None:
        given = x if x is not None else w
        dims = len(given.shape) if given is not None else 1
    if x is not None:
        paper = len(x.shape) == dims
    elif w is not None:
        paper = len(w.shape) == dims and paper
    return dims, paper


def _size(size: Sizes | None, dims: int, name: str) -> tuple[int, ...] | None:
    found = None if size is None else spread(size, dims, name)
    for length in found or ():
        require_counts(**{name: length})
    return found


def _channels_of_input(lead: tuple[int, ...], asked: int | None) -> int:
    counted = lead[-1] if lead else 1
    if asked not in (None, counted):
        raise ShapeError(f"in_channels={asked}, but x has {counted} channels")
    return counted


def _channels_of_output(counted: int, asked: int | None) -> int:
    if asked not in (None, counted):
        raise ShapeError(f"out_channels={asked}, but k gives {counted}")
    return counted


def _symbols(letter: str, lead: tuple[int, ...], size: tuple[int, ...] | None, name: str) -> Tensor:
    """An operand of symbols."""
    assert size is not None, "an operand has values or a size"
    shape = lead + size
    count = math.prod(max(length, 0) for length in shape)
    require_items(
        count,
        MOST_TERMS,
        f"{name} gives too many symbols for a page ({64 * count / 2**30:.3g} GiB of them)",
        "Use smaller sizes; `symconv size` works for any size.",
    )
    return letters(letter, shape)


def _require_printable(case: Operands) -> None:
    """Refuse a case whose page would be too long.

    Raises:
        LimitError: it has too many products or outputs.
    """
    require_items(
        case.geometry.most_terms * case.x.shape[0],
        MOST_TERMS,
        "this configuration has too many products for a page",
        "Use smaller sizes; `symconv size` works for any size.",
    )
    require_items(
        case.x.shape[0] * math.prod(case.geometry.output_shape),
        MOST_TERMS,
        "this configuration has too many outputs for a page",
        "Use a smaller size, stride or dilation; `symconv size` works for any size.",
    )
