"""The cost of judging, as ratios to torch's own float32 forward of the same layer, one thread."""

import numpy as np

from bench.timing import Row, interleaved
from symconv import judge
from symconv.arithmetic.contract import Contraction, approximate, exact
from symconv.arithmetic.formats import FORMATS
from symconv.arithmetic.rounding import models
from symconv.checking.cases import LAYERS, real
from symconv.targets.tensors import steps_of, to_numpy, to_torch

NAMES = ("unet 1024->512@28", "dcgan 1024->512@4", "dcgan 256->128@16", "dcgan 64->3@64",
         "fcn 21->21@16")  # fmt: skip


def _ratio(name: str, pair: tuple[float, float]) -> Row:
    return Row(name, *pair, pair[0] / pair[1], "measured", True)


def judging() -> list[Row]:
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    rows = []
    layers = {layer.name: layer for group in LAYERS.values() for layer in group}
    for name in NAMES:
        problem = real(layers[name], "float32", 1, "normal")
        g = problem.geometry
        x, w = (to_torch(v, "float32", "cpu") for v in (problem.x, problem.w))
        steps = steps_of(g)

        def forward(x=x, w=w, steps=steps):
            return torch.nn.functional.conv_transpose2d(x, w, None, **steps)

        result = to_numpy(forward())

        def ball(problem=problem, result=result):
            truth = judge.truths(problem)["output"]
            return judge.judge_bound("torch", truth, problem, result, "any")

        rows.append(_ratio(f"verdict by the ball, {name}", interleaved(ball, forward, 3)))

        def products(g=g, problem=problem):
            approximate(g, Contraction.OUTPUT, problem.x, problem.w)

        rows.append(_ratio(f"one float64 product, {name}", interleaved(products, forward, 3)))

        def rounding(g=g, problem=problem):
            found = exact(g, Contraction.OUTPUT, problem.x, problem.w)
            return found.rounded(FORMATS["float32"])

        rows.append(_ratio(f"exact rounding of every output, {name}",
                           interleaved(rounding, forward, 1)))  # fmt: skip
    torch.set_num_threads(threads)
    assert models("float32") and np.isfinite(rows[0].ratio)
    return rows
