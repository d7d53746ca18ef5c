"""Cost of judging relative to torch's float32 forward pass of the same layer, on one thread."""

import tracemalloc
from fractions import Fraction

import numpy as np

from bench.timing import Row, faster, interleaved, measured, slower
from symconv.core.dialects.building import torch_geometry
from symconv.core.form import index_arrays
from symconv.exact.nearest import correctly_rounded
from symconv.exact.prepared import PreparedOperand
from symconv.judging.cases import LAYERS, real, replica
from symconv.judging.judgement import Standard
from symconv.judging.rungs import judge
from symconv.judging.truths import truths
from symconv.targets.tensors import steps_of, to_numpy, to_torch

UNET, WIDE = "unet 1024->512@28", "dcgan 1024->512@4"
SMALL_LAYERS = ("dcgan 256->128@16", "dcgan 128->64@32", "dcgan 64->3@64")


def peak_mib(function) -> float:
    """Peak memory allocated during one call, in MiB."""
    tracemalloc.start()
    function()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20


def forward_of(problem):
    import torch

    x, w = (to_torch(v, problem.dtype, "cpu") for v in (problem.x, problem.w))
    steps = steps_of(problem.geometry)
    return lambda: torch.nn.functional.conv_transpose2d(x, w, None, **steps)


def judged(problem, kept: bool):
    """A function that judges torch's output; `kept` prepares the weight once for all calls."""
    result = forward_of(problem)()
    weight = PreparedOperand(problem.w, kept=True) if kept else None

    def verdict():
        truth = truths(problem, weight)["output"]
        return judge("torch", truth, problem, to_numpy(result), Standard())

    assert verdict().verdict.outcome.value == "holds"
    return verdict


def rounding(problem):
    def every_output():
        return correctly_rounded(truths(problem)["output"], problem.dtype)

    return every_output


def row(name: str, ours, forward, rounds: int, at_most: float | None) -> Row:
    ours()
    pair = interleaved(ours, forward, rounds)
    name = f"{name} [{peak_mib(ours):.0f} MiB]"
    return measured(name, pair) if at_most is None else slower(name, pair, at_most)


def layer_rows(layer) -> list[Row]:
    problem, whole = real(layer, "float32", 1, "normal"), replica(layer, "float32", 1)
    forward = forward_of(problem)
    name, rounds = layer.name, 7
    ball = 4 if name in (UNET, WIDE) else 8
    found = [
        row(f"ball, cached weight, {name}", judged(problem, True), forward, rounds, ball),
        row(f"ball, {name}", judged(problem, False), forward, rounds, None),
        row(
            f"replica, cached weight, {name}",
            judged(whole, True),
            forward,
            rounds,
            4 if name in SMALL_LAYERS else 1,
        ),
        row(
            f"every output rounded, {name}",
            rounding(problem),
            forward,
            rounds,
            12 if name == UNET else 20,
        ),
    ]
    if name == UNET:
        for dtype in ("float16", "bfloat16"):
            low = real(layer, dtype, 1, "normal")
            found.append(row(f"the same in {dtype}, {name}", rounding(low), forward, rounds, 8))
    x, w = problem.x, problem.w
    flat_x, flat_w = x.reshape(x.shape[1], -1), w.reshape(w.shape[0], -1).T
    pair = interleaved(judged(problem, True), lambda: flat_w @ flat_x, rounds)
    found.append(measured(f"ball / the float64 matrix product alone, {name}", pair))
    return found


def fractions() -> Row:
    """Compare correctly rounded outputs with a loop over Fractions, for 131,072 multiply-adds."""
    from symconv.judging.cases import Layer

    geometry = torch_geometry((8, 8), (4, 4), in_channels=16, out_channels=8, stride=2)
    problem = real(Layer("131k", geometry), "float32", 1, "normal")
    at = index_arrays(geometry)
    assert at.input.size == 131_072
    x, w = ([Fraction(v) for v in t.ravel().tolist()] for t in (problem.x, problem.w))

    def loop():
        y = [Fraction(0)] * int(np.prod(geometry.output_shape))
        for i, k, o in zip(at.input.tolist(), at.weight.tolist(), at.output.tolist(), strict=True):
            y[o] += x[i] * w[k]
        return [float(np.float32(float(v))) for v in y]

    ours = rounding(problem)
    assert np.allclose(ours()[0].ravel(), loop(), rtol=1e-6)
    return faster(
        "every output rounded / a loop over Fractions, 131k products",
        interleaved(ours, loop, 3),
        300,
    )


def judging() -> list[Row]:
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    layers = [layer for name in ("unet", "fcn", "dcgan") for layer in LAYERS[name]]
    rows = [found for layer in layers for found in layer_rows(layer)]
    torch.set_num_threads(threads)
    return [*rows, fractions()]
