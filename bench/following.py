"""Cost of following a program on symbols, relative to tracing it and to one numeric test."""

import time
from functools import partial

import torch
from torch.fx.experimental.proxy_tensor import make_fx

from bench.timing import Row, interleaved, measured
from docs.examples import fold, loop, zero_insertion
from symconv.campaign.space import Generator, Space, draw
from symconv.core.dialects.building import torch_geometry
from symconv.judging.cases import Layer
from symconv.judging.following import follow_implementation
from symconv.targets.engine import Implementation
from symconv.targets.resolve import load_target
from symconv.tracing import follow

LIMIT = 10.0


def following() -> list[Row]:
    return [sweep("zero insertion", zero_insertion.f), sweep("fold", fold.f), traced(), tested()]


def sweep(name, function) -> Row:
    """Follow and replay 300 shapes, and compare the total time with the limit."""
    chosen, space = Generator("bench"), Space(dims=(2,), switches=(), layouts=False)
    cases = [draw(chosen, space) for _ in range(300)]
    layers = [Layer(str(c), c.geometry(), c.batch, c.bias) for c in cases]
    start = time.perf_counter()
    found = follow_implementation(Implementation(name, function), layers)
    took = time.perf_counter() - start
    assert not found.outcome.exit_code
    return Row(
        f"300 shapes of {name} / the limit",
        1000 * took,
        1000 * LIMIT,
        took / LIMIT,
        "at most 1x",
        took <= LIMIT,
    )


def traced() -> Row:
    """Compare the complete verdict on a loop over 8x8 pixels with its trace by make_fx only."""
    geometry = torch_geometry((8, 8), (3, 3))
    target = load_target(loop.scatter, call="paper")
    x, k = torch.randn(8, 8), torch.randn(3, 3)
    pair = interleaved(
        partial(follow, target, geometry, dtype="float32"), lambda: make_fx(loop.scatter)(x, k), 5
    )
    ratio = pair[1] / pair[0]
    return Row(
        "make_fx's trace of a loop over 8x8 / followed and compared",
        *pair,
        ratio,
        "at least 3x",
        ratio >= 3,
    )


def tested() -> Row:
    """Compare following a program with one test on random numbers against torch."""
    geometry = torch_geometry((5, 5), (3, 3), in_channels=2, out_channels=2, stride=2, padding=1)
    steps = {"stride": (2, 2), "padding": (1, 1), "output_padding": (0, 0), "dilation": (1, 1)}

    def once():
        x, w = torch.randn(1, 2, 5, 5), torch.randn(2, 2, 3, 3)
        right = torch.nn.functional.conv_transpose2d(x, w, **steps)
        torch.testing.assert_close(zero_insertion.f(x, w, **steps), right)

    target = Implementation("zero insertion", zero_insertion.f)
    pair = interleaved(partial(follow, target, geometry), once, 30)
    return measured("followed for every value / one test on random numbers", pair)
