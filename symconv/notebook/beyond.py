"""Claims beyond the notebook: symbols, the size law, a general configuration, negative crops."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from symconv.core.dialects.building import conv_geometry, torch_geometry
from symconv.core.dialects.torch import TorchAxis
from symconv.core.geometry import Axis, Geometry
from symconv.core.sizes import axis_sizes
from symconv.derivation import sums
from symconv.derivation.checks import check_subject
from symconv.derivation.notation import grid
from symconv.derivation.size_chapter import describe, law, with_numbers
from symconv.derivation.subject import Options, read_subject
from symconv.exact import ring
from symconv.exact.containers import Tensor
from symconv.exact.symbolic import SymbolicOperator
from symconv.notebook.claims import Maker, TourClaim, judge_equal, with_oracles
from symconv.render.tree import Block, Equation, EquationList, Letter, equals, paragraph
from symconv.results.evidence import Outcome, computed, identical
from symconv.targets import torchlib
from symconv.targets.comparing import compare
from symconv.targets.crosscheck import check_structure, check_transposed

SIZES = (
    (TorchAxis(2, 2), 3),
    (TorchAxis(2, 2, stride=2), 4),
    (TorchAxis(3, 4, stride=2, padding=1), 6),
    (TorchAxis(2, 3, stride=2, padding=1, output_padding=1), 4),
    (TorchAxis(2, 2, dilation=2, output_padding=1), 5),
)
"""Axes with their output sizes, small enough to count by hand."""


def symbolic_output(devices: Sequence[str]) -> TourClaim:
    """The symbolic output is equal to sums that are built with SymPy's own arithmetic."""
    import sympy

    sentence = "With symbols for X and K, the placed blocks are SymPy's own sums, term by term"
    geometry = torch_geometry((2, 2), (2, 2))
    operator = SymbolicOperator(geometry, paper=True)
    plain: list[Any] = [sympy.Integer(0)] * 9
    for i in range(2):
        for j in range(2):
            for u in range(2):
                for v in range(2):
                    x, k = sympy.Symbol(f"x_{i}_{j}"), sympy.Symbol(f"k_{u}_{v}")
                    plain[3 * (i + u) + j + v] += x * k
    evidence = identical(sentence, "2x2 input, 2x2 kernel, stride 1, every value", "expand by hand")
    evidence = replace(evidence, trusted=(*evidence.trusted, "SymPy's sums"))
    verdict = judge_equal(evidence, plain, operator.entries(), (3, 3))
    subject = read_subject(options=Options(input_size=(2, 2), kernel_size=(2, 2)))
    blocks = tuple(b for b in sums.chapter(subject) if isinstance(b, EquationList))
    check = check_structure(geometry, devices)
    return TourClaim("symbolic-output", sentence, verdict, Outcome.HOLDS, check, "", blocks)


def size_law(devices: Sequence[str]) -> TourClaim:
    """The size law holds on the axes of `SIZES`."""
    sentence = "On five configurations, the output size is N = (M-1) s - 2p + d (k-1) + op + 1"
    expected = [size for _, size in SIZES]
    actual = [axis_sizes(torch).out_size for torch, _ in SIZES]
    evidence = computed(sentence, f"{len(SIZES)} configurations, listed", "print y.shape in torch")
    verdict = judge_equal(evidence, expected, actual, (len(SIZES),))

    def call(dtype: str, device: str) -> Any:
        functional, tensor = torchlib.load().nn.functional, torchlib.load().tensor
        lengths = []
        for torch, _ in SIZES:
            parameters = {n: v for n, v in torch.values.items() if not n.endswith("size")}
            x = torchlib.tensor([1] * torch.size, (1, 1, torch.size), dtype, device)
            w = torchlib.tensor([1] * torch.kernel_size, (1, 1, torch.kernel_size), dtype, device)
            lengths.append(functional.conv_transpose1d(x, w, **parameters).shape[-1])
        return tensor(lengths)

    check = compare("conv_transpose1d's output shape", call, actual, 100, devices)
    numbers = EquationList(
        tuple(with_numbers(t, Letter("N", (n,))) for n, (t, _) in enumerate(SIZES))
    )
    blocks: list[Block] = [Equation(law()), numbers]
    blocks += [paragraph(describe(axis_sizes(torch))) for torch, _ in SIZES]
    return TourClaim("size-law", sentence, verdict, Outcome.HOLDS, check, "", tuple(blocks))


