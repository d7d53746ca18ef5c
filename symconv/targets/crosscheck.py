"""Cross-checks of exact results with torch calls: values, structure, strided windows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from symconv.core.form import index_arrays
from symconv.core.geometry import Geometry
from symconv.exact.ring import over_common_denominator, sum_bound
from symconv.targets import torchlib
from symconv.targets.comparing import CrossCheck, compare

MOST_ONE_HOT = 2**22
"""Elements of the largest one-hot operand or result, 32 MiB in int64."""

NOT_EXPRESSIBLE = "no single torch call has these crops"


def _cleared(factor: int) -> str:
    """How denominators were cleared, as text."""
    shown = str(factor) if factor < 10**20 else f"a number with {len(str(factor))} digits"
    return "these numbers" if factor == 1 else f"these numbers, times {shown} to make them integers"


def check_transposed(
    geometry: Geometry,
    x: Sequence[int | Fraction],
    w: Sequence[int | Fraction],
    bias: Sequence[int | Fraction] | None,
    expected: Sequence[int | Fraction],
    devices: Sequence[str],
) -> CrossCheck:
    """Compare a transposed convolution with torch; `x` is `(batch, C_in, *size)`, flat."""
    dims = len(geometry.axes)
    what = f"conv_transpose{dims}d"
    if torchlib.expressible(geometry) is None:
        return CrossCheck((what,), reason=NOT_EXPRESSIBLE)
    (x_int, dx), (w_int, dw) = over_common_denominator(x), over_common_denominator(w)
    b_int, db = over_common_denominator(bias or [])
    more = db // math.gcd(db, dx * dw)
    x_int = [v * more for v in x_int]
    factor = dx * more * dw
    b_int = [b * (factor // db) for b in b_int]
    exact = [v * factor for v in expected]
    integers = [v.numerator for v in exact]
    assert all(v.denominator == 1 for v in exact)
    at = index_arrays(geometry)
    bound = sum_bound(x_int, w_int, at.output) + max(map(abs, b_int), default=0)
    batch = len(x) // math.prod(geometry.input_shape)

    def call(dtype: str, device: str) -> Any:
        return torchlib.conv_transpose(
            geometry,
            torchlib.tensor(x_int, (batch, *geometry.input_shape), dtype, device),
            torchlib.tensor(w_int, geometry.weight_shape, dtype, device),
            torchlib.tensor(b_int, (len(b_int),), dtype, device) if b_int else None,
        )

    note = _cleared(factor)
    return compare(what, call, integers, bound, devices, note)


def check_conv(
    geometry: Geometry,
    v: Sequence[int | Fraction],
    w: Sequence[int | Fraction],
    expected: Sequence[int | Fraction],
    devices: Sequence[str],
) -> CrossCheck:
    """Compare a convolution of one sample with torch; `v` is `(C_out, *out_size)`, flat."""
    what = f"conv{len(geometry.axes)}d"
    if torchlib.expressible(geometry) is None:
        return CrossCheck((what,), reason=NOT_EXPRESSIBLE)
    (v_int, dv), (w_int, dw) = over_common_denominator(v), over_common_denominator(w)
    integers = [(e * dv * dw).numerator for e in expected]
    bound = sum_bound(v_int, w_int, index_arrays(geometry).input)

    def call(dtype: str, device: str) -> Any:
        return torchlib.conv(
            geometry,
            torchlib.tensor(v_int, (1, *geometry.output_shape), dtype, device),
            torchlib.tensor(w_int, geometry.weight_shape, dtype, device),
        )

    note = _cleared(dv * dw)
    return compare(what, call, integers, bound, devices, note)


def check_structure(
    geometry: Geometry, devices: Sequence[str], *, convolution: bool = False
) -> CrossCheck:
    """Compare which tap joins which input and output, in torch and in the form.

    Each sample of the batch has a single input equal to 1, and every weight has its own number,
    so a correct result shows the one weight that was applied. Several wrong weights that happen
    to add up to the right number are not detected.
    """
    dims = len(geometry.axes)
    what = f"conv{dims}d" if convolution else f"conv_transpose{dims}d"
    if torchlib.expressible(geometry) is None:
        return CrossCheck((what,), reason=NOT_EXPRESSIBLE)
    shapes = geometry.input_shape, geometry.output_shape
    source, target = shapes[::-1] if convolution else shapes
    rows, columns = math.prod(source), math.prod(target)
    if rows * columns > MOST_ONE_HOT or rows * rows > MOST_ONE_HOT:
        return CrossCheck((what,), reason=f"{rows} one-hot inputs of this size are too large")
    at = index_arrays(geometry)
    taps = math.prod(geometry.weight_shape)
    table = [0] * (rows * columns)
    starts, ends = (at.output, at.input) if convolution else (at.input, at.output)
    for i, o, k in zip(starts.tolist(), ends.tolist(), at.weight.tolist(), strict=True):
        table[i * columns + o] += k + 1

    def call(dtype: str, device: str) -> Any:
        one_hot = [int(n % (rows + 1) == 0) for n in range(rows * rows)]
        operator = torchlib.conv if convolution else torchlib.conv_transpose
        return operator(
            geometry,
            torchlib.tensor(one_hot, (rows, *source), dtype, device),
            torchlib.tensor(range(1, taps + 1), geometry.weight_shape, dtype, device),
        )

    note = f"{rows} one-hot inputs, weights coded 1 to {taps}"
    return compare(what, call, table, taps * taps, devices, note)


def check_as_strided(
    values: Sequence[int],
    shape: tuple[int, int],
    window: tuple[int, int],
    strides: tuple[int, int],
    offset: int,
    expected: Sequence[int],
    devices: Sequence[str],
) -> CrossCheck:
    """Compare one strided window of a matrix with `torch.as_strided`."""

    def call(dtype: str, device: str) -> Any:
        matrix = torchlib.tensor(values, shape, dtype, device)
        return torchlib.load().as_strided(matrix, window, strides, offset)

    return compare("as_strided", call, expected, max(map(abs, values)), devices)
