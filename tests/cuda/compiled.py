"""torch.compile on a few layers, and a Triton kernel of our own."""

import importlib.util

from symconv.checking.cases import LAYERS
from symconv.targets.resolve import Implementation, compiled, resolve
from tests.cuda.checks import PLAIN, judged


def run(run):
    """Compiled code for static and for dynamic sizes; then Triton, where it is installed."""
    layers = LAYERS["small"]
    chosen = [layers[n] for n in ((1,) if run.rehearsal else (1, 2, 6, 7))]
    if importlib.util.find_spec("triton") is None:
        run.add("a Triton kernel", "undecided", cause="triton is not installed")
    elif run.reached("a Triton kernel", 5):
        from tests.cuda.triton_kernel import conv_transpose2d

        own = Implementation("tests.cuda.triton_kernel:conv_transpose2d", conv_transpose2d)
        planar = tuple(layer for layer in layers if len(layer.geometry.axes) == 2)
        judged(run, "a Triton kernel", own, "float32",
               planar[1:2] if run.rehearsal else planar, {}, PLAIN)  # fmt: skip
    for dtype in ("float32", "float16"):
        for dynamic in (False, True):
            for layer in chosen:
                what = f"compiled for {'dynamic' if dynamic else 'static'} sizes: {layer.name}"
                if run.reached(f"{what}, {dtype}", 8):
                    target = compiled(resolve("torch"), dynamic)
                    judged(run, what, target, dtype, (layer,), {}, PLAIN)
