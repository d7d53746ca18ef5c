"""Kernels with one fault each. Every one must be refuted.

Each takes the arguments of torch.nn.functional.conv_transposeNd. If a public report describes the
fault, it is named.
"""

import torch

from tests.honest_kernels.kernels import per_axis


def right(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    call = getattr(torch.nn.functional, f"conv_transpose{w.dim() - 2}d")
    return call(x, w, bias, stride, padding, output_padding, groups, dilation)


def spatial(w):
    return tuple(range(2, w.dim()))


def bias_of_the_first_group(x, w, bias=None, **steps):
    """Every group adds the first group's bias: robertknight/rten#1408."""
    groups = steps["groups"]
    if bias is not None:
        bias = bias[: bias.shape[0] // groups].repeat(groups)
    return right(x, w, bias, **steps)


def groups_interleaved(x, w, bias=None, **steps):
    """The output channels of the groups are interleaved: uxlfoundation/oneDNN#352."""
    y, groups = right(x, w, bias, **steps), steps["groups"]
    shape = y.shape
    return y.reshape(shape[0], groups, -1, *shape[2:]).transpose(1, 2).reshape(shape)


def padding_pads_the_input(x, w, bias=None, **steps):
    """padding is applied to the input, and the result cropped to size: Samsung/TICO#420."""
    dims = w.dim() - 2
    pad = per_axis(steps["padding"], dims)
    expected = right(x, w, bias, **steps)
    sides = [n for p in reversed(pad) for n in (p, p)]
    wide = right(torch.nn.functional.pad(x, sides), w, bias, **{**steps, "padding": 0})
    cut = tuple(slice(0, n) for n in expected.shape[2:])
    return wide[(slice(None), slice(None), *cut)] + 0 * expected


def crop_at_the_end_alone(x, w, bias=None, **steps):
    """Twice the padding is cropped at the end: the offset of apache/mxnet#11203."""
    expected = right(x, w, bias, **steps)
    whole = right(x, w, bias, **{**steps, "padding": 0})
    cut = tuple(slice(0, n) for n in expected.shape[2:])
    return whole[(slice(None), slice(None), *cut)]


def dilation_ignored(x, w, bias=None, **steps):
    """The kernel is not dilated, but the size is correct: pytorch/pytorch#1565."""
    expected = right(x, w, bias, **steps)
    y = right(x, w, bias, **{**steps, "dilation": 1, "output_padding": 0, "padding": 0})
    sides = [
        n
        for a, b in zip(expected.shape[:1:-1], y.shape[:1:-1], strict=True)
        for n in (0, max(a - b, 0))
    ]
    y = torch.nn.functional.pad(y, sides)
    cut = tuple(slice(0, n) for n in expected.shape[2:])
    return y[(slice(None), slice(None), *cut)]


def output_padding_adds_zeros(x, w, bias=None, **steps):
    """The extra outputs are zeros (plus bias): a misreading that pytorch/pytorch#739 corrects."""
    dims = w.dim() - 2
    extra = per_axis(steps["output_padding"], dims)
    y = right(x, w, None, **{**steps, "output_padding": 0})
    y = torch.nn.functional.pad(y, [n for e in reversed(extra) for n in (0, e)])
    return y if bias is None else y + bias.reshape((1, -1) + (1,) * dims)


def output_padding_dropped(x, w, bias=None, **steps):
    """The output is too short: the shape function of pytorch/pytorch#98129."""
    return right(x, w, bias, **{**steps, "output_padding": 0})


def output_padding_times_stride(x, w, bias=None, **steps):
    """The input is padded instead, so the output is too long: apple/coreai-torch#57."""
    dims = w.dim() - 2
    extra = per_axis(steps["output_padding"], dims)
    x = torch.nn.functional.pad(x, [n for e in reversed(extra) for n in (0, e)])
    return right(x, w, bias, **{**steps, "output_padding": 0})


def dilation_and_groups_exchanged(x, w, bias=None, **steps):
    """Positional arguments in the wrong order: IntelLabs/bayesian-torch#34."""
    dilation = per_axis(steps["dilation"], w.dim() - 2)
    return right(x, w, bias, **{**steps, "groups": dilation[0], "dilation": steps["groups"]})


def kernel_flipped(x, w, bias=None, **steps):
    """Correlation instead of convolution: the kernel is rotated by 180 degrees."""
    return right(x, w.flip(spatial(w)), bias, **steps)


def kernel_transposed(x, w, bias=None, **steps):
    """Height and width of a square kernel are exchanged."""
    square = w.dim() >= 4 and w.shape[-1] == w.shape[-2]
    return right(x, w.transpose(-1, -2) if square else w, bias, **steps)


def memory_order_of_the_weight(x, w, bias=None, **steps):
    """The weight's memory is read as if it were contiguous: pytorch/pytorch#99519."""
    strides, step = [], 1
    for n in reversed(w.shape):
        strides.insert(0, step)
        step *= n
    return right(x, torch.as_strided(w, w.shape, strides), bias, **steps)


class _LastGradientLost(torch.autograd.Function):
    @staticmethod
    def forward(ctx, y, x):
        return y.clone()

    @staticmethod
    def backward(ctx, grad):
        grad = grad.clone()
        grad[..., -1] = 0
        return grad, None


def gradient_of_the_border_lost(x, w, bias=None, **steps):
    """The backward pass leaves out the last column, as pytorch/pytorch#25101 does for conv2d."""
    return _LastGradientLost.apply(right(x, w, bias, **steps), x)


def one_tap_dropped(x, w, bias=None, **steps):
    """The first tap never contributes."""
    mask = torch.ones_like(w)
    mask[(slice(None), slice(None), *(0 for _ in spatial(w)))] = 0
    return right(x, w * mask, bias, **steps)


def one_channel_ignored(x, w, bias=None, **steps):
    """The last input channel never contributes."""
    mask = torch.ones_like(w)
    mask[-1] = 0
    return right(x, w * mask, bias, **steps)


def last_column_missing(x, w, bias=None, **steps):
    """An off-by-one in the loop over outputs."""
    y = right(x, w, bias, **steps)
    mask = torch.ones_like(y)
    mask[..., -1] = 0
    return y * mask


def bias_twice(x, w, bias=None, **steps):
    """The bias is added twice."""
    return right(x, w, None if bias is None else bias * 2, **steps)


def bias_where_taps_reach(x, w, bias=None, **steps):
    """Cells that no tap reaches get no bias."""
    y = right(x, w, None, **steps)
    if bias is None:
        return y
    reached = right(torch.ones_like(x), torch.ones_like(w), None, **steps) != 0
    return y + bias.reshape((1, -1) + (1,) * (w.dim() - 2)) * reached


def batch_of_one(x, w, bias=None, **steps):
    """The first sample is returned for the whole batch."""
    return right(x[:1], w, bias, **steps).expand(x.shape[0], *[-1] * (x.dim() - 1)).clone()


class _MeanOverBatch(torch.autograd.Function):
    @staticmethod
    def forward(ctx, w, batch):
        ctx.batch = batch
        return w.clone()

    @staticmethod
    def backward(ctx, grad):
        return grad / ctx.batch, None


def weight_gradient_averaged(x, w, bias=None, **steps):
    """grad_weight is divided by the batch size."""
    return right(x, _MeanOverBatch.apply(w, x.shape[0]), bias, **steps)


def small_values_cut(x, w, bias=None, **steps):
    """Results below 1e-5 become zero, as if by a tolerance."""
    y = right(x, w, bias, **steps)
    return torch.where(y.abs() < 1e-5, torch.zeros_like(y), y)


def nothing_at_all(x, w, bias=None, **steps):
    """Zeros of the right shape, still connected to the graph."""
    return right(x, w, bias, **steps) * 0


def strides_exchanged(x, w, bias=None, **steps):
    """The strides of height and width are exchanged if the output keeps its shape."""
    y = right(x, w, bias, **steps)
    stride = per_axis(steps["stride"], w.dim() - 2)
    if len(stride) < 2 or stride[0] == stride[-1]:
        return y
    return y.flip(-1)


def uninitialised_cells(x, w, bias=None, **steps):
    """Cells that no tap reaches keep the old content of the memory."""
    y = right(x, w, bias, **steps)
    reached = right(torch.ones_like(x), torch.ones_like(w), None, **steps) != 0
    return torch.where(reached, y, torch.full_like(y, 1e-3) + y)


WRONG = (
    bias_of_the_first_group,
    groups_interleaved,
    padding_pads_the_input,
    crop_at_the_end_alone,
    dilation_ignored,
    output_padding_adds_zeros,
    output_padding_dropped,
    output_padding_times_stride,
    dilation_and_groups_exchanged,
    kernel_flipped,
    kernel_transposed,
    gradient_of_the_border_lost,
    one_tap_dropped,
    one_channel_ignored,
    last_column_missing,
    bias_twice,
    bias_where_taps_reach,
    batch_of_one,
    weight_gradient_averaged,
    small_values_cut,
    nothing_at_all,
    strides_exchanged,
    uninitialised_cells,
)
BY_LAYOUT = {memory_order_of_the_weight: "transposed"}
SEEM_RIGHT_WHEN_SMALL = (
    kernel_flipped,
    one_tap_dropped,
    one_channel_ignored,
    last_column_missing,
    small_values_cut,
    nothing_at_all,
    kernel_transposed,
)
