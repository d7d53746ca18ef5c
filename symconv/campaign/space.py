"""The space of cases that a campaign draws from, and its corner classes.

The space is defined once and used with two choosers: a pseudo-random generator and Hypothesis.
Public bug reports cluster at output_padding > 0, dilation with stride, groups with bias, few
channels, unusual layouts, kernels smaller than the stride, large padding, batches and low
precision. These are drawn often, and counted as corners so that a campaign can report what it
covered.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from typing import Any, Protocol

from symconv.campaign.case import DRAWS, LAYOUTS, Case
from symconv.core import laws
from symconv.exact.dtypes import DTYPES, INTEGER

Axes = list[tuple[int, ...]]
"""For each axis: size, kernel_size, stride, padding, output_padding, dilation."""


def _out(axis: tuple[int, ...]) -> int:
    size, kernel, stride, padding, extra, dilation = axis
    return int(
        laws.torch_out_size(
            size=size,
            kernel_size=kernel,
            stride=stride,
            padding=padding,
            output_padding=extra,
            dilation=dilation,
        )
    )


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
    "low precision": lambda c, axes: DTYPES[c.dtype].half,
    "two threads": lambda c, axes: c.threads > 1,
}
OF_VALUES = {"special": "inf or nan", "subnormal": "subnormal"}
"""Corner classes by the pattern of the values."""
CORNERS = (*OF_CONFIGURATIONS, *OF_VALUES.values())
CONFIGURATIONS = "configurations"
"""Counted along with the corners: the number of cases that differ in more than their values."""


def counted(cases: Iterable[Case]) -> dict[str, int]:
    """Number of cases in each class; neighbours with the same seed may differ only in values."""
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


class Chooser(Protocol):
    """A source of choices, whose first option is the simplest."""

    def integer(self, least: int, most: int) -> int:
        """An integer between `least` and `most`, both included."""

    def pick(self, options: Sequence[Any]) -> Any:
        """One of the options; repeated options are more likely."""


@dataclass(frozen=True, slots=True)
class Space:
    """What a campaign may draw from.

    Attributes:
        dims: numbers of spatial axes; repeated ones are more likely.
        dtypes: torch's names.
        device: the device that cases run on.
        switches: the backends that are switched on and off.
        gradients: whether the backward pass is judged too.
        layouts: whether layouts other than contiguous are drawn.
        illegal: whether parameters that torch must reject are drawn.
        unbatched: whether operands without a batch axis are drawn.
        paper: only cases that a function of a matrix and a kernel accepts: one channel, stride 1,
            no padding, no bias.
    """

    dims: tuple[int, ...] = (2, 2, 2, 1, 3)
    dtypes: tuple[str, ...] = ("float32",)
    device: str = "cpu"
    switches: tuple[str, ...] = ("mkldnn",)
    gradients: bool = True
    layouts: bool = True
    illegal: bool = False
    unbatched: bool = False
    paper: bool = False


MOST_SIZE = {1: 9, 2: 5, 3: 3}
KERNELS = {1: (1, 2, 2, 3, 3, 4, 7), 2: (1, 2, 2, 3, 3, 4, 5), 3: (1, 2, 2, 3)}
STRIDES = {1: (1, 1, 2, 2, 3, 5), 2: (1, 1, 2, 2, 3, 4), 3: (1, 1, 2, 3)}
DILATIONS = {1: (1, 1, 1, 2, 3, 4), 2: (1, 1, 1, 2, 3), 3: (1, 1, 2)}
"""By the number of spatial axes. Small values suffice to expose faults, and they run fast."""


MOST_GROUPS, MOST_PER_GROUP, MOST_BATCH = 3, 3, 3
"""Upper limits of what a campaign draws."""


def limits(space: Space) -> str:
    """The largest configurations that are drawn, as text."""
    dims = sorted(set(space.dims))
    largest = [
        f"{n} {'axis' if n == 1 else 'axes'}: input up to {MOST_SIZE[n]}, kernel up to "
        f"{max(KERNELS[n])}, stride up to {max(STRIDES[n])}, dilation up to {max(DILATIONS[n])}"
        for n in dims
    ]
    if space.paper:
        return f"{'; '.join(largest)}, on each axis; one channel"
    channels = MOST_GROUPS * MOST_PER_GROUP
    return (
        f"{'; '.join(largest)}; up to {channels} channels in {MOST_GROUPS} groups, {MOST_BATCH} "
        "samples"
    )


def _axis(choose: Chooser, dims: int) -> tuple[int, int, int, int, int, int]:
    """`(size, kernel_size, stride, padding, output_padding, dilation)` of one axis."""
    size, kernel = choose.integer(1, MOST_SIZE[dims]), choose.pick(KERNELS[dims])
    stride, dilation = choose.pick(STRIDES[dims]), choose.pick(DILATIONS[dims])
    reach = max(stride, dilation)
    extra = choose.pick((0, 0, reach - 1, choose.integer(0, reach - 1)))
    full = extra + laws.full_size(size=size, kernel_size=kernel, stride=stride, dilation=dilation)
    most = (full - 1) // 2  # the largest padding that leaves an output
    usual = min(most, (laws.extent(kernel_size=kernel, dilation=dilation) - 1) // 2)
    padding = choose.pick((0, 0, min(1, most), usual, most, choose.integer(0, most)))
    return size, kernel, stride, padding, extra, dilation


def draw(choose: Chooser, space: Space) -> Case:
    """Draw one case; the same choices give the same case."""
    dims = choose.pick(space.dims)
    axes = [_axis(choose, dims) for _ in range(dims)]
    if dims > 1 and choose.pick((False, True)):
        axes = [axes[0]] * dims  # equal axes, as in most layers
    size, kernel, stride, padding, extra, dilation = zip(*axes, strict=True)
    groups = choose.pick((1, 1, 1, 2, MOST_GROUPS))
    dtype = choose.pick(space.dtypes)
    layouts = LAYOUTS if space.layouts else LAYOUTS[:1]
    usual = (layouts[0],) * 2
    case = Case(
        size,
        kernel,
        stride,
        padding,
        extra,
        dilation,
        in_channels=groups * choose.pick((1, 1, 2, MOST_PER_GROUP)),
        out_channels=groups * choose.pick((1, 1, 2, MOST_PER_GROUP)),
        groups=groups,
        batch=choose.pick((1, 1, 2, MOST_BATCH, *([0] if space.unbatched else []))),
        bias=choose.pick((False, True)),
        dtype=dtype,
        x_layout=choose.pick((*usual, *layouts)),
        w_layout=choose.pick((*usual, *layouts)),
        grad_layout=choose.pick((*usual, *layouts)),
        switches=tuple((n, choose.pick((True, False))) for n in sorted(space.switches)),
        threads=choose.pick((1, 1, 1, 2)),
        device=space.device,
        gradients=space.gradients and dtype not in INTEGER and space.device != "meta",
        seed=choose.integer(0, 2**32 - 1),
    )
    if space.paper:
        return _on_paper(case)
    if space.illegal and choose.pick((False, True)):
        return _spoiled(choose, case)
    return case


def _on_paper(case: Case) -> Case:
    """The nearest case that a function of a matrix and a kernel accepts."""
    ones, zeros = (1,) * case.dims, (0,) * case.dims
    return replace(
        case,
        stride=ones,
        padding=zeros,
        output_padding=zeros,
        dilation=ones,
        in_channels=1,
        out_channels=1,
        groups=1,
        batch=max(1, case.batch),
        bias=False,
    )


def on_paper_too(case: Case) -> bool:
    """Whether a function of a matrix and a kernel accepts the case."""
    return case == _on_paper(case)


def _spoiled(choose: Chooser, case: Case) -> Case:
    """The case with one parameter changed to a value that torch may have to reject."""
    axis = choose.integer(0, case.dims - 1)

    reach = max(case.stride[axis], case.dilation[axis])
    name, value = choose.pick(
        (
            ("output_padding", reach),
            ("output_padding", reach + 1),
            ("output_padding", -1),
            ("stride", 0),
            ("stride", -1),
            ("dilation", 0),
            ("padding", -1),
            ("padding", case.padding[axis] + case.size[axis] * case.stride[axis] + 9),
            ("size", 0),
        )
    )
    values = list(getattr(case, name))
    values[axis] = value
    changed: dict[str, Any] = {name: tuple(values)}
    return replace(case, **changed)


class Generator:
    """A chooser based on a pseudo-random generator."""

    def __init__(self, seed: int | str) -> None:
        """`seed` identifies the stream of choices."""
        digest = hashlib.sha256(str(seed).encode()).digest()
        self.random = random.Random(int.from_bytes(digest[:16], "big"))

    def integer(self, least: int, most: int) -> int:
        """An integer between `least` and `most`, both included."""
        return self.random.randint(least, most)

    def pick(self, options: Sequence[Any]) -> Any:
        """One of the options."""
        return options[int(self.random.random() * len(options))]


_REALS = ("normal", "normal", "small", "subnormal", "special")
PATTERNS_OF = {
    name: ("whole",) if dtype.format is None else (*["whole"] * dtype.integer_draws, *_REALS)
    for name, dtype in DTYPES.items()
}
"""The patterns of values that are drawn in each dtype, as often as they are listed."""
BATCH = 64
"""Number of cases in a batch."""


def batch_cases(space: Space, seed: int, batch: int, count: int = BATCH) -> list[Case]:
    """The cases of one batch, the same on every machine."""
    choose = Generator(f"{seed}/{batch}")
    found: list[Case] = []
    while len(found) < count:
        case = draw(choose, space)
        found.append(case)
        if case.device == "meta" or space.illegal:
            continue
        for n in range(1, min(DRAWS, count - len(found) + 1)):
            pattern = choose.pick(PATTERNS_OF[case.dtype]) if n == DRAWS - 1 else "whole"
            found.append(case.with_values(pattern, n))
    return found
