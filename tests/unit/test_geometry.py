"""Geometry and torch's dialect: sizes counted by hand, rejections that suggest a way out."""

import pytest

from symconv.core.conditions import ways_out
from symconv.core.dialects.building import conv_geometry, geometry_from_module, torch_geometry
from symconv.core.dialects.torch import TORCH_CONDITIONS, TorchAxis, torch_axis
from symconv.core.errors import GeometryError
from symconv.core.geometry import Axis, Geometry


def test_sizes_by_hand():
    assert Axis(2, 2).out_size == 3
    assert Axis(2, 2, stride=2).out_size == 4
    assert Axis(3, 3, dilation=2).out_size == 7
    assert Axis(3, 3, crop_begin=1, crop_end=1).out_size == 3
    assert Axis(3, 2, crop_begin=-1, crop_end=-2).out_size == 7


def test_hits_by_hand():
    axis = Axis(3, 3, stride=2, dilation=2, crop_begin=1, crop_end=1)
    assert [[axis.hit(i, k) for k in range(3)] for i in range(3)] == [
        [-1, 1, 3],
        [1, 3, 5],
        [3, 5, 7],
    ]


def test_the_hit_works_on_symbols_and_arrays():
    import numpy as np
    import sympy

    axis = Axis(3, 3, stride=2, crop_begin=1)
    i, k = sympy.symbols("i k")
    assert axis.hit(i, k) == 2 * i + k - 1
    assert axis.hit(np.arange(3), 1).tolist() == [0, 2, 4]


def test_shapes_are_torchs_order():
    geometry = torch_geometry((3, 2), (2, 3), in_channels=4, out_channels=6, groups=2)
    assert geometry.input_shape == (4, 3, 2)
    assert geometry.weight_shape == (4, 3, 2, 3)
    assert geometry.output_shape == (6, 4, 4)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"stride": 0}, r"stride=0 on axis 0 of 2: stride must be at least 1\. Try stride=1"),
        ({"dilation": (1, 0)}, r"dilation=0 on axis 1 of 2: dilation must be at least 1"),
        ({"padding": -1}, r"padding=-1 on axis 0 of 2: padding must be at least 0.*padding=0"),
        (
            {"output_padding": 1},
            r"output_padding=1 on axis 0 of 2: output_padding must be smaller than stride or "
            r"smaller than dilation.*stride=2 or output_padding=0 or dilation=2",
        ),
        (
            {"padding": 2},
            r"out_size=-1, from input_size=2, kernel_size=2.*at least one element.*padding=1",
        ),
        ({"stride": (1, 2, 3)}, r"stride has 3 values \(1, 2, 3\), but there are 2 spatial axes"),
        ({"groups": 0}, r"groups=0: groups must be at least 1"),
        ({"stride": 1.5}, r"stride=1\.5 on axis 0 of 2 is a float, but it must be an int"),
        ({"stride": True}, r"stride=True on axis 0 of 2 is a bool"),
    ],
)
def test_refusals_name_axis_value_condition_and_way_out(parameters, message):
    if isinstance(parameters.get("stride"), float):
        parameters = {"stride": (1.5, 1)}
    with pytest.raises(GeometryError, match=message):
        torch_geometry((2, 2), (2, 2), **parameters)


def test_input_size_is_named_as_the_user_gave_it():
    with pytest.raises(GeometryError, match=r"input_size=0: input_size must be at least 1"):
        torch_geometry((0,), (2,))


def test_groups_that_do_not_divide():
    with pytest.raises(GeometryError, match=r"in_channels=4 is not a multiple of groups=3"):
        Geometry(4, 6, 3, (Axis(2, 2),))
    with pytest.raises(GeometryError, match=r"out_channels=5 .*groups=1 or 5"):
        Geometry(4, 5, 2, (Axis(2, 2),))
    with pytest.raises(GeometryError, match="4 spatial axes"):
        Geometry(1, 1, 1, (Axis(2, 2),) * 4)


def test_every_way_out_is_one():
    values = TorchAxis(2, 2, padding=3, output_padding=2).values
    found = ways_out(TORCH_CONDITIONS, values)
    for name, value in found:
        assert all(c.holds({**values, name: value}) for c in TORCH_CONDITIONS), name
    legal_but_small = TorchAxis(2, 2, padding=3).values
    assert ("padding", 1) in ways_out(TORCH_CONDITIONS, legal_but_small)


def test_a_normal_form_that_torch_cannot_say():
    assert torch_axis(Axis(3, 2, crop_begin=-1)) is None
    assert torch_axis(Axis(3, 2, crop_begin=0, crop_end=1)) is None
    assert torch_axis(Axis(3, 2, crop_begin=0, crop_end=-1)) is None
    assert torch_axis(Axis(3, 2, 2, crop_end=-1)) == TorchAxis(3, 2, 2, 0, 1)


def test_conv_geometry_derives_the_output_padding():
    geometry = conv_geometry((6,), (3,), stride=2, padding=1)
    assert (geometry.size, geometry.out_size) == ((3,), (6,))
    with pytest.raises(GeometryError, match=r"the kernel spans 5.*conv_input_size=5"):
        conv_geometry((3,), (3,), dilation=2)


def test_geometry_from_a_module():
    torch = pytest.importorskip("torch")
    module = torch.nn.ConvTranspose2d(4, 6, (3, 2), stride=2, padding=1, groups=2)
    geometry = geometry_from_module(module, (5, 4))
    y = module(torch.zeros(1, 4, 5, 4))
    assert tuple(y.shape[1:]) == geometry.output_shape
    assert tuple(module.weight.shape) == geometry.weight_shape
    with pytest.raises(GeometryError, match="Conv2d is not a ConvTranspose"):
        geometry_from_module(torch.nn.Conv2d(1, 1, 2), (5, 4))
