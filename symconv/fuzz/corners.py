"""Corner classes: where public bug reports cluster, counted so that a campaign says what it met."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import groupby
from operator import attrgetter

from symconv.fuzz.case import Case

Axes = list[tuple[int, ...]]
"""Of each axis: size, kernel_size, stride, padding, output_padding, dilation."""


def _out(axis: tuple[int, ...]) -> int:
    size, kernel, stride, padding, extra, dilation = axis
    return (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + extra + 1


OF_CONFIGURATIONS: dict[str, Callable[[Case, Axes], bool]] = {
    "output_padding > 0": lambda c, axes: any(c.output_padding),
    "output_padding >= stride": lambda c, axes: any(a[4] >= a[2] for a in axes),
    "dilation with stride": lambda c, axes: any(a[5] > 1 and a[2] > 1 for a in axes),
    "groups with bias": lambda c, axes: c.groups > 1 and c.bias,
    "depthwise": lambda c, axes: c.groups > 1 and c.groups == c.in_channels,
    "not square": lambda c, axes: len(set(axes)) > 1,
    "kernel below stride": lambda c, axes: any(a[1] < a[2] for a in axes),
    "kernel above input": lambda c, axes: any(a[1] > a[0] for a in axes),
    "1x1 kernel": lambda c, axes: set(c.kernel_size) == {1},
    "padding above dilated kernel": lambda c, axes: any(a[3] > a[5] * (a[1] - 1) for a in axes),
    "one output": lambda c, axes: any(_out(a) == 1 for a in axes),
    "batch > 1": lambda c, axes: c.batch > 1,
    "unbatched": lambda c, axes: c.batch == 0,
    "odd layout of x": lambda c, axes: c.x_layout != "contiguous",
    "odd layout of w": lambda c, axes: c.w_layout != "contiguous",
    "odd layout of grad": lambda c, axes: c.grad_layout != "contiguous",
    "low precision": lambda c, axes: c.dtype in ("float16", "bfloat16"),
    "two threads": lambda c, axes: c.threads > 1,
}
OF_VALUES = {"special": "inf or nan", "subnormal": "subnormal"}
"""By the pattern."""
CORNERS = (*OF_CONFIGURATIONS, *OF_VALUES.values())
CONFIGURATIONS = "configurations"
"""Counted beside the corners: cases that differ in more than their values."""


def counted(cases: Iterable[Case]) -> dict[str, int]:
    """How many of the cases belong to each class; neighbours of one seed differ in values alone."""
    found = Counter({CONFIGURATIONS: 0})
    for _, same in groupby(cases, attrgetter("seed")):
        draws = list(same)
        found[CONFIGURATIONS] += sum(case.draw == 0 for case in draws)
        for name in _of_configuration(draws[0]):
            found[name] += len(draws)
        found.update(OF_VALUES[case.pattern] for case in draws if case.pattern in OF_VALUES)
    return dict(found)


def _of_configuration(case: Case) -> list[str]:
    axes = list(
        zip(
            case.size,
            case.kernel_size,
            case.stride,
            case.padding,
            case.output_padding,
            case.dilation,
            strict=True,
        )
    )
    return [name for name, holds in OF_CONFIGURATIONS.items() if holds(case, axes)]
