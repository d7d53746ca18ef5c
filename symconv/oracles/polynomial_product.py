"""Transposed convolution as a product of polynomials.

With stride s and dilation d, `Y(z) = X(z^s) * K(z^d)`: the exponents of the input are multiplied
by the stride and those of the kernel by the dilation, the polynomials are multiplied, and the
output is the coefficients from `z^padding` on. Hits, crops and the normal form are not used.
"""

from __future__ import annotations

from itertools import product
from typing import Any

Nested = Any
Exponents = tuple[int, ...]


def _spread(block: Nested, steps: tuple[int, ...]) -> dict[Exponents, Any]:
    """Map the index of each entry, multiplied by `steps`, to the entry."""
    if not steps:
        return {(): block}
    found = {}
    for n, part in enumerate(block):
        for rest, value in _spread(part, steps[1:]).items():
            found[(n * steps[0], *rest)] = value
    return found


def _read(coefficients: dict[Exponents, Any], start: Exponents, lengths: Exponents) -> Nested:
    """Return the coefficients from `start` on as a nested list of `lengths`."""
    if not lengths:
        return coefficients.get((), 0)
    rows = []
    for n in range(start[0], start[0] + lengths[0]):
        rest = {e[1:]: c for e, c in coefficients.items() if e[0] == n}
        rows.append(_read(rest, start[1:], lengths[1:]))
    return rows


def conv_transpose(
    x: Nested,
    w: Nested,
    bias: list[Any] | None,
    *,
    stride: tuple[int, ...],
    padding: tuple[int, ...],
    output_padding: tuple[int, ...],
    groups: int,
    dilation: tuple[int, ...],
) -> Nested:
    """Map `x[C_in][...]` and `w[C_in][C_out/groups][...]` to `y[C_out][...]`, nested lists.

    Entries may be of any type with `+` and `*`; parameters are torch's, one int per axis.
    """
    dims = len(stride)
    in_channels, per_group = len(x), len(w[0])
    input_lengths, kernel_lengths = [], []
    block, kernel = x[0], w[0][0]
    for _ in range(dims):
        input_lengths.append(len(block))
        kernel_lengths.append(len(kernel))
        block, kernel = block[0], kernel[0]
    lengths = tuple(
        (n - 1) * s + d * (k - 1) + 1 - 2 * p + extra
        for n, k, s, d, p, extra in zip(
            input_lengths, kernel_lengths, stride, dilation, padding, output_padding, strict=True
        )
    )
    y = []
    for out_channel in range(per_group * groups):
        group, inside = divmod(out_channel, per_group)
        total: dict[Exponents, Any] = {}
        share = in_channels // groups
        for channel in range(group * share, (group + 1) * share):
            left = _spread(x[channel], stride)
            right = _spread(w[channel][inside], dilation)
            for (e1, c1), (e2, c2) in product(left.items(), right.items()):
                exponent = tuple(a + b for a, b in zip(e1, e2, strict=True))
                total[exponent] = total.get(exponent, 0) + c1 * c2
        plane = _read(total, padding, lengths)
        y.append(plane if bias is None else _shifted(plane, bias[out_channel]))
    return y


def _shifted(block: Nested, constant: Any) -> Nested:
    if isinstance(block, list):
        return [_shifted(part, constant) for part in block]
    return block + constant
