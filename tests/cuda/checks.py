"""Torch judged on the device in every dtype, with TF32, cuDNN and layouts varied."""

import torch

from symconv.exact.dtypes import FLOATING
from symconv.judging.cases import LAYERS
from symconv.judging.check_record import to_json
from symconv.judging.run import check_implementation
from symconv.targets.engine import Implementation
from symconv.targets.resolve import load_target
from symconv.targets.tensors import Layouts

LAST = Layouts("channels_last", "channels_last", "channels_last")
PLAIN = Layouts()
VARIANTS = {
    "default": ({}, PLAIN),
    "channels last": ({}, LAST),
    "cuDNN off": ({"cudnn": False}, PLAIN),
    "deterministic": ({"deterministic": True}, PLAIN),
    "benchmark": ({"benchmark": True}, PLAIN),
}
TF32 = {
    "TF32 by allow_tf32": ({"tf32": True}, PLAIN),
    "TF32, channels last": ({"tf32": True}, LAST),
}


def by_precision(x, w, bias=None, **steps):
    """Torch with TF32 turned on inside the call through the newer interface."""
    operator = torch.backends.cudnn.conv
    before = operator.fp32_precision
    operator.fp32_precision = "tf32"
    try:
        call = getattr(torch.nn.functional, f"conv_transpose{w.dim() - 2}d")
        return call(x, w, bias, **steps)
    finally:
        operator.fp32_precision = before


def judged(run, what, target, dtype, layers, switches, layouts, **options):
    """Add one report as a record; findings come with their snippets."""
    report = check_implementation(
        target,
        dtype=dtype,
        device="cuda",
        layers=layers,
        layouts=layouts,
        switches=switches,
        **options,
    )
    found = to_json(report)
    findings = [
        {
            n: f[n]
            for n in ("kind", "case", "where", "expected", "actual", "cause", "message", "snippet")
        }
        for f in found["findings"]
    ]
    run.add(
        what,
        found["verdict"],
        dtype=dtype,
        counts=found["counts"],
        error_over_bound=found["largest_error_over_bound"],
        suspect=found["suspect"],
        kernels=found["environment"].get("torch's kernels for these cases", ""),
        findings=findings[:3],
        all_findings=len(findings),
        command=f"symconv check {target.name} --device cuda --dtype {dtype}",
    )
    return report


def run(run):
    """Judge the default in every dtype first, then the variants, then published layers."""
    target = load_target("torch")
    small = LAYERS["small"][:6] if run.rehearsal else LAYERS["small"]
    dtypes = ("float32", "float16") if run.rehearsal else FLOATING
    for name, (switches, layouts) in VARIANTS.items():
        if name == "channels last":
            for other, (more, laid) in TF32.items():
                if run.reached(f"{other}, float32", 3):
                    judged(run, f"small, {other}", target, "float32", small, more, laid)
            if hasattr(torch.backends.cudnn, "conv"):
                precise = Implementation("tests.cuda.checks:by_precision", by_precision)
                judged(
                    run,
                    "small, TF32 by fp32_precision",
                    precise,
                    "float32",
                    small,
                    {"tf32": True},
                    PLAIN,
                )
        for dtype in dtypes:
            if run.reached(f"small, {name}, {dtype}", 4):
                judged(run, f"small, {name}", target, dtype, small, switches, layouts)
    published = [("dcgan", layer) for layer in LAYERS["dcgan"]]
    published += [("unet", layer) for layer in LAYERS["unet"]]
    if run.rehearsal:
        published = published[4:5]
    for dtype, switches in (
        ("float32", {}),
        ("float16", {}),
        ("bfloat16", {}),
        ("float32", {"tf32": True}),
    ):
        for family, layer in published:
            what = f"{family}: {layer.name}{', TF32' if switches else ''}"
            if run.reached(f"{what}, {dtype}", 8):
                judged(run, what, target, dtype, (layer,), switches, PLAIN)
