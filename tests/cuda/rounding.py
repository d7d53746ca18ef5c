"""Measured errors compared with the bounds of the rounding models, and probes of the adders.

The probes follow Fasi, Higham, Mikaitis & Pranesh, Numerical behavior of NVIDIA tensor cores, PeerJ
Comput. Sci. 7 (2021): sums whose exact value, and whose value in each rounding mode, is known.
"""

from dataclasses import replace

import numpy as np
import torch

from symconv.core.dialects.building import torch_geometry
from symconv.exact.rounding import models
from symconv.judging.cases import from_data
from symconv.judging.judgement import Standard
from symconv.judging.rungs import judge
from symconv.judging.truths import truths
from symconv.targets.environment import backends
from symconv.targets.observing import observe
from symconv.targets.resolve import load_target
from symconv.targets.tensors import Layouts

CHANNELS = (16, 64, 256, 1024)
MODES = (("float32", False), ("float32", True), ("float16", False), ("bfloat16", False))


def families(count, rng):
    """Operands with large rounding errors: `(name, x, w)` of `count` channels at 16 positions."""
    ones = rng.uniform(1, 2, (count, 16)), rng.uniform(1, 2, (count, 16))
    yield "all of one sign", *ones
    signs = np.where(np.arange(count) % 2, -1.0, 1.0)[:, None]
    yield "alternating signs", ones[0] * signs, ones[1]
    large = np.full((count, 16), 2.0**-12) * rng.uniform(1, 2, (count, 16))
    large[0] = 1.0
    yield (
        "one large term first",
        large,
        np.where(np.arange(count) > 0, 2.0**-11, 1.0)[:, None] * (np.ones((count, 16))),
    )
    yield (
        "cancellation",
        np.concatenate([ones[0][: count // 2]] * 2),
        np.concatenate([ones[1][: count // 2], -ones[1][: count // 2] * (1 + 2.0**-8)]),
    )


def run(run):
    """Run the probes first: they explain the measured errors."""
    for dtype, tf32 in MODES:
        if run.reached(f"probes, {_mode(dtype, tf32)}", 2):
            with backends({"tf32": tf32}):
                _probe(run, dtype, tf32)
    target = load_target("torch")
    for dtype, tf32 in MODES:
        for count in CHANNELS[:2] if run.rehearsal else CHANNELS:
            if run.reached(f"errors, {_mode(dtype, tf32)}, {count} channels", 2):
                _errors(run, target, dtype, tf32, count)


def _mode(dtype, tf32):
    return f"{dtype}{' with TF32' if tf32 else ''}"


def _errors(run, target, dtype, tf32, count):
    """The largest error divided by the bound, for each model."""
    geometry = torch_geometry((16, 1), (1, 1), in_channels=count, out_channels=16)
    found = {}
    for name, x, w in families(count, np.random.default_rng(count)):
        operands = {"x": x.reshape(1, count, 16, 1), "w": w.reshape(count, 16, 1, 1)}
        problem = replace(from_data(geometry, dtype, operands, 0, name), device="cuda")
        with backends({"tf32": tf32}):
            seen = observe(target, problem, Layouts(), False)
        if "output" not in seen.results:
            run.add(
                f"errors, {count} channels, {name}",
                "undecided",
                dtype=_mode(dtype, tf32),
                cause="; ".join(f.words for f in seen.faults),
            )
            continue
        truth = truths(problem)["output"]
        for model in models(dtype, "cuda", tf32):
            standard = Standard("any", model.name, "cuda", tf32)
            j = judge(target.name, truth, problem, seen.results["output"], standard)
            # beyond the model's own bound, `judge` falls back to the norm-wise one
            found.setdefault(model.name, {})[name] = {
                "error_over_bound": j.ratio,
                "model": j.model,
                "verdict": j.verdict.outcome.value,
            }
    broken = [
        f"{model}: {name}"
        for model, seen in found.items()
        for name, one in seen.items()
        if one["model"] != model and model in ("tensor-cores", "tf32")
    ]
    run.add(
        f"errors, {count} channels",
        "refuted" if broken else "measured",
        dtype=_mode(dtype, tf32),
        models=found,
        cause=f"beyond the bound of {', '.join(broken)}" if broken else "",
    )


def _sum(terms, dtype):
    """What the device computes for a sum of products, by conv_transpose2d with a 1x1 kernel."""
    kind = getattr(torch, dtype)
    x = torch.tensor([a for a, _ in terms], dtype=torch.float64).to("cuda", kind)
    w = torch.tensor([b for _, b in terms], dtype=torch.float64).to("cuda", kind)
    # 16 output channels and 8x8 positions, so that libraries choose their usual kernels
    x = x.reshape(1, -1, 1, 1).expand(1, len(terms), 8, 8).contiguous()
    w = w.reshape(-1, 1, 1, 1).expand(len(terms), 16, 1, 1).contiguous()
    # float32 results, since half dtypes would round away the scaled difference from 1
    y = torch.nn.functional.conv_transpose2d(x, w)
    return float(y[0, 0, 0, 0].cpu())


def _probe(run, dtype, tf32):
    """Sums of 1 and terms around its last bit, for dtypes that are stored as they are summed."""
    if dtype == "float32":
        last = 2.0**-23
        half = (2.0**-12, 2.0**-12)  # a product of half the last bit of 1
        quarter = (2.0**-13, 2.0**-12)
        eighth = (2.0**-13, 2.0**-13)
        one = (1.0, 1.0)
        three_quarters = (3 * 2.0**-13, 2.0**-12)
        probes = {
            "1 + 3/4 last bit": ([one, three_quarters], {1.0: "truncated", 1 + last: "rounded"}),
            "1 + half + quarter": (
                [one, half, quarter],
                {
                    1.0: "truncated, or rounded after each addition",
                    1 + last: "rounded once, after both",
                },
            ),
            "1 + 2 halves": (
                [one, half, half],
                {
                    1.0: "no extra bit, or rounded after each addition",
                    1 + last: "an extra bit is kept",
                },
            ),
            "1 + 4 quarters": (
                [one, *[quarter] * 4],
                {
                    1.0: "fewer than 2 extra bits, or rounded after each addition",
                    1 + last: "2 extra bits are kept",
                },
            ),
            "1 + 8 eighths": (
                [one, *[eighth] * 8],
                {
                    1.0: "fewer than 3 extra bits, or rounded after each addition",
                    1 + last: "3 extra bits are kept",
                },
            ),
            "1 - quarter": (
                [one, (-quarter[0], quarter[1])],
                {1.0: "as rounding to nearest does", 1 - last / 2: "as truncation does"},
            ),
        }
        cut = _sum([(1 + 2.0**-11, 1.0)], dtype)
        whole = cut == 1 + 2.0**-11
        says = {1.0: "cut or rounded down to 10 bits", 1 + 2.0**-10: "rounded up to 10 bits"}
        run.add(
            "probe: inputs",
            "measured" if tf32 or whole else "refuted",
            dtype=_mode(dtype, tf32),
            value=cut,
            says="kept whole" if whole else says.get(cut, "something else"),
            cause="" if tf32 or whole else "inputs are cut to TF32 although TF32 is off",
        )
    else:
        unit = 2.0**-10 if dtype == "float16" else 2.0**-7
        half, quarter = (unit / 2, 1.0), (unit / 4, 1.0)
        one = (1.0, 1.0)
        probes = {
            "1 + 3/4 last bit": (
                [one, half, quarter],
                {1.0: "stored truncated", 1 + unit: "stored rounded"},
            ),
            "1 + 2 halves": (
                [one, half, half],
                {1.0: "summed in the dtype", 1 + unit: "summed in more bits"},
            ),
        }
    for name, (terms, says) in probes.items():
        value = _sum(terms, dtype)
        run.add(
            f"probe: {name}",
            "measured",
            dtype=_mode(dtype, tf32),
            value=value,
            says=says.get(value, "something else"),
        )
