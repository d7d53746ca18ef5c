"""The trilinear form, by both of its code paths, against independent definitions."""

from collections.abc import Iterable

from symconv.core import form
from symconv.core.dialects.building import torch_geometry
from symconv.core.errors import SymconvError
from symconv.exact import ring
from symconv.oracles import polynomial_product as polynomial
from symconv.oracles import zero_insertion as stretch
from tests.support.cases import Config

ORACLES = (polynomial.conv_transpose, stretch.conv_transpose)


def flat(block):
    return [v for part in block for v in flat(part)] if isinstance(block, list) else [block]


def geometry_of(config: Config):
    return torch_geometry(
        config.size,
        config.kernel_size,
        in_channels=config.in_channels,
        out_channels=config.out_channels,
        **config.steps,
    )


def place(index, shape):
    position = 0
    for n, length in zip(index, shape, strict=True):
        position = position * length + n
    return position


def by_terms(geometry, x, w):
    """The definition: add every product to its output."""
    size = 1
    for n in geometry.output_shape:
        size *= n
    y = [0] * size
    for i, k, o in form.terms(geometry):
        product = x[place(i, geometry.input_shape)] * w[place(k, geometry.weight_shape)]
        y[place(o, geometry.output_shape)] += product
    return y


def samples(config: Config):
    step = len(config.x) // config.batch
    return [config.x[n * step : (n + 1) * step] for n in range(config.batch)]


def disagreement(config: Config) -> str | None:
    """Describe the first difference; None if there is none.

    An exception counts as a difference, since every configuration is legal.
    """
    try:
        geometry = geometry_of(config)
        per_channel = 1
        for n in geometry.out_size:
            per_channel *= n
        for x, nested in zip(samples(config), config.nested_x, strict=True):
            for path in (by_terms, ring.transposed):
                y = path(geometry, x, config.w)
                if config.bias is not None:
                    y = [v + config.bias[n // per_channel] for n, v in enumerate(y)]
                for oracle in ORACLES:
                    bias = None if config.bias is None else list(config.bias)
                    expected = oracle(nested, config.nested_w, bias, **config.steps)
                    if flat(expected) != list(y):
                        return f"{path.__name__} differs from {oracle.__module__} at {config}"
    except (SymconvError, IndexError, KeyError, ValueError, AssertionError) as error:
        return f"{type(error).__name__}: {error} at {config}"
    return None


def first_disagreement(configs: Iterable[Config]) -> str | None:
    """Describe the difference of the first configuration that shows one; None if none does."""
    return next((found for c in configs if (found := disagreement(c)) is not None), None)
