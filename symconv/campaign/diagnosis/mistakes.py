"""Known mistakes, most of them taken from public reports.

A mistake is a function that predicts all results of a call, exactly on integer values, and an entry
of `CATALOGUE`. It explains a case if it predicts its wrong numbers, for integer values bit for bit.
The function returns None if the mistake does not apply to the case.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from symconv.campaign.case import Case
from symconv.campaign.diagnosis.predicting import (
    Array,
    Results,
    Values,
    fitted,
    over_channels,
    plain,
    refit,
    results,
    spatial,
    with_output,
)


def all_zeros(case: Case, values: Values) -> Results | None:
    """Nothing is computed: all results are zero."""
    return {name: np.zeros_like(result) for name, result in results(case, values).items()}


def flipped(case: Case, values: Values) -> Results | None:
    """The kernel is rotated by 180 degrees."""
    w = values["w"]
    found = results(case, {**values, "w": np.flip(w, spatial(w))})
    found["grad_weight"] = np.flip(found["grad_weight"], spatial(w))
    return found


def transposed(case: Case, values: Values) -> Results | None:
    """The kernel's axes are in reverse order, if that keeps its shape."""
    w = values["w"]
    if case.dims == 1 or case.kernel_size != case.kernel_size[::-1]:
        return None
    order = (0, 1, *reversed(spatial(w)))
    found = results(case, {**values, "w": w.transpose(order)})
    return {**found, "grad_weight": found["grad_weight"].transpose(order)}


def bias_missing(case: Case, values: Values) -> Results | None:
    """The bias is not added and its gradient is zero."""
    if not case.bias:
        return None
    found = results(case, {n: v for n, v in values.items() if n != "bias"})
    return {**found, "grad_bias": np.zeros(case.out_channels)}


def bias_twice(case: Case, values: Values) -> Results | None:
    """The bias is added twice."""
    return results(case, {**values, "bias": 2 * values["bias"]}) if case.bias else None


