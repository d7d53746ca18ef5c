"""Catalogue of known mistakes, most of them taken from public reports.

A mistake explains a case if it predicts its wrong numbers, for integer values bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from symconv.campaign.case import Case
from symconv.campaign.diagnosis import mistakes
from symconv.campaign.diagnosis.predicting import Results, Values


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
    Mistake("all zeros", "the result holds zeros alone", "", mistakes.all_zeros),
    Mistake(
        "kernel flipped",
        "the kernel is turned by half a turn: a correlation where a convolution is needed",
        "",
        mistakes.flipped,
    ),
    Mistake(
        "kernel transposed",
        "the kernel's axes are in the wrong order",
        "",
        mistakes.transposed,
    ),
    Mistake("bias missing", "the bias is not added", "apache/mxnet#19768", mistakes.bias_missing),
    Mistake("bias twice", "the bias is added by two stages", "", mistakes.bias_twice),
    Mistake(
        "bias of the first group",
        "every group gets the first group's bias",
        "",
        mistakes.bias_of_first_group,
    ),
    Mistake(
        "bias where taps reach",
        "cells that no tap reaches get no bias",
        "",
        mistakes.bias_where_reached,
    ),
    Mistake(
        "first sample alone",
        "only the first sample of the batch is computed, the others are zero",
        "ggml-org/ggml#1448",
        mistakes.first_sample_alone,
    ),
    Mistake(
        "first sample for all",
        "every sample gets the first one's result",
        "",
        mistakes.first_sample_for_all,
    ),
    Mistake(
        "groups crosswise",
        "the output channels of the groups are interleaved",
        "uxlfoundation/oneDNN#352",
        mistakes.groups_crosswise,
    ),
    Mistake(
        "weights of the first group",
        "every group uses the first group's weights",
        "google/XNNPACK#1951",
        mistakes.weights_of_first_group,
    ),
    Mistake(
        "channels exchanged",
        "the weight's axes for input and output channels are exchanged",
        "pytorch/pytorch#172711",
        mistakes.channels_exchanged,
    ),
    Mistake(
        "last channel missing",
        "the last input channel is left out, as by a loop over pairs",
        "microsoft/onnxruntime#27749",
        mistakes.last_channel_missing,
    ),
    Mistake(
        "padding pads the input",
        "padding is taken as zeros around the input",
        "Samsung/TICO#420",
        mistakes.padding_pads_input,
    ),
    Mistake(
        "padding ignored",
        "nothing is cropped at the beginning",
        "microsoft/onnxruntime#4086",
        mistakes.padding_ignored,
    ),
    Mistake(
        "crop shifted by one",
        "the crop begins one element late, the shape is right",
        "keras-team/keras#22876",
        mistakes.crop_shifted,
    ),
    Mistake(
        "paddings exchanged",
        "the paddings of the axes are in the wrong order",
        "robertknight/rten#1399",
        mistakes.paddings_exchanged,
    ),
    Mistake(
        "dilation ignored",
        "the kernel is not spread",
        "keras-team/keras#8159",
        mistakes.dilation_ignored,
    ),
    Mistake(
        "stride and dilation exchanged",
        "stride and dilation are in each other's place",
        "huggingface/candle#2337",
        mistakes.stride_and_dilation_exchanged,
    ),
    Mistake(
        "output_padding adds zeros",
        "the extra outputs hold zeros instead of their sums",
        "apache/tvm#19524",
        mistakes.output_padding_is_zeros,
    ),
    Mistake(
        "not transposed",
        "a convolution is computed instead of its transpose",
        "pytorch/pytorch#48400",
        mistakes.not_transposed,
    ),
    Mistake(
        "added twice",
        "products are added to a result that is already there",
        "ggml-org/ggml#591",
        mistakes.added_twice,
    ),
    Mistake(
        "last gradient column lost",
        "the backward pass leaves out the last column of grad_output",
        "pytorch/pytorch#63314",
        mistakes.last_gradient_column_lost,
    ),
    Mistake(
        "weight gradient averaged",
        "grad_weight is divided by the batch",
        "",
        mistakes.weight_gradient_averaged,
    ),
)
"""Entries without a source are faults that symconv's tests plant."""
