"""The geometries and values that an implementation is judged on."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symconv.core import laws
from symconv.core.dialects.building import torch_geometry
from symconv.core.geometry import Geometry
from symconv.core.limits import require_memory
from symconv.exact.contract import Contraction, most_terms
from symconv.exact.dtypes import real_format
from symconv.judging.truths import truths
from symconv.targets.tensors import Array, Problem, held


@dataclass(frozen=True, slots=True)
class Layer:
    """A geometry with a batch size and optionally a bias."""

    name: str
    geometry: Geometry
    batch: int = 1
    bias: bool = False


def _layer(
    name: str,
    size: Sequence[int],
    kernel: Sequence[int],
    batch: int = 1,
    bias: bool = False,
    **parameters: Any,
) -> Layer:
    return Layer(name, torch_geometry(size, kernel, **parameters), batch, bias)


def _square(
    name: str, c_in: int, c_out: int, size: int, kernel: int, stride: int, padding: int
) -> Layer:
    return _layer(
        name,
        (size, size),
        (kernel, kernel),
        in_channels=c_in,
        out_channels=c_out,
        stride=stride,
        padding=padding,
    )


def _two(c_in: int, c_out: int, groups: int = 1) -> dict[str, Any]:
    return {"in_channels": c_in, "out_channels": c_out, "groups": groups}


SMALL = (
    _layer("1x1 kernel", (3, 2), (1, 1), **_two(3, 2)),
    _layer("stride 1", (3, 4), (3, 2), bias=True, **_two(2, 3)),
    _layer("stride 2, padding 1", (4, 3), (4, 4), 2, stride=2, padding=1, **_two(3, 2)),
    _layer(
        "overlap, output padding",
        (3, 5),
        (3, 5),
        stride=(2, 3),
        padding=(1, 2),
        output_padding=(1, 2),
        bias=True,
        **_two(2, 2),
    ),
    _layer("stride above kernel", (3, 3), (2, 1), stride=3, **_two(2, 2)),
    _layer("dilation", (4, 3), (3, 2), dilation=(2, 3), padding=(1, 0), **_two(2, 2)),
    _layer(
        "dilation and stride",
        (3, 3),
        (3, 3),
        2,
        True,
        stride=2,
        dilation=3,
        output_padding=2,
        **_two(2, 2),
    ),
    _layer("groups", (3, 2), (2, 3), 2, True, stride=(1, 2), **_two(4, 6, 2)),
    _layer("depthwise", (4, 4), (3, 3), stride=2, padding=1, output_padding=1, **_two(4, 4, 4)),
    _layer("large padding", (5, 6), (3, 3), padding=(3, 2), **_two(2, 2)),
    _layer("kernel above input", (1, 2), (5, 4), stride=2, padding=1, **_two(3, 3)),
    _layer(
        "1-D", (5,), (3,), 2, True, stride=2, dilation=2, padding=1, output_padding=1, **_two(2, 3)
    ),
    _layer(
        "3-D", (2, 3, 2), (2, 2, 3), stride=(2, 1, 2), padding=(0, 1, 1), bias=True, **_two(2, 2)
    ),
)

PAPER = (
    _layer("3x3 with 2x2", (3, 3), (2, 2)),
    _layer("2x4 with 3x1", (2, 4), (3, 1), 2),
    _layer("1x1 with 2x3", (1, 1), (2, 3)),
    _layer("5x2 with 1x2", (5, 2), (1, 2)),
)
"""One channel, stride 1: cases that a function of a matrix and a kernel accepts."""

LAYERS = {
    "small": SMALL,
    "dcgan": (
        _square("dcgan 1024->512@4", 1024, 512, 4, 4, 2, 1),
        _square("dcgan 512->256@8", 512, 256, 8, 4, 2, 1),
        _square("dcgan 256->128@16", 256, 128, 16, 4, 2, 1),
        _square("dcgan 128->64@32", 128, 64, 32, 4, 2, 1),
        _square("dcgan 64->3@64", 64, 3, 64, 4, 2, 1),
    ),
    "unet": (_square("unet 1024->512@28", 1024, 512, 28, 2, 2, 0),),
    "fcn": (_square("fcn 21->21@16", 21, 21, 16, 64, 32, 16),),
}
"""Layers of published networks: DCGAN (arXiv 1511.06434), U-Net (arXiv 1505.04597), FCN
(arXiv 1411.4038). Each name gives the channels and the input size.
"""


def _require_room(layer: Layer) -> None:
    """Reject a layer whose operands and results exceed the memory, before anything is allocated.

    Raises:
        LimitError: names the memory that it would need.
    """
    cells = sum(math.prod(shape) for shape in _shapes(layer).values())
    require_memory(64 * cells, f"judging {layer.name}", "Use smaller sizes or fewer channels.")


def _shapes(layer: Layer) -> dict[str, tuple[int, ...]]:
    g = layer.geometry
    found = {"x": (layer.batch, *g.input_shape), "w": g.weight_shape}
    if layer.bias:
        found["bias"] = (g.out_channels,)
    return found | {"grad": (layer.batch, *g.output_shape)}


def _problem(
    layer: Layer, dtype: str, arrays: dict[str, Array], family: str, whole: float = math.inf
) -> Problem:
    kept = {name: held(values, dtype) for name, values in arrays.items()}
    return Problem(
        layer.geometry,
        dtype,
        kept["x"],
        kept["w"],
        kept.get("bias"),
        kept["grad"],
        f"{layer.name}, {family}",
        whole,
        family,
    )


def replica(layer: Layer, dtype: str, seed: int) -> Problem:
    """Integers that use the dtype's exact range for sums without exceeding it.

    Every sum of |x||w| is at most 2**precision, so that each partial sum, in any order and in the
    storage format, is an integer that the format represents exactly.
    """
    _require_room(layer)
    rng = np.random.default_rng(seed)
    form, g = real_format(dtype), layer.geometry
    parts = 8 if dtype.startswith("complex") else 1
    budget = min(2.0**form.precision, form.largest / 2) / parts
    most = max(most_terms(g, kind, layer.batch) for kind in Contraction)
    summed = layer.batch * math.prod(g.out_size)
    top = max(1, min(math.isqrt(int(budget / (2 * most))), int(budget / summed)))
    arrays = {
        name: rng.integers(1, top + 1, shape) * rng.choice((-1.0, 1.0), shape)
        for name, shape in _shapes(layer).items()
    }
    if parts > 1:
        arrays = {
            n: a + 1j * rng.permutation(a.ravel()).reshape(a.shape) for n, a in arrays.items()
        }
    used = float(max(most * top * top + top, summed * top))
    family = f"integers up to {top}"
    while used > budget:
        # even units have too large sums: set some entries to zero, at random places
        arrays = {n: np.where(rng.random(a.shape) < 0.6, a, 0) for n, a in arrays.items()}
        problem = _problem(layer, dtype, arrays, family)
        used = max(float(t.magnitude.max()) for t in truths(problem).values())
    return _problem(layer, dtype, arrays, family, used * parts)


def eighths(layer: Layer, dtype: str, seed: int) -> Problem:
    """Odd multiples of 1/8 (1/64 for the bias) whose sums are as exact as those of `replica`.

    A program that rounds to integers at some step is correct on `replica` and wrong here.
    """
    whole = replica(layer, dtype, seed)

    def odd(values: Array) -> Array:
        """Move even integers one closer to 0, so that no sum grows; 0 stays."""
        if np.iscomplexobj(values):
            return odd(values.real) + 1j * odd(values.imag)
        return np.where(values % 2 == 0, values - np.sign(values), values)

    arrays = {
        "x": odd(whole.x) / 8,
        "w": odd(whole.w) / 8,
        "grad": odd(whole.grad) / 8,
        "bias": None if whole.bias is None else odd(whole.bias) / 64,
    }
    kept = {name: values for name, values in arrays.items() if values is not None}
    return _problem(layer, dtype, kept, "odd multiples of 1/8", whole.whole)


SPREADS = ("normal", "small", "unequal channels", "near underflow", "near overflow")


def real(layer: Layer, dtype: str, seed: int, spread: str) -> Problem:
    """Normal data with a `spread`: unit or small scale, channels up to 10**4 apart, or extreme."""
    rng = np.random.default_rng(seed)
    form = real_format(dtype)
    arrays = _normal(layer, dtype, rng)
    for name, values in arrays.items():
        if spread == "small":
            arrays[name] = values * (1e-3 if name == "x" else 1e-2)
        elif spread == "unequal channels" and name == "x" and form.most_exponent > 100:
            scales = (10.0 ** rng.uniform(-2, 2, values.shape[1])).reshape(
                (1, -1) + (1,) * (values.ndim - 2)
            )
            arrays[name] = values * scales
        elif spread == "near underflow" and name != "bias":
            arrays[name] = values * 2.0 ** (form.least_exponent // 2)
        elif spread == "near overflow" and name != "bias":
            arrays[name] = values * 2.0 ** ((form.most_exponent - 16) // 2)
    return _problem(layer, dtype, arrays, f"{spread} data")


def _normal(layer: Layer, dtype: str, rng: np.random.Generator) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    for name, shape in _shapes(layer).items():
        arrays[name] = rng.standard_normal(shape)
        if dtype.startswith("complex"):
            arrays[name] = arrays[name] + 1j * rng.standard_normal(shape)
    return arrays


def with_specials(layer: Layer, dtype: str, seed: int) -> Problem:
    """Normal data with inf, -inf and nan at a few places of x and grad_output."""
    rng = np.random.default_rng(seed)
    arrays = _normal(layer, dtype, rng)
    for name in ("x", "grad"):
        flat = arrays[name].reshape(-1)
        places = rng.permutation(flat.size)[: min(3, max(1, flat.size // 4))]
        flat[places] = np.array([np.inf, -np.inf, np.nan])[: len(places)]
    return _problem(layer, dtype, arrays, "normal data with inf and nan")


def problems(layer: Layer, dtype: str, seed: int) -> Iterator[Problem]:
    """The problems that one layer is judged on."""
    yield replica(layer, dtype, seed)
    large = layer.geometry.most_terms > 10**7
    for n, spread in enumerate(SPREADS[:2] if large else SPREADS):
        yield real(layer, dtype, seed + n + 1, spread)
    if not large:
        yield with_specials(layer, dtype, seed + len(SPREADS) + 1)


def from_data(
    geometry: Geometry, dtype: str, operands: dict[str, Array], seed: int, what: str
) -> Problem:
    """The user's own values; a missing gradient of the output is drawn at random."""
    batch = operands["x"].shape[0]
    layer = Layer("your data", geometry, batch, "bias" in operands)
    _require_room(layer)
    arrays = _normal(layer, dtype, np.random.default_rng(seed)) | operands
    return _problem(layer, dtype, arrays, what)


