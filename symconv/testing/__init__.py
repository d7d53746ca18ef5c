"""Helpers for tests of other projects: an assertion about a kernel, and the exact reference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["assert_conv_transpose", "correctly_rounded"]


def assert_conv_transpose(
    function: Callable[..., Any],
    *,
    dtype: str = "float32",
    device: str = "cpu",
    gradients: bool = True,
    algorithm: str = "direct",
    dims: int | None = 2,
    seed: int = 0,
) -> None:
    """Assert that a function computes `torch.nn.functional.conv_transposeNd`.

    The function is judged on the small cases of `symconv check` with `dims` spatial axes (None for
    1, 2 and 3). `algorithm="direct"` declares that every product is formed once, so that the sharp
    bounds decide; `"any"` accepts Winograd and FFT kernels.

    Raises:
        AssertionError: names the element, its exact value, the actual one and the allowed error.
    """
    from symconv.judging.cases import SMALL
    from symconv.judging.check_page import document
    from symconv.judging.run import check_implementation
    from symconv.render import text
    from symconv.results.evidence import Outcome
    from symconv.targets.engine import Implementation

    name = getattr(function, "__qualname__", type(function).__name__)
    report = check_implementation(
        Implementation(name, function),
        layers=[layer for layer in SMALL if dims in (None, len(layer.geometry.axes))],
        dtype=dtype,
        device=device,
        gradients=gradients,
        algorithm=algorithm,
        seed=seed,
    )
    if report.outcome is Outcome.REFUTED:
        raise AssertionError("\n" + text.page(document(report)))


def correctly_rounded(
    input: Any,
    weight: Any,
    bias: Any = None,
    *,
    stride: int | tuple[int, ...] = 1,
    padding: int | tuple[int, ...] = 0,
    output_padding: int | tuple[int, ...] = 0,
    groups: int = 1,
    dilation: int | tuple[int, ...] = 1,
) -> Any:
    """The transposed convolution of float or complex tensors, each output correctly rounded.

    `input` has shape `(batch, C_in, *size)` or `(C_in, *size)`, `weight` `(C_in, C_out // groups,
    *kernel_size)`; the result has their dtype and is on the CPU. No convolution of torch is called.

    Raises:
        ShapeError: shapes do not fit together.
        GeometryError: a parameter is illegal.
        ParseError: the dtypes differ or are not floating point, or a value is not finite.
    """
    from symconv.judging.reference import rounded_output

    steps = {"stride": stride, "padding": padding, "output_padding": output_padding}
    return rounded_output(input, weight, bias, groups, {**steps, "dilation": dilation})
