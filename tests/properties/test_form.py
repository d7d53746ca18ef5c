"""The form compared with both oracles and torch, on random configurations of every kind."""

import math

import numpy as np
import pytest
from hypothesis import given

from symconv.core import form
from symconv.core.geometry import Axis, Geometry
from symconv.exact import operators, ring
from tests.support.battery import (
    disagreement,
    first_disagreement,
    flat,
    geometry_of,
    place,
    samples,
)
from tests.support.cases import Config, channel_cases, configs, small_1d


def test_every_small_1d_configuration_agrees_with_both_oracles():
    assert first_disagreement(small_1d()) is None


def test_channels_groups_bias_and_batch_agree_with_both_oracles():
    assert first_disagreement(channel_cases()) is None


@given(configs())
def test_random_configurations_agree_with_both_oracles(config: Config):
    assert disagreement(config) is None


@given(configs())
def test_index_arrays_are_the_terms(config: Config):
    geometry = geometry_of(config)
    shapes = geometry.input_shape, geometry.weight_shape, geometry.output_shape
    at = form.index_arrays(geometry)
    listed = sorted(zip(at.input.tolist(), at.weight.tolist(), at.output.tolist(), strict=True))
    defined = sorted(
        tuple(place(part, shape) for part, shape in zip(term, shapes, strict=True))
        for term in form.terms(geometry)
    )
    assert listed == defined


@given(configs())
def test_the_three_groupings_hold_the_same_terms(config: Config):
    geometry = geometry_of(config)
    everything = sorted(form.terms(geometry))
    for field, grouping in enumerate((form.by_input, form.by_weight, form.by_output)):
        groups = grouping(geometry)
        assert sorted(t for group in groups.values() for t in group) == everything
        assert all(t[field] == key for key, group in groups.items() for t in group)


def torch_arrays(config: Config, dtype: str):
    torch = pytest.importorskip("torch")
    kind = getattr(torch, dtype)
    x = torch.tensor(config.x, dtype=kind).reshape(config.x_shape)
    w = torch.tensor(config.w, dtype=kind).reshape(config.w_shape)
    bias = None if config.bias is None else torch.tensor(config.bias, dtype=kind)
    return torch, x, w, bias


@pytest.mark.parametrize("dtype", ["int64", "float64"])
@given(config=configs())
def test_conv_transpose_is_torchs(dtype: str, config: Config):
    torch, x, w, bias = torch_arrays(config, dtype)
    call = getattr(torch.nn.functional, f"conv_transpose{config.dims}d")
    expected = call(x, w, bias, **config.steps)
    ours = operators.conv_transpose(
        np.array(config.nested_x, dtype=object),
        np.array(config.nested_w, dtype=object),
        config.bias,
        dims=config.dims,
        **config.steps,
    )
    assert ours.shape == tuple(expected.shape)
    assert [int(v) for v in expected.reshape(-1).tolist()] == ours.ravel().tolist()


@given(config=configs())
def test_both_gradients_are_torchs(config: Config):
    torch, x, w, _ = torch_arrays(config, "float64")
    geometry = geometry_of(config)
    call = getattr(torch.nn.functional, f"conv_transpose{config.dims}d")
    x.requires_grad_()
    w.requires_grad_()
    y = call(x, w, None, **config.steps)
    count = math.prod(y.shape)
    v = [(7 * n * n + 3) % 11 - 5 for n in range(count)]
    y.backward(torch.tensor(v, dtype=torch.float64).reshape(y.shape))
    step = count // config.batch
    grad_x, grad_w = [], [0] * len(config.w)
    for n, sample in enumerate(samples(config)):
        own = v[n * step : (n + 1) * step]
        grad_x += ring.convolved(geometry, own, config.w)
        part = ring.weight_gradient(geometry, sample, own)
        grad_w = [a + b for a, b in zip(grad_w, part, strict=True)]
    assert grad_x == [int(g) for g in x.grad.reshape(-1).tolist()]
    assert grad_w == [int(g) for g in w.grad.reshape(-1).tolist()]
    public = operators.grad_weight(
        np.array(config.nested_x, dtype=object),
        np.array(v, dtype=object).reshape(tuple(y.shape)),
        kernel_size=config.kernel_size,
        **config.steps,
    )
    assert public.ravel().tolist() == grad_w


@pytest.mark.parametrize("dtype", ["int64", "float64"])
@given(config=configs())
def test_conv_is_torchs(dtype: str, config: Config):
    torch, x, kernel, _ = torch_arrays(config, dtype)
    transposed = getattr(torch.nn.functional, f"conv_transpose{config.dims}d")
    shape = transposed(x, kernel, None, **config.steps).shape
    values = [(7 * n * n + 3) % 11 - 5 for n in range(math.prod(shape))]
    image = torch.tensor(values, dtype=kernel.dtype).reshape(shape)
    plain = {k: s for k, s in config.steps.items() if k != "output_padding"}
    expected = getattr(torch.nn.functional, f"conv{config.dims}d")(image, kernel, None, **plain)
    ours = operators.conv(
        np.array(image.long().tolist(), dtype=object),
        np.array(config.nested_w, dtype=object),
        dims=config.dims,
        **plain,
    )
    assert ours.ravel().tolist() == [int(v) for v in expected.reshape(-1).tolist()]


@given(configs(dims=(1, 2)))
def test_crops_of_any_sign_cut_or_pad_the_uncropped_output(config: Config):
    """Outside any dialect: the full output, cropped or extended by zeros, is the definition."""
    full = Geometry(1, 1, 1, tuple(Axis(n, k, s, d) for n, k, s, d in _axes(config)))
    x = config.x[: math.prod(config.size)]
    w = config.w[: math.prod(config.kernel_size)]
    whole = np.array(ring.transposed(full, x, w)).reshape(full.out_size)
    for begin, end in ((-2, 0), (0, -1), (1, -2), (-1, 1), (-3, -3)):
        sizes = [a.out_size - begin - end for a in full.axes]
        if min(sizes) < 1:
            continue
        cropped = Geometry(
            1, 1, 1, tuple(Axis(n, k, s, d, begin, end) for n, k, s, d in _axes(config))
        )
        ours = np.array(ring.transposed(cropped, x, w)).reshape(cropped.out_size)
        padded = np.pad(whole, 4)
        window = tuple(slice(4 + begin, 4 + begin + size) for size in sizes)
        assert (ours == padded[window]).all()


def _axes(config: Config):
    return zip(config.size, config.kernel_size, config.stride, config.dilation, strict=True)


def test_flat_helper_reads_nested_lists_in_c_order():
    assert flat([[1, 2], [3, [4]]]) == [1, 2, 3, 4]