def bias_of_first_group(case: Case, values: Values) -> Results | None:
    """Every group uses the first group's bias."""
    if not case.bias or case.groups == 1:
        return None
    first = values["bias"][: case.out_channels // case.groups]
    return results(case, {**values, "bias": np.tile(first, case.groups)})


def bias_where_reached(case: Case, values: Values) -> Results | None:
    """Cells that no tap reaches get no bias."""
    if not case.bias:
        return None
    ones = {"x": np.ones_like(values["x"]), "w": np.ones_like(values["w"]), "grad": values["grad"]}
    reached = results(case, ones)["output"] != 0
    right, bare = plain(case, values)
    y = results(case, bare)["output"]
    return {**right, "output": y + over_channels(values["bias"], y) * reached}


def first_sample_alone(case: Case, values: Values) -> Results | None:
    """All samples but the first are zero."""
    y = results(case, values)["output"].copy()
    y[1:] = 0
    return with_output(case, values, y) if case.batch > 1 else None


def first_sample_for_all(case: Case, values: Values) -> Results | None:
    """Every sample gets the result of the first."""
    y = results(case, values)["output"]
    return with_output(case, values, np.repeat(y[:1], len(y), 0)) if case.batch > 1 else None


def groups_crosswise(case: Case, values: Values) -> Results | None:
    """The output channels of the groups are interleaved."""
    if case.groups == 1:
        return None
    y = results(case, values)["output"]
    split = y.reshape(y.shape[0], case.groups, -1, *y.shape[2:])
    return with_output(case, values, split.swapaxes(1, 2).reshape(y.shape))


def weights_of_first_group(case: Case, values: Values) -> Results | None:
    """Every group uses the first group's weights."""
    if case.groups == 1:
        return None
    own = values["w"][: case.in_channels // case.groups]
    w = np.concatenate([own] * case.groups)
    return {
        **results(case, {**values, "w": w}),
        "grad_weight": results(case, values)["grad_weight"],
    }


def channels_exchanged(case: Case, values: Values) -> Results | None:
    """The first two axes of the weight are exchanged."""
    if case.groups > 1 or case.in_channels != case.out_channels or case.in_channels == 1:
        return None
    found = results(case, {**values, "w": values["w"].swapaxes(0, 1)})
    found["grad_weight"] = found["grad_weight"].swapaxes(0, 1)
    return found


def last_channel_missing(case: Case, values: Values) -> Results | None:
    """The last input channel never contributes."""
    w = values["w"].copy()
    w[-1] = 0
    return results(case, {**values, "w": w}) if case.in_channels > 1 else None


def padding_pads_input(case: Case, values: Values) -> Results | None:
    """The input gets `padding` zeros at both ends, and the result is cropped only at the end."""
    x = values["x"]
    sides = [(0, 0), (0, 0), *((p, p) for p in case.padding)]
    wide = {**values, "x": np.pad(x, sides)}
    right, _ = plain(case, values)
    larger = tuple(n + 2 * p for n, p in zip(case.size, case.padding, strict=True))
    bare = {n: v for n, v in wide.items() if n != "bias"}
    y = results(replace(case, size=larger, padding=(0,) * case.dims), bare)["output"]
    y = fitted(y, right["output"].shape)
    if case.bias:
        y = y + over_channels(values["bias"], y)
    return {**right, "output": y} if any(case.padding) else None


def padding_ignored(case: Case, values: Values) -> Results | None:
    """Nothing is cropped at the beginning."""
    return refit(case, values, padding=(0,) * case.dims) if any(case.padding) else None


def crop_shifted(case: Case, values: Values) -> Results | None:
    """The crop begins one element late."""
    right, bare = plain(case, values)
    y = results(replace(case, padding=(0,) * case.dims), bare)["output"]
    out = right["output"].shape[2:]
    at = tuple(slice(p + 1, p + 1 + n) for p, n in zip(case.padding, out, strict=True))
    every = slice(None)
    y = fitted(y[(every, every, *at)], right["output"].shape)
    if case.bias:
        y = y + over_channels(values["bias"], y)
    return {**right, "output": y}


def paddings_exchanged(case: Case, values: Values) -> Results | None:
    """The paddings of the axes are in reverse order."""
    if len(set(case.padding)) == 1:
        return None
    return refit(case, values, padding=case.padding[::-1])


def dilation_ignored(case: Case, values: Values) -> Results | None:
    """The kernel is not dilated."""
    if set(case.dilation) == {1}:
        return None
    changes = {"dilation": (1,) * case.dims, "output_padding": (0,) * case.dims}
    kept = refit(case, values, **changes)
    return kept or refit(case, values, **changes, padding=(0,) * case.dims)


def stride_and_dilation_exchanged(case: Case, values: Values) -> Results | None:
    """Stride and dilation are exchanged."""
    if case.stride == case.dilation:
        return None
    return refit(case, values, stride=case.dilation, dilation=case.stride)


def output_padding_is_zeros(case: Case, values: Values) -> Results | None:
    """The extra outputs hold zeros plus the bias."""
    if not any(case.output_padding):
        return None
    right, bare = plain(case, values)

    def blank(array: Array) -> Array:
        extra = zip(array.shape[2:], case.output_padding, strict=True)
        kept: tuple[Any, ...] = (..., *(slice(0, max(n - e, 0)) for n, e in extra))
        found = np.zeros_like(array)
        found[kept] = array[kept]
        return found

    found = results(case, {**bare, "grad": blank(values["grad"])})
    y = blank(found["output"])
    if case.bias:
        y = y + over_channels(values["bias"], y)
    return {**right, **found, "output": y}


def not_transposed(case: Case, values: Values) -> Results | None:
    """A convolution is computed instead of its transpose."""
    if case.groups > 1 or set(case.stride) != {1} or case.in_channels != case.out_channels:
        return None
    w = np.flip(values["w"].swapaxes(0, 1), spatial(values["w"]))
    found = results(case, {**values, "w": w})
    found["grad_weight"] = np.flip(found["grad_weight"], spatial(w)).swapaxes(0, 1)
    return found


def added_twice(case: Case, values: Values) -> Results | None:
    """Products are added to a result that already holds them."""
    right, bare = plain(case, values)
    return {**right, "output": right["output"] + results(case, bare)["output"]}


def last_gradient_column_lost(case: Case, values: Values) -> Results | None:
    """The backward pass leaves out the last column of grad_output."""
    grad = values["grad"].copy()
    grad[..., -1] = 0
    return {**results(case, {**values, "grad": grad}), "output": results(case, values)["output"]}


def weight_gradient_averaged(case: Case, values: Values) -> Results | None:
    """grad_weight is divided by the batch size."""
    right = results(case, values)
    return {**right, "grad_weight": right["grad_weight"] / case.batch} if case.batch > 1 else None


@dataclass(frozen=True, slots=True)
class Mistake:
    """A known way to compute a transposed convolution wrongly.

    Attributes:
        name: short name.
        words: what is computed instead, as a sentence.
        source: the public report that it is taken from, "" if there is none.
        predict: returns the results of the mistake, None if it does not apply to a case.
    """

    name: str
    words: str
    source: str
    predict: Callable[[Case, Values], Results | None]


CATALOGUE = (
    Mistake("all zeros", "the result contains only zeros", "", all_zeros),
    Mistake(
        "kernel flipped",
        "the kernel is rotated by half a turn: a correlation where a convolution is required",
        "",
        flipped,
    ),
    Mistake(
        "kernel transposed",
        "the kernel's axes are in the wrong order",
        "",
        transposed,
    ),
    Mistake("bias missing", "the bias is not added", "apache/mxnet#19768", bias_missing),
    Mistake("bias twice", "the bias is added by two stages", "", bias_twice),
    Mistake(
        "bias of the first group",
        "every group gets the first group's bias",
        "",
        bias_of_first_group,
    ),
    Mistake(
        "bias where taps reach",
        "the bias is not added to cells that no tap reaches",
        "",
        bias_where_reached,
    ),
    Mistake(
        "first sample alone",
        "only the first sample of the batch is computed, the others are zero",
        "ggml-org/ggml#1448",
        first_sample_alone,
    ),
    Mistake(
        "first sample for all",
        "every sample gets the first one's result",
        "",
        first_sample_for_all,
    ),
    Mistake(
        "groups crosswise",
        "the output channels of the groups are interleaved",
        "uxlfoundation/oneDNN#352",
        groups_crosswise,
    ),
    Mistake(
        "weights of the first group",
        "every group uses the first group's weights",
        "google/XNNPACK#1951",
        weights_of_first_group,
    ),
    Mistake(
        "channels exchanged",
        "the weight's axes for input and output channels are exchanged",
        "pytorch/pytorch#172711",
        channels_exchanged,
    ),
    Mistake(
        "last channel missing",
        "the last input channel is omitted, as by a loop over pairs of channels",
        "microsoft/onnxruntime#27749",
        last_channel_missing,
    ),
    Mistake(
        "padding pads the input",
        "padding is applied as zeros around the input",
        "Samsung/TICO#420",
        padding_pads_input,
    ),
    Mistake(
        "padding ignored",
        "nothing is cropped at the beginning",
        "microsoft/onnxruntime#4086",
        padding_ignored,
    ),
    Mistake(
        "crop shifted by one",
        "the crop begins one element late, though the shape is right",
        "keras-team/keras#22876",
        crop_shifted,
    ),
    Mistake(
        "paddings exchanged",
        "the paddings of the axes are in the wrong order",
        "robertknight/rten#1399",
        paddings_exchanged,
    ),
    Mistake(
        "dilation ignored",
        "the kernel is not dilated",
        "keras-team/keras#8159",
        dilation_ignored,
    ),
    Mistake(
        "stride and dilation exchanged",
        "stride and dilation are swapped",
        "huggingface/candle#2337",
        stride_and_dilation_exchanged,
    ),
    Mistake(
        "output_padding adds zeros",
        "the extra outputs are zeros instead of their sums",
        "apache/tvm#19524",
        output_padding_is_zeros,
    ),
    Mistake(
        "not transposed",
        "a convolution is computed instead of its transpose",
        "pytorch/pytorch#48400",
        not_transposed,
    ),
    Mistake(
        "added twice",
        "products are added to a result that already contains values",
        "ggml-org/ggml#591",
        added_twice,
    ),
    Mistake(
        "last gradient column lost",
        "the backward pass omits the last column of grad_output",
        "pytorch/pytorch#63314",
        last_gradient_column_lost,
    ),
    Mistake(
        "weight gradient averaged",
        "grad_weight is divided by the batch size",
        "",
        weight_gradient_averaged,
    ),
)
"""Entries without a source are faults that symconv's tests plant."""
