"""The size law in numbers: output lengths, reachable lengths, parameters that reach a length.

Uses only the standard library; instant for any size. Source of the size law: the shape section
of torch.nn.ConvTranspose2d's documentation; Dumoulin & Visin, relationship 14.

With stride s and output_padding op, the convolution maps the output length N of an input of
length M to `conv(N) = M + floor(op / s)`. It gives M back exactly if op < s.
"""

from __future__ import annotations

from dataclasses import dataclass

from symconv.core import laws
from symconv.core.dialects.torch import TORCH_CONDITIONS, TorchAxis


@dataclass(frozen=True, slots=True)
class Choice:
    """One output_padding that torch accepts.

    Attributes:
        output_padding: in elements.
        out_size: output length with it.
        conv_size: length that the convolution maps `out_size` to; the input length if and only
            if output_padding < stride.
    """

    output_padding: int
    out_size: int
    conv_size: int


@dataclass(frozen=True, slots=True)
class AxisSizes:
    """The size law on one axis.

    Attributes:
        torch: the parameters.
        out_size: output length.
        conv_size: length that the convolution with the same parameters maps `out_size` to.
        reachable: `(smallest, largest)` output length over all legal output_padding.
        inverting: `(smallest, largest)` of those that the convolution maps to the input length.
    """

    torch: TorchAxis
    out_size: int
    conv_size: int
    reachable: tuple[int, int]
    inverting: tuple[int, int]

    def choices(self, at_most: int = 16) -> list[Choice]:
        """List the first `at_most` legal values of output_padding with the resulting lengths."""
        first, last = self.reachable
        found = []
        for size in range(first, min(last, first + at_most - 1) + 1):
            padding = self.torch.output_padding + size - self.out_size
            found.append(Choice(padding, size, conv_size(size, self.torch)))
        return found


def conv_size(length: int, torch: TorchAxis) -> int:
    """Output length of the convolution of `length` elements."""
    return int(
        laws.conv_out_size(
            size=length,
            kernel_size=torch.kernel_size,
            stride=torch.stride,
            padding=torch.padding,
            dilation=torch.dilation,
        )
    )


def axis_sizes(torch: TorchAxis, where: str = "") -> AxisSizes:
    """Apply the size law to one axis.

    Raises:
        GeometryError: torch rejects the parameters; the message names the condition and a fix.
    """
    out_size = torch.to_axis(where).out_size
    base = out_size - torch.output_padding
    smallest = max(base, 1)
    largest = base + max(torch.stride, torch.dilation) - 1
    return AxisSizes(
        torch,
        out_size,
        conv_size(out_size, torch),
        (smallest, largest),
        (smallest, base + torch.stride - 1),
    )


def accepts(torch: TorchAxis) -> bool:
    """Whether torch accepts these parameters."""
    return all(condition.holds(torch.values) for condition in TORCH_CONDITIONS)


MOST_STEP = 3
"""Strides are tried up to this much above the given one, dilations up to one less."""


@dataclass(frozen=True, slots=True)
class Way:
    """Parameters of one axis that reach a wanted length.

    Attributes:
        torch: the parameters.
        inverts: whether the convolution with them maps that length to the input length.
        changed: names of the parameters that differ from the given ones.
    """

    torch: TorchAxis
    inverts: bool
    changed: tuple[str, ...]

    def __str__(self) -> str:
        t = self.torch
        return (
            f"stride {t.stride}, padding {t.padding}, output_padding {t.output_padding}, "
            f"dilation {t.dilation}"
        )


NAMES = ("stride", "padding", "output_padding", "dilation")
WEIGHT = {"output_padding": 1, "padding": 2, "stride": 4, "dilation": 6}
"""Cost of changing a parameter, for ranking: lowest for output_padding, highest for dilation."""


def ways(given: TorchAxis, wanted: int) -> list[Way]:
    """List parameters near the given ones that reach `wanted`, best first (see `_cost`).

    Strides go up to 3 above the given one, dilations up to 2 above; padding and output padding
    follow from the size law.
    """
    found = []
    for stride in range(1, max(given.stride, 0) + MOST_STEP + 1):
        for dilation in range(1, max(given.dilation, 0) + MOST_STEP):
            full = laws.full_size(
                size=given.size, kernel_size=given.kernel_size, stride=stride, dilation=dilation
            )
            for extra in range(max(stride, dilation)):
                twice = full + extra - wanted
                if twice < 0 or twice % 2:
                    continue
                torch = TorchAxis(
                    given.size, given.kernel_size, stride, twice // 2, extra, dilation
                )
                if accepts(torch):
                    found.append(_way(given, torch))
    return sorted(found, key=lambda w: _cost(given, w))


def _way(given: TorchAxis, torch: TorchAxis) -> Way:
    changed = tuple(n for n in NAMES if getattr(given, n) != getattr(torch, n))
    return Way(torch, torch.output_padding < torch.stride, changed)


def _cost(given: TorchAxis, way: Way) -> tuple[int, ...]:
    """Sort key: parameters that the convolution inverts first, then few, cheap, small changes."""
    kinds = sum(WEIGHT[n] for n in way.changed)
    apart = sum(abs(getattr(given, n) - getattr(way.torch, n)) for n in NAMES)
    sizes = (way.torch.dilation, way.torch.stride, way.torch.padding)
    return (0 if way.inverts else 1, kinds + apart, *sizes)


def why_not(sizes: AxisSizes, wanted: int) -> str:
    """Explain in one sentence why a length is not reached, or which output_padding reaches it."""
    low, high = sizes.reachable
    if low <= wanted <= high:
        extra = sizes.torch.output_padding + wanted - sizes.out_size
        return f"{wanted} is reached with output_padding {extra}"
    torch = sizes.torch
    last = max(torch.stride, torch.dilation) - 1
    side = "below" if wanted < low else "above"
    reach = f"may be 0 to {last}, which gives {low} to {high}"
    if not last:
        reach = f"must be 0 here, which gives {low}"
    return f"{wanted} is {side} what these parameters reach: output_padding {reach}"


def collapsing(sizes: AxisSizes) -> tuple[int, int]:
    """First and last input length that the convolution maps to the length `torch.size`."""
    torch = sizes.torch
    first = sizes.out_size - torch.output_padding
    return max(first, 1), first + torch.stride - 1
