"""Random and exhaustive configurations, with operands, for comparing implementations."""

import math
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from hypothesis import strategies as st

from symconv.exact.containers import nest


@dataclass(frozen=True)
class Config:
    """Torch's parameters and flat integer operands, independent of symconv's classes."""

    size: tuple
    kernel_size: tuple
    stride: tuple
    padding: tuple
    output_padding: tuple
    dilation: tuple
    in_channels: int = 1
    out_channels: int = 1
    groups: int = 1
    batch: int = 1
    x: tuple = field(default=(), repr=False)
    w: tuple = field(default=(), repr=False)
    bias: tuple | None = None

    @property
    def dims(self) -> int:
        return len(self.size)

    @property
    def steps(self) -> dict[str, Any]:
        names = ("stride", "padding", "output_padding", "dilation")
        return {n: getattr(self, n) for n in names} | {"groups": self.groups}

    @property
    def x_shape(self) -> tuple:
        return (self.batch, self.in_channels, *self.size)

    @property
    def w_shape(self) -> tuple:
        return (self.in_channels, self.out_channels // self.groups, *self.kernel_size)

    @property
    def nested_x(self) -> Any:
        return nest(self.x, self.x_shape)

    @property
    def nested_w(self) -> Any:
        return nest(self.w, self.w_shape)


def lengths(size, kernel_size, stride, padding, output_padding, dilation) -> list[int]:
    """Output lengths by torch's documented formula, used only to filter configurations."""
    axes = zip(size, kernel_size, stride, padding, output_padding, dilation, strict=True)
    return [(n - 1) * s - 2 * p + d * (k - 1) + op + 1 for n, k, s, p, op, d in axes]


INTEGERS = st.integers(-9, 9)


@st.composite
def configs(draw, dims=(1, 2, 3), values=INTEGERS):
    """Legal torch configurations with operands."""
    n = draw(st.sampled_from(dims))
    top = {1: 6, 2: 4, 3: 3}[n]
    axis = st.tuples(*[st.integers(1, top)] * n)
    size, kernel = draw(axis), draw(axis)
    stride, dilation = (
        draw(st.tuples(*[st.integers(1, 3)] * n)),
        draw(st.tuples(*[st.integers(1, 3)] * n)),
    )
    extra = tuple(
        draw(st.integers(0, max(s, d) - 1)) for s, d in zip(stride, dilation, strict=True)
    )
    most = [
        (length - 1) // 2 for length in lengths(size, kernel, stride, (0,) * n, extra, dilation)
    ]
    padding = tuple(draw(st.integers(0, min(m, 4))) for m in most)
    groups = draw(st.integers(1, 3))
    cin, cout = groups * draw(st.integers(1, 2)), groups * draw(st.integers(1, 2))
    batch = draw(st.integers(1, 2))
    x_count = batch * cin * math.prod(size)
    w_count = cin * (cout // groups) * math.prod(kernel)
    x = tuple(draw(st.lists(values, min_size=x_count, max_size=x_count)))
    w = tuple(draw(st.lists(values, min_size=w_count, max_size=w_count)))
    bias = draw(st.none() | st.tuples(*[values] * cout))
    return Config(
        size, kernel, stride, padding, extra, dilation, cin, cout, groups, batch, x, w, bias
    )


def numbered(count: int, start: int = 1) -> tuple:
    """Distinct values of both signs, so that any exchange of indices changes the result."""
    return tuple((-1) ** n * (start + n) for n in range(count))


def small_1d():
    """Every legal 1-D configuration with sizes up to 3, stride and dilation up to 3."""
    for size, kernel, s, d in product((1, 2, 3), (1, 2, 3), (1, 2, 3), (1, 2, 3)):
        for p, op in product(range(4), range(max(s, d))):
            if lengths((size,), (kernel,), (s,), (p,), (op,), (d,))[0] >= 1:
                x, w = numbered(size), numbered(kernel, 5)
                yield Config((size,), (kernel,), (s,), (p,), (op,), (d,), x=x, w=w)


def channel_cases():
    """Small configurations over channels, groups, bias and batch in 2-D."""
    for groups, cin, cout in ((1, 1, 1), (1, 2, 3), (2, 2, 4), (2, 4, 2), (3, 3, 6)):
        size, kernel = (2, 3), (3, 2)
        steps = ((2, 1), (1, 0), (1, 0), (1, 2))
        x = numbered(2 * cin * 6)
        w = numbered(cin * (cout // groups) * 6, 3)
        bias = numbered(cout, 50)
        yield Config(size, kernel, *steps, cin, cout, groups, 2, x, w, bias)