def size_inverse(devices: Sequence[str]) -> TourClaim:
    """The convolution with the same parameters gives the input size back only if op < stride.

    torch accepts output_padding < max(stride, dilation).
    """
    sentence = "The convolution with the same parameters always restores the input size"
    torch = TorchAxis(4, 5, stride=1, dilation=2, output_padding=1)
    sizes = axis_sizes(torch)
    evidence = computed(sentence, "one configuration, as a witness", "print both shapes")
    verdict = judge_equal(evidence, [torch.size], [sizes.conv_size], (1,))
    where = f"stride 1, dilation 2, kernel 5, output_padding 1, which turns 4 into {sizes.out_size}"
    verdict = replace(verdict, where=where) if verdict.outcome is Outcome.REFUTED else verdict

    def call(dtype: str, device: str) -> Any:
        functional, tensor = torchlib.load().nn.functional, torchlib.load().tensor
        w = torchlib.tensor([1] * 5, (1, 1, 5), dtype, device)
        x = torchlib.tensor([1] * 4, (1, 1, 4), dtype, device)
        y = functional.conv_transpose1d(x, w, dilation=2, output_padding=1)
        return tensor([functional.conv1d(y, w, dilation=2).shape[-1]])

    check = compare("conv1d's output shape", call, [sizes.conv_size], 100, devices)
    truth = (
        "conv restores the input size if and only if output_padding is smaller than stride: it "
        "gives floor(((M-1) s + op) / s) + 1 = M + floor(op / s). torch also accepts "
        "output_padding smaller than dilation."
    )
    return TourClaim("size-inverse", sentence, verdict, Outcome.REFUTED, check, truth)


def _fill(count: int, step: int) -> list[int]:
    """Integers from -6 to 6 with a quadratic pattern, so that swapped indices change results."""
    return [(step * n * n + 3 * n + 1) % 13 - 6 for n in range(count)]


def general(devices: Sequence[str]) -> TourClaim:
    """The form agrees with both oracles and torch on all parameters at once."""
    sentence = (
        "One configuration with groups, bias, batch and parameters that differ by axis: the form "
        "agrees with both independent definitions"
    )
    parameters: dict[str, Any] = {
        "stride": (2, 1),
        "padding": (1, 0),
        "output_padding": (1, 0),
        "dilation": (1, 2),
        "groups": 2,
    }
    geometry = torch_geometry((3, 2), (2, 3), in_channels=4, out_channels=6, **parameters)
    one = math.prod(geometry.input_shape)
    x = [_fill(one, 5), _fill(one, 7)]
    w = _fill(math.prod(geometry.weight_shape), 11)
    subject = read_subject(
        Tensor((2, *geometry.input_shape), (*x[0], *x[1])),
        Tensor(geometry.weight_shape, tuple(w)),
        [1, -2, 3, -4, 5, -6],
        Options(**parameters),
    )
    checks = check_subject(subject, devices)
    evidence = computed(
        sentence,
        "input 2x4x3x2, weight 4x3x2x3, these numbers",
        "run conv_transpose2d, or either definition, on these numbers",
    )
    verdict = judge_equal(evidence, [6, 5, 6], list(geometry.output_shape), (3,))
    result = subject.output.flat
    half = len(result) // 2
    for n in (0, 1):
        part = result[n * half : (n + 1) * half]
        verdict = with_oracles(verdict, geometry, x[n], w, subject.case.bias, part)
    return TourClaim("general", sentence, verdict, Outcome.HOLDS, checks.torch)


def crops(devices: Sequence[str]) -> TourClaim:
    """A negative crop at the beginning, which no torch call expresses, puts zeros there."""
    sentence = "For x = (1, 2, 3), k = (1, -1), a crop of -1 puts a zero before the output"
    plain = torch_geometry((3,), (2,))
    wider = Geometry(1, 1, 1, (Axis(3, 2, crop_begin=-1),))
    x, w = [1, 2, 3], [1, -1]
    expected, actual = [0, *ring.transposed(plain, x, w)], ring.transposed(wider, x, w)
    evidence = computed(sentence, "x = (1, 2, 3), k = (1, -1)", "add the blocks by hand")
    verdict = judge_equal(evidence, expected, actual, wider.out_size)
    check = check_transposed(wider, x, w, None, actual, devices)
    blocks = (Equation(equals(Letter("y"), grid(actual, wider.out_size, False))),)
    return TourClaim("crops", sentence, verdict, Outcome.HOLDS, check, "", blocks)


def conv_first(devices: Sequence[str]) -> TourClaim:
    """The output_padding that restores the input size is the remainder left by the stride."""
    sentence = (
        "From 6 through a convolution (kernel 3, stride 2, padding 1) and back requires op = 1"
    )
    geometry = conv_geometry((6,), (3,), stride=2, padding=1)
    axis = geometry.axes[0]
    evidence = computed(sentence, "this configuration", "print both shapes in torch")
    found = [axis.size, axis.out_size, axis.crop_begin - axis.crop_end]
    verdict = judge_equal(evidence, [3, 6, 1], found, (3,))
    check = check_structure(geometry, devices)
    blocks = (
        paragraph("The output padding is the remainder left by the stride: (6 + 2 - 3) mod 2 = 1."),
    )
    return TourClaim("conv-first", sentence, verdict, Outcome.HOLDS, check, "", blocks)


MAKERS: tuple[Maker, ...] = (symbolic_output, size_law, size_inverse, conv_first, general, crops)
"""The claims of this part, in order."""
