"""The size law with numbers: what an input size gives, what can be reached, what conv gives back.

Standard library only; instant for any size. Source: the shape section of
torch.nn.ConvTranspose2d's documentation; Dumoulin & Visin, relationship 14.
"""

from __future__ import annotations

from dataclasses import dataclass

from symconv.dialects.torch import TORCH_CONDITIONS, TorchAxis


@dataclass(frozen=True, slots=True)
class Choice:
    """One output_padding that torch accepts.

    Attributes:
        output_padding: in elements.
        out_size: what it gives.
        conv_size: what the convolution makes of that; the input size iff output_padding < stride.
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
        conv_size: length that the convolution with the same parameters gives back.
        reachable: `(smallest, largest)` output length over all legal output_padding.
        inverting: `(smallest, largest)` of those that conv maps back to the input size.
    """

    torch: TorchAxis
    out_size: int
    conv_size: int
    reachable: tuple[int, int]
    inverting: tuple[int, int]

    def choices(self, at_most: int = 16) -> list[Choice]:
        """The first legal values of output_padding with what they give."""
        first, last = self.reachable
        found = []
        for size in range(first, min(last, first + at_most - 1) + 1):
            padding = self.torch.output_padding + size - self.out_size
            found.append(Choice(padding, size, conv_size(size, self.torch)))
        return found


def conv_size(length: int, torch: TorchAxis) -> int:
    """`floor((N + 2*padding - dilation*(kernel_size-1) - 1) / stride) + 1`."""
    room = length + 2 * torch.padding - torch.dilation * (torch.kernel_size - 1) - 1
    return room // torch.stride + 1


def axis_sizes(torch: TorchAxis, where: str = "") -> AxisSizes:
    """The law on one axis.

    Raises:
        GeometryError: torch refuses the parameters; names the condition and a way out.
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
    """Whether torch takes these parameters."""
    return all(condition.holds(torch.values) for condition in TORCH_CONDITIONS)
