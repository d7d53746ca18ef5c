"""Claims of the notebook's first part: placed blocks, stride, channels and the weight's layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from symconv.derivation import placed, sums
from symconv.derivation.notation import definitions, planes
from symconv.derivation.subject import Options, Subject, read_subject
from symconv.exact.containers import nest, read_tensor
from symconv.notebook.claims import Maker, TourClaim, judge_equal, shown, with_oracles
from symconv.reading import Values
from symconv.render.tree import (
    Block,
    Equation,
    Heading,
    Letter,
    Product,
    Sum,
    Value,
    equals,
    matrix,
    paragraph,
)
from symconv.results.evidence import Outcome, computed
from symconv.targets import torchlib
from symconv.targets.comparing import compare
from symconv.targets.crosscheck import check_transposed

X = K = [[0, 1], [2, 3]]
STRIDE_1 = [[0, 0, 1], [0, 4, 6], [4, 12, 9]]
STRIDE_2 = [[0, 0, 0, 1], [0, 0, 2, 3], [0, 2, 0, 3], [4, 6, 6, 9]]
TWO_CHANNELS = [[[0, 1], [2, 3]], [[0, 2], [4, 6]]]
HALF = Fraction(1, 2)
TWO_KERNELS: list[Any] = [[[[1, 1], [1, 1]]], [[[HALF, HALF], [HALF, HALF]]]]
CHANNELS_RESULT = [[[0, 0, 2, 2], [0, 0, 2, 2], [4, 4, 6, 6], [4, 4, 6, 6]]]
BY_HAND = {(0, 1): [[2, 2], [2, 2]], (1, 0): [[4, 4], [4, 4]], (1, 1): [[6, 6], [6, 6]]}

REPLAY = "run the torch call on these numbers, or add the blocks by hand"


def _figure(
    id: str,
    sentence: str,
    subject: Subject,
    figure: Any,
    blocks: list[Block],
    devices: Sequence[str],
) -> TourClaim:
    """The claim that `figure`, a result printed in the notebook, is the output of `subject`.

    The output is compared with the figure, both oracles and torch.
    """
    case, geometry = subject.case, subject.geometry
    expected = read_tensor(figure, "figure").flat
    shape = subject.shown_output.shape
    given = nest(case.x.flat, case.shown_shape(case.x.shape))
    domain = f"input {shown(given)}, these numbers"
    verdict = judge_equal(computed(sentence, domain, REPLAY), expected, subject.output.flat, shape)
    verdict = with_oracles(
        verdict, geometry, case.x.flat, case.w.flat, case.bias, subject.output.flat
    )
    check = check_transposed(
        geometry, case.x.flat, case.w.flat, case.bias, subject.output.flat, devices
    )
    return TourClaim(id, sentence, verdict, Outcome.HOLDS, check, blocks=tuple(blocks))


def placed_blocks(devices: Sequence[str]) -> TourClaim:
    """The placed blocks of X = K = [[0, 1], [2, 3]] with stride 1 add up to the printed result."""
    subject = read_subject(X, K)
    named = planes("X", subject.case.x.flat, (), (2, 2), False)
    named += planes("K", subject.case.w.flat, (), (2, 2), False)
    blocks: list[Block] = [*definitions(named), *_body(placed.chapter(subject))]
    blocks += _body(sums.chapter(subject))
    sentence = "Stride 1: the placed blocks add up to [[0,0,1], [0,4,6], [4,12,9]]"
    return _figure("blocks", sentence, subject, STRIDE_1, blocks, devices)


def stride_two(devices: Sequence[str]) -> TourClaim:
    """With stride 2 the same blocks no longer overlap."""
    subject = read_subject(X, K, options=Options(stride=2))
    sentence = "Stride 2: the blocks lie side by side, [[0,0,0,1], [0,0,2,3], [0,2,0,3], [4,6,6,9]]"
    return _figure("stride-2", sentence, subject, STRIDE_2, _body(placed.chapter(subject)), devices)


def _channels_subject() -> Subject:
    return read_subject(TWO_CHANNELS, Values(TWO_KERNELS, decimal=True), options=Options(stride=2))


def channels(devices: Sequence[str]) -> TourClaim:
    """With two input channels and one output channel, the blocks of both channels are added."""
    subject = _channels_subject()
    case = subject.case
    named = planes("X", case.x.flat, (2,), (2, 2), False)
    named += planes("K", case.w.flat, (2, 1), (2, 2), True)
    blocks: list[Block] = [*definitions(named), *_body(placed.chapter(subject))]
    sentence = (
        "Two channels: each adds its own blocks, [[0,0,2,2], [0,0,2,2], [4,4,6,6], [4,4,6,6]]"
    )
    return _figure("channels", sentence, subject, CHANNELS_RESULT, blocks, devices)


def channel_sums(devices: Sequence[str]) -> TourClaim:
    """The three sums over both channels that the notebook writes out are blocks of the output."""
    subject = _channels_subject()
    sentence = (
        "Position by position: 1 K_0 + 2 K_1, 2 K_0 + 4 K_1, 3 K_0 + 6 K_1 are blocks of 2, 4, 6"
    )
    expected, actual = [], []
    blocks: list[Block] = []
    output = subject.output.nested()[0][0]
    for (r, c), figure in BY_HAND.items():
        expected += [v for row in figure for v in row] * 2
        window = [output[2 * r + u][2 * c + v] for u in (0, 1) for v in (0, 1)]
        weights = [_flat(kernel[0]) for kernel in TWO_KERNELS]
        x = [plane[r][c] for plane in TWO_CHANNELS]
        actual += [x[0] * u + x[1] * v for u, v in zip(*weights, strict=True)] + window
        terms = tuple(
            Product((Value(TWO_CHANNELS[n][r][c]), matrix(TWO_KERNELS[n][0], True)), dot=True)
            for n in (0, 1)
        )
        blocks.append(Equation(equals(Sum(terms), matrix(nest(window, (2, 2))))))
    evidence = computed(sentence, "stride 2, kernel 2x2, so that no blocks overlap", REPLAY)
    verdict = judge_equal(evidence, expected, actual, (3, 2, 2, 2))
    case = subject.case
    check = check_transposed(
        subject.geometry, case.x.flat, case.w.flat, None, subject.output.flat, devices
    )
    return TourClaim("channel-sums", sentence, verdict, Outcome.HOLDS, check, blocks=tuple(blocks))


def notation(devices: Sequence[str]) -> TourClaim:
    """The notebook writes the operation as XK, which usually means the matrix product."""
    sentence = "XK, read as the matrix product of X and K, is that result"
    product = [[sum(X[r][n] * K[n][c] for n in (0, 1)) for c in (0, 1)] for r in (0, 1)]
    evidence = computed(sentence, "X = K = [[0, 1], [2, 3]]", "multiply the matrices by hand")
    evidence = replace(evidence, trusted=("Python's integers",))
    verdict = judge_equal(evidence, _flat(STRIDE_1), _flat(product), (3, 3))

    def call(dtype: str, device: str) -> Any:
        left = torchlib.tensor(_flat(X), (2, 2), dtype, device)
        return left @ left

    check = compare("matmul", call, _flat(product), 11, devices)
    truth = (
        "the matrix product is [[2, 3], [6, 11]], of a different size; the operation is a "
        "transposed convolution, whose result is Y on this page."
    )
    blocks: list[Block] = [
        Equation(equals(Product((Letter("X"), Letter("K"))), matrix(product))),
    ]
    return TourClaim("notation", sentence, verdict, Outcome.REFUTED, check, truth, tuple(blocks))


def _weight_shape(in_channels: int, out_channels: int, devices: Sequence[str]) -> Any:
    options = Options(
        input_size=(2, 2),
        kernel_size=(2, 2),
        in_channels=in_channels,
        out_channels=out_channels,
        stride=2,
    )
    subject = read_subject(options=options)
    shape = subject.geometry.weight_shape

    def call(dtype: str, device: str) -> Any:
        torch = torchlib.load()
        module = torch.nn.ConvTranspose2d(in_channels, out_channels, kernel_size=2, stride=2)
        return torch.tensor(tuple(module.weight.shape))

    return shape, compare(
        "weight.shape of ConvTranspose2d", call, shape, 4, devices, dtypes=("int64",)
    )


def weight_shape(devices: Sequence[str]) -> TourClaim:
    """The printed shape is that of the module's weight."""
    sentence = "The weight for 2 channels in, 1 out and a 2x2 kernel has shape (2, 1, 2, 2)"
    shape, check = _weight_shape(2, 1, devices)
    evidence = computed(
        sentence, "2 channels in, 1 out, 1 group", "print the module's weight.shape"
    )
    verdict = judge_equal(evidence, (2, 1, 2, 2), shape, (4,))
    return TourClaim("weight-shape", sentence, verdict, Outcome.HOLDS, check)


