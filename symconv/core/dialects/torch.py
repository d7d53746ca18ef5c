"""torch's parameters on one axis: their crops, conditions and normal form.

torch's ConvTranspose cuts `padding` off both ends and adds `output_padding` back at the end:
`crop_begin = padding`, `crop_end = padding - output_padding`. Source: the shape section of
torch.nn.ConvTranspose2d's documentation.
"""

from __future__ import annotations

from dataclasses import dataclass

from symconv.core import laws
from symconv.core.conditions import Atom, Condition, at_least, require
from symconv.core.geometry import Axis
from symconv.core.polynomial import Polynomial

_V = Polynomial.variable

_TORCH_NAMES = ("size", "kernel_size", "stride", "padding", "output_padding", "dilation")

TORCH_OUT_SIZE = laws.torch_out_size(**{name: _V(name) for name in _TORCH_NAMES})
"""The output length in terms of torch's parameters."""

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
"""What torch accepts on one axis, in agreement with its documentation and its error checks."""


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
        """The parameters by name."""
        return {name: getattr(self, name) for name in _TORCH_NAMES}

    def to_axis(self, where: str = "") -> Axis:
        """Convert to the normal form.

        Raises:
            GeometryError: torch rejects these parameters; the message names the condition.
        """
        require(TORCH_CONDITIONS, self.values, where=where, names={"size": "input_size"})
        crops = laws.torch_crops(padding=self.padding, output_padding=self.output_padding)
        return Axis(self.size, self.kernel_size, self.stride, self.dilation, **crops)


def torch_axis(axis: Axis) -> TorchAxis | None:
    """Return torch's parameters for a normal form, or None if no single torch call has it."""
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


def adjoint_output_padding(conv_input_size: int, torch: TorchAxis) -> int:
    """Compute the output_padding with which the transposed convolution gives `conv_input_size`.

    It is the remainder in the size law of the convolution, `(N + 2*padding -
    dilation*(kernel_size-1) - 1) mod stride`: Dumoulin & Visin, relationship 14.
    """
    span = laws.conv_span(
        size=conv_input_size,
        kernel_size=torch.kernel_size,
        padding_begin=torch.padding,
        padding_end=torch.padding,
        dilation=torch.dilation,
    )
    return int(span % torch.stride)
