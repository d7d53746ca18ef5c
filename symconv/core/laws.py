"""The laws of the operator, each stated once: the hit, the size laws, torch's crops.

The functions use only `+`, `-`, `*` and, for the convolution, `//`, so that they work on integers,
NumPy arrays, polynomials and the terms of proof files alike. All lengths are in elements.

Sources: Dumoulin & Visin, "A guide to convolution arithmetic for deep learning" (arXiv
1603.07285), relationships 8 and 14; the shape sections of torch.nn.Conv2d's and
torch.nn.ConvTranspose2d's documentation. The oracles and the tests state these laws again,
independently.
"""

from __future__ import annotations

from typing import Any


def hit(*, i: Any, k: Any, stride: Any, dilation: Any, crop_begin: Any) -> Any:
    """Position of the output to which input `i` and tap `k` contribute; it may be cropped.

    >>> hit(i=1, k=2, stride=2, dilation=1, crop_begin=1)
    3
    """
    return stride * i + dilation * k - crop_begin


def extent(*, kernel_size: Any, dilation: Any) -> Any:
    """Length of the dilated kernel."""
    return dilation * (kernel_size - 1) + 1


def full_size(*, size: Any, kernel_size: Any, stride: Any, dilation: Any) -> Any:
    """Output length of the transposed convolution before anything is cropped."""
    return stride * (size - 1) + extent(kernel_size=kernel_size, dilation=dilation)


def out_size(
    *, size: Any, kernel_size: Any, stride: Any, dilation: Any, crop_begin: Any, crop_end: Any
) -> Any:
    """Output length of the transposed convolution.

    >>> out_size(size=4, kernel_size=3, stride=2, dilation=1, crop_begin=1, crop_end=1)
    7
    """
    full = full_size(size=size, kernel_size=kernel_size, stride=stride, dilation=dilation)
    return full - crop_begin - crop_end


def torch_crops(*, padding: Any, output_padding: Any) -> dict[str, Any]:
    """The crops of torch's ConvTranspose: padding at both ends, output_padding back at the end."""
    return {"crop_begin": padding, "crop_end": padding - output_padding}


def torch_out_size(
    *,
    size: Any,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    output_padding: Any,
    dilation: Any,
) -> Any:
    """Output length of torch's ConvTranspose.

    >>> torch_out_size(
    ...     size=4, kernel_size=3, stride=2, padding=1, output_padding=1, dilation=1
    ... )
    8
    """
    crops = torch_crops(padding=padding, output_padding=output_padding)
    return out_size(size=size, kernel_size=kernel_size, stride=stride, dilation=dilation, **crops)


def conv_span(
    *, size: Any, kernel_size: Any, padding_begin: Any, padding_end: Any, dilation: Any
) -> Any:
    """Distance between the first and the last place of the kernel on the padded input.

    Negative if the dilated kernel is longer than the padded input.
    """
    return size + padding_begin + padding_end - extent(kernel_size=kernel_size, dilation=dilation)


def conv_out_size(*, size: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any) -> Any:
    """Output length of the convolution.

    >>> conv_out_size(size=7, kernel_size=3, stride=2, padding=1, dilation=1)
    4
    """
    span = conv_span(
        size=size,
        kernel_size=kernel_size,
        padding_begin=padding,
        padding_end=padding,
        dilation=dilation,
    )
    return span // stride + 1
