"""Historical faults from public trackers, each as a small wrong kernel.

Each applies the faulty behaviour that the thread describes to torch's correct result.
"""

import torch

from tests.honest_kernels.kernels import per_axis
from tests.wrong_kernels.kernels import right, spatial


def bias_never_added(x, w, bias=None, **steps):
    """apache/mxnet#19768: the bias of a deconvolution is not used."""
    return right(x, w, None, **steps) + (0 if bias is None else 0 * bias.sum())


def only_the_first_sample(x, w, bias=None, **steps):
    """ggml-org/ggml#1448: with a batch only the first sample is computed, the rest is zero."""
    y = right(x, w, bias, **steps)
    mask = torch.zeros_like(y)
    mask[0] = 1
    return y * mask


def groups_laid_crosswise(x, w, bias=None, **steps):
    """uxlfoundation/oneDNN#352: the output channels of the groups are interleaved."""
    y, groups = right(x, w, bias, **steps), steps["groups"]
    split = y.reshape(y.shape[0], groups, -1, *y.shape[2:])
    return split.transpose(1, 2).reshape(y.shape)


def weight_of_group_zero(x, w, bias=None, **steps):
    """google/XNNPACK#1951: wrong with two groups, as if every group used the first's weights."""
    groups = steps["groups"]
    return right(x, torch.cat([w[: w.shape[0] // groups]] * groups), bias, **steps)


def channel_axes_swapped(x, w, bias=None, **steps):
    """pytorch/pytorch#172711: the weight's first two axes are exchanged when that fits."""
    fits = w.shape[0] == w.shape[1] and steps["groups"] == 1
    return right(x, w.transpose(0, 1) if fits else w, bias, **steps)


def remainder_channel_lost(x, w, bias=None, **steps):
    """microsoft/onnxruntime#27749: the loop omits the remainder of the input channels."""
    mask = torch.ones_like(w)
    if w.shape[0] > 1 and w.shape[0] % 2:
        mask[-1] = 0
    return right(x, w * mask, bias, **steps)


def padding_around_the_input(x, w, bias=None, **steps):
    """Samsung/TICO#420: padding is applied to the input."""
    sides = [n for p in reversed(per_axis(steps["padding"], w.dim() - 2)) for n in (p, p)]
    expected = right(x, w, bias, **steps)
    wide = right(torch.nn.functional.pad(x, sides), w, bias, **{**steps, "padding": 0})
    return wide[(..., *(slice(0, n) for n in expected.shape[2:]))] + 0 * expected


def same_treated_as_valid(x, w, bias=None, **steps):
    """microsoft/onnxruntime#4086: nothing is cropped at the beginning."""
    expected = right(x, w, bias, **steps)
    whole = right(x, w, bias, **{**steps, "padding": 0})
    return whole[(..., *(slice(0, n) for n in expected.shape[2:]))]


def shifted_by_one(x, w, bias=None, **steps):
    """keras-team/keras#22876: with odd kernels and a stride the values are one element off."""
    dims = w.dim() - 2
    stride = per_axis(steps["stride"], dims)
    expected = right(x, w, bias, **steps)
    if not any(s > 1 and k % 2 for s, k in zip(stride, w.shape[2:], strict=True)):
        return expected
    pads = per_axis(steps["padding"], dims)
    whole = right(x, w, None, **{**steps, "padding": 0})
    whole = torch.nn.functional.pad(whole, [0, 1] * dims)
    at = [slice(p + 1, p + 1 + n) for p, n in zip(pads, expected.shape[2:], strict=True)]
    y = whole[(..., *at)]
    y = torch.nn.functional.pad(
        y,
        [n for a, b in zip(expected.shape[:1:-1], y.shape[:1:-1], strict=True) for n in (0, a - b)],
    )
    return y if bias is None else y + bias.reshape((1, -1) + (1,) * dims)


def paddings_in_reverse(x, w, bias=None, **steps):
    """robertknight/rten#1399: the paddings of height and width are mixed up."""
    expected = right(x, w, bias, **steps)
    pads = per_axis(steps["padding"], w.dim() - 2)
    try:
        y = right(x, w, None, **{**steps, "padding": pads[::-1]})
    except RuntimeError:
        return expected
    sides = [
        n
        for a, b in zip(expected.shape[:1:-1], y.shape[:1:-1], strict=True)
        for n in (0, max(a - b, 0))
    ]
    y = torch.nn.functional.pad(y, sides)[(..., *(slice(0, n) for n in expected.shape[2:]))]
    return y if bias is None else y + bias.reshape((1, -1) + (1,) * len(pads))


def kernel_not_spread(x, w, bias=None, **steps):
    """keras-team/keras#8159: dilation_rate is ignored."""
    return right(x, w, bias, **{**steps, "dilation": 1})


def extent_of_a_dilated_kernel(x, w, bias=None, **steps):
    """microsoft/onnxruntime#2518: kernel + dilation - 1 instead of (kernel - 1) dilation + 1."""
    y = right(x, w, bias, **steps)
    dilation = per_axis(steps["dilation"], w.dim() - 2)
    lost = [(k - 1) * (d - 1) - (d - 1) for k, d in zip(w.shape[2:], dilation, strict=True)]
    return y[
        (..., *(slice(0, max(1, n - max(0, e))) for n, e in zip(y.shape[2:], lost, strict=True)))
    ]


def extra_outputs_empty(x, w, bias=None, **steps):
    """apache/tvm#19524: wrong if output_padding is greater than 0."""
    dims = w.dim() - 2
    extra = per_axis(steps["output_padding"], dims)
    expected = right(x, w, bias, **steps)
    mask = torch.zeros_like(expected)
    mask[(..., *(slice(0, n - e) for n, e in zip(expected.shape[2:], extra, strict=True)))] = 1
    y = right(x, w, None, **steps) * mask
    return y if bias is None else y + bias.reshape((1, -1) + (1,) * dims)


def accumulated_into_old_memory(x, w, bias=None, **steps):
    """ggml-org/ggml#591: the destination is not set to zero before products are added."""
    return right(x, w, bias, **steps) + right(x, w, None, **steps)


def plain_convolution(x, w, bias=None, **steps):
    """pytorch/pytorch#48400: a convolution runs instead of its transpose, if shapes allow it."""
    fits = w.shape[0] == w.shape[1] and steps["groups"] == 1
    if not fits or set(per_axis(steps["stride"], w.dim() - 2)) != {1}:
        return right(x, w, bias, **steps)
    return right(x, w.transpose(0, 1).flip(spatial(w)), bias, **steps)


class _Column(torch.autograd.Function):
    @staticmethod
    def forward(ctx, y):
        return y.clone()

    @staticmethod
    def backward(ctx, grad):
        return grad.roll(1, -1)


def gradient_of_another_column(x, w, bias=None, **steps):
    """pytorch/pytorch#63314: with 1x1 kernels and a stride grad_input reads the wrong column."""
    y = right(x, w, bias, **steps)
    stride = per_axis(steps["stride"], w.dim() - 2)
    return _Column.apply(y) if set(w.shape[2:]) == {1} and max(stride) > 1 else y


def refuses_output_padding_with_dilation(x, w, bias=None, **steps):
    """pytorch/pytorch#5112: output_padding >= stride with dilation ends the process."""
    import ctypes

    columns = zip(
        per_axis(steps["output_padding"], w.dim() - 2),
        per_axis(steps["stride"], w.dim() - 2),
        strict=True,
    )
    if any(op >= s for op, s in columns):
        ctypes.string_at(0)
    return right(x, w, bias, **steps)


NAMED = {
    bias_never_added: "bias missing",
    only_the_first_sample: "first sample alone",
    groups_laid_crosswise: "groups crosswise",
    weight_of_group_zero: "weights of the first group",
    channel_axes_swapped: "channels exchanged",
    remainder_channel_lost: "last channel missing",
    padding_around_the_input: "padding pads the input",
    same_treated_as_valid: "padding ignored",
    shifted_by_one: "crop shifted by one",
    paddings_in_reverse: "paddings exchanged",
    kernel_not_spread: "shape: ",
    extent_of_a_dilated_kernel: "shape: ",
    extra_outputs_empty: "output_padding adds zeros",
    accumulated_into_old_memory: "added twice",
    plain_convolution: "not transposed",
    gradient_of_another_column: "grad_input",
    refuses_output_padding_with_dilation: "SIGSEGV",
}
"""How each must be named or described."""
