"""Cost of a verdict compared with the forward pass."""

import time
from statistics import median

import torch

from symconv.judging.cases import LAYERS, real
from symconv.judging.run import check_implementation
from symconv.targets.resolve import load_target
from symconv.targets.tensors import steps_of, to_torch


def run(run):
    """Measure milliseconds per layer: torch's forward pass, and judging all its cases."""
    target = load_target("torch")
    layers = LAYERS["dcgan"] + LAYERS["unet"]
    for layer in layers[4:5] if run.rehearsal else reversed(layers):
        if not run.reached(layer.name, 6):
            continue
        problem = real(layer, "float32", 0, "normal")
        x, w = (to_torch(v, "float32", "cuda") for v in (problem.x, problem.w))
        steps = steps_of(layer.geometry)
        call = torch.nn.functional.conv_transpose2d
        for _ in range(3):
            call(x, w, **steps)
        spans = []
        for _ in range(3 if run.rehearsal else 20):
            begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            begin.record()
            call(x, w, **steps)
            end.record()
            torch.cuda.synchronize()
            spans.append(begin.elapsed_time(end))
        began = time.perf_counter()
        report = check_implementation(target, device="cuda", layers=(layer,))
        judging = (time.perf_counter() - began) * 1000
        cases = sum(report.counts.values())
        run.add(
            layer.name,
            "measured",
            forward_ms=round(median(spans), 4),
            verdict_ms=round(judging / cases, 2),
            cases=cases,
            outcome=report.outcome.value,
        )
