"""The chapter that lists what is given: sizes, parameters, operands and the bias."""

from __future__ import annotations

from symconv.core.dialects.torch import torch_axis
from symconv.derivation.notation import definitions, planes, shown_lead, value
from symconv.derivation.subject import Subject
from symconv.render.tree import Block, Code, Equation, Heading, Letter, Matrix, equals, paragraph

MOST_GIVEN = 12
STEPS = ("stride", "padding", "output_padding", "dilation")


def given(subject: Subject) -> list[Block]:
    """The chapter with sizes, parameters, operands and, if there is one, the bias."""
    geometry, case = subject.geometry, subject.case
    torch = [torch_axis(axis) for axis in geometry.axes]

    def per_axis(name: str) -> str:
        values = [getattr(a, name) for a in torch if a is not None]
        return str(values[0]) if len(set(values)) == 1 else ",".join(map(str, values))

    parameters = [f"{name.replace('_', ' ')} {per_axis(name)}" for name in STEPS]
    parameters += [f"groups {geometry.groups}"] if geometry.groups > 1 else []
    sizes = ["x".join(map(str, s)) for s in (geometry.size, geometry.kernel_size)]
    out_size = "x".join(map(str, geometry.out_size))
    blocks: list[Block] = [
        paragraph(
            f"Input {sizes[0]}, kernel {sizes[1]}; {', '.join(parameters)}; channels "
            f"{geometry.in_channels} to {geometry.out_channels}; output {out_size}."
        )
    ]
    if not subject.ranks.paper:
        layout = "x".join(map(str, geometry.weight_shape))
        blocks.append(
            paragraph(
                f"The weight has shape {layout}: ",
                Code("in_channels"),
                ", then ",
                Code("out_channels / groups"),
                ", then the taps, as in torch's ConvTranspose; Conv starts with ",
                Code("out_channels"),
                ", then ",
                Code("in_channels / groups"),
                ".",
            )
        )
    paper = subject.ranks.paper
    operands = (
        ("X", case.x, shown_lead(subject, case.x.shape[:2]), geometry.size),
        ("K", case.w, () if paper else case.w.shape[:2], geometry.kernel_size),
    )
    for name, tensor, lead, size in operands:
        named = planes(name, tensor.flat, lead, size, subject.decimal)
        blocks += definitions(named[:MOST_GIVEN])
        if len(named) > MOST_GIVEN:
            blocks.append(paragraph(f"{len(named) - MOST_GIVEN} more such planes are omitted."))
    if case.bias is not None:
        blocks.append(paragraph("The bias, one number per output channel:"))
        row = tuple(value(subject, entry) for entry in case.bias)
        blocks.append(Equation(equals(Letter("b"), Matrix((row,)))))
    return [Heading(2, "Given"), *blocks]