def random_layers(count: int, seed: int, dims: Sequence[int]) -> tuple[Layer, ...]:
    """Small shapes drawn at random: legal parameters of every kind, up to 4 channels."""
    chance = random.Random(f"layers/{seed}")
    return tuple(_random_layer(chance, chance.choice(dims)) for _ in range(count))


def _random_layer(chance: random.Random, dims: int) -> Layer:
    axes = [_random_axis(chance, {1: 6, 2: 4, 3: 3}[dims]) for _ in range(dims)]
    names = ("input_size", "kernel_size", "stride", "padding", "output_padding", "dilation")
    columns: dict[str, Any] = dict(zip(names, zip(*axes, strict=True), strict=True))
    groups = chance.choice((1, 1, 2))
    channels: dict[str, Any] = {
        name: groups * chance.randint(1, 2) for name in ("in_channels", "out_channels")
    }
    batch, bias = chance.randint(1, 2), chance.random() < 0.5
    name = ", ".join(
        f"{name} {'x'.join(map(str, values))}"
        for name, values in columns.items()
        if set(values) - {{"stride": 1, "dilation": 1}.get(name, 0)}
    )
    return Layer(name, torch_geometry(groups=groups, **channels, **columns), batch, bias)


def _random_axis(chance: random.Random, longest: int) -> tuple[int, ...]:
    """`(size, kernel_size, stride, padding, output_padding, dilation)` with at least one output."""
    size, kernel = chance.randint(1, longest), chance.randint(1, 4)
    stride, dilation = chance.randint(1, 3), chance.randint(1, 3)
    extra = chance.choice((0, 0, chance.randrange(max(stride, dilation))))
    full = laws.full_size(size=size, kernel_size=kernel, stride=stride, dilation=dilation)
    padding = chance.choice((0, 1, chance.randint(0, (full + extra - 1) // 2)))
    return size, kernel, stride, min(padding, (full + extra - 1) // 2), extra, dilation


def random_paper_layers(count: int, seed: int) -> tuple[Layer, ...]:
    """Matrices and kernels of random sizes, up to 5 on each side."""
    chance = random.Random(f"paper/{seed}")
    found = []
    for _ in range(count):
        size, taps = (tuple(chance.randint(1, 5) for _ in range(2)) for _ in range(2))
        name = "{}x{} with {}x{}".format(*size, *taps)
        found.append(Layer(name, torch_geometry(size, taps)))
    return tuple(found)
