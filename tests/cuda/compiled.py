"""torch.compile on a few layers, a Triton kernel, and XLA's convolution through JAX."""

import importlib
import importlib.util

from symconv.judging.cases import LAYERS
from symconv.targets.engine import Implementation
from symconv.targets.resolve import load_target
from symconv.targets.surfaces import COMPILED
from tests.cuda.checks import PLAIN, judged

OTHERS = {
    "a Triton kernel": ("triton", "tests.cuda.triton_kernel"),
    "XLA by JAX": ("jax", "tests.cuda.jax_call"),
}


def run(run):
    """Run the kernels that are not torch's; then compiled code for static and dynamic sizes."""
    layers = LAYERS["small"]
    planar = tuple(layer for layer in layers if len(layer.geometry.axes) == 2)
    for what, (package, module) in OTHERS.items():
        if importlib.util.find_spec(package) is None:
            run.add(what, "undecided", cause=f"{package} is not installed")
        elif run.reached(what, 5):
            own = importlib.import_module(module).conv_transpose2d
            target = Implementation(f"{module}:conv_transpose2d", own)
            judged(
                run, what, target, "float32", planar[1:2] if run.rehearsal else planar, {}, PLAIN
            )
    chosen = [layers[n] for n in ((1,) if run.rehearsal else (1, 2, 6, 7))]
    for dtype in ("float32", "float16"):
        for sizes, surface in COMPILED.items():
            for layer in chosen:
                what = f"compiled for {sizes} sizes: {layer.name}"
                if run.reached(f"{what}, {dtype}", 8):
                    target = load_target("torch", surface=surface)
                    judged(run, what, target, dtype, (layer,), {}, PLAIN)
