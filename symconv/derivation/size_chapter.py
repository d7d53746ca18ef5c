"""The chapter on the size law, with symbols and with the numbers of each axis."""

from __future__ import annotations

from symconv.core.dialects.torch import TorchAxis, torch_axis
from symconv.core.sizes import AxisSizes, axis_sizes
from symconv.derivation.subject import Subject
from symconv.render.tree import (
    Block,
    Chain,
    Code,
    Equation,
    EquationList,
    Heading,
    Letter,
    Math,
    Product,
    Sum,
    Value,
    equals,
    paragraph,
)


def law() -> Chain:
    """The size law in symbols: `N = (M-1) s - 2 p + d (k-1) + op + 1`."""
    return equals(
        Letter("N"),
        _law(*(Letter(name) for name in ("M", "s", "p", "d", "k", "op")), dot=False),
    )


def _law(size: Math, s: Math, p: Math, d: Math, k: Math, op: Math, *, dot: bool) -> Sum:
    one = Value(-1)
    return Sum(
        (
            Product((Sum((size, one)), s), dot),
            Product((Value(-2), p), dot),
            Product((d, Sum((k, one))), dot),
            op,
            Value(1),
        )
    )


def with_numbers(torch: TorchAxis, letter: Letter) -> Chain:
    """The size law with the numbers of one axis; `letter` is its left-hand side."""
    numbers = [
        Value(v)
        for v in (
            torch.size,
            torch.stride,
            torch.padding,
            torch.dilation,
            torch.kernel_size,
            torch.output_padding,
        )
    ]
    return equals(letter, _law(*numbers, dot=True), Value(axis_sizes(torch).out_size))


def describe(sizes: AxisSizes) -> str:
    """A sentence on the output sizes that an axis can have, and the size that conv gives back."""
    torch, (low, high) = sizes.torch, sizes.reachable
    words = (
        f"input {torch.size} gives {sizes.out_size}; with output_padding from 0 to "
        f"{max(torch.stride, torch.dilation) - 1} the sizes {low} to {high} are reachable"
    )
    if low == high:
        words = f"input {torch.size} gives {sizes.out_size}, the only reachable size"
    back = sizes.conv_size
    words += f"; conv maps {sizes.out_size} back to {back}"
    if back != torch.size:
        words += f", not to {torch.size}, since output_padding is not smaller than stride"
    return words + "."


def chapter(subject: Subject) -> list[Block]:
    """The chapter: the size law, its values here, and the reachable sizes of each axis."""
    axes = [torch_axis(axis) for axis in subject.geometry.axes]
    blocks: list[Block] = [
        Heading(2, "The size law"),
        paragraph(
            "Per axis, with input size ",
            Letter("M"),
            ", stride ",
            Letter("s"),
            ", padding ",
            Letter("p"),
            ", dilation ",
            Letter("d"),
            ", kernel size ",
            Letter("k"),
            " and output padding ",
            Letter("op"),
            ":",
        ),
        Equation(law()),
    ]
    legal = [a for a in axes if a is not None]
    one = len(legal) == 1
    chains = [with_numbers(a, Letter("N", () if one else (n,))) for n, a in enumerate(legal)]
    blocks.append(EquationList(tuple(chains)))
    for n, torch in enumerate(legal):
        where = "" if one else f"axis {n}: "
        blocks.append(paragraph(where + describe(axis_sizes(torch))))
    if any(a.output_padding for a in legal):
        blocks.append(
            paragraph(
                Code("output_padding"),
                " does not append zeros: the extra outputs are the sums that the crop at the end "
                "would have discarded, and zero only where no tap reaches.",
            )
        )
    return blocks