def weight_order(devices: Sequence[str]) -> TourClaim:
    """A comment in the notebook takes the weight's second length for the batch size N."""
    sentence = "The weight is laid out 'channel first, then N, then (H, W)'"
    shape, check = _weight_shape(2, 3, devices)
    evidence = computed(
        sentence, "2 channels in, 3 out, batch N = 1", "print ConvTranspose2d(2, 3, 2).weight.shape"
    )
    verdict = judge_equal(evidence, (2, 1, 2, 2), shape, (4,))
    truth = (
        "the weight is (in_channels, out_channels / groups, kH, kW) and has no batch axis; N is "
        "first in the input (N, C, H, W). With one output channel both are 1, which hides it."
    )
    return TourClaim("weight-order", sentence, verdict, Outcome.REFUTED, check, truth)


def _flat(rows: Sequence[Sequence[int]]) -> list[int]:
    return [v for row in rows for v in row]


def _body(chapter: list[Block]) -> list[Block]:
    """The blocks of a chapter without its headings."""
    return [b for b in chapter if not isinstance(b, Heading)]


MAKERS: tuple[Maker, ...] = (
    placed_blocks,
    notation,
    stride_two,
    channels,
    channel_sums,
    weight_shape,
    weight_order,
)
"""The claims of this part, in the notebook's order."""


INTRODUCTION = paragraph(
    "A transposed convolution places one multiple of the kernel for each entry of the input. All "
    "numbers on this page are exact. Each claim states its domain, how it is known and what it was "
    "compared with; a claim that was computed for some numbers holds only for those."
)
