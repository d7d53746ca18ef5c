"""The same call repeated: in sequence, on streams, in larger batches; compared bit for bit."""

import torch

from symconv.targets.environment import backends

CONFIGURATIONS = {
    "4x4, stride 2, padding 1, 64->32@16": ((64, 32, 4, 4), 16, {"stride": 2, "padding": 1}),
    "3x3, stride 1, padding 1, 32->32@16": ((32, 32, 3, 3), 16, {"padding": 1}),
    "2x2, stride 2, 64->32@14": ((64, 32, 2, 2), 14, {"stride": 2}),
    "depthwise 4x4, stride 2, 64@16": (
        (64, 1, 4, 4),
        16,
        {"stride": 2, "padding": 1, "groups": 64},
    ),
}
DTYPES = ("float32", "float16", "bfloat16")
SWITCHES = {
    "default": {},
    "deterministic": {"deterministic": True},
    "benchmark": {"benchmark": True},
}
TIMES = 20
STREAMS = 4
BATCHES = (8, 32)


def calls(x, w, grad, **steps):
    """Output and gradients of a call."""
    x, w = x.detach().requires_grad_(), w.detach().requires_grad_()
    y = torch.nn.functional.conv_transpose2d(x, w, **steps)
    by_input, by_weight = torch.autograd.grad(y, (x, w), grad)
    return {"output": y.detach(), "grad_input": by_input, "grad_weight": by_weight}


def differing(runs):
    """Number of runs that differ from the first, by result."""
    first = runs[0]
    return {
        name: sum(not torch.equal(first[name], other[name]) for other in runs[1:]) for name in first
    }


def run(run):
    """Repeat every configuration with every switch; deterministic modes must not differ."""
    items = list(CONFIGURATIONS.items())[: 1 if run.rehearsal else None]
    for dtype in DTYPES[:1] if run.rehearsal else DTYPES:
        for name, (shape, size, steps) in items:
            for setting, switches in SWITCHES.items():
                if run.reached(f"{name}, {dtype}, {setting}", 2):
                    with backends(switches):
                        _one(run, f"{name}, {setting}", dtype, shape, size, steps, setting)


def _one(run, what, dtype, shape, size, steps, setting):
    torch.manual_seed(0)
    kind = getattr(torch, dtype)
    top = max(BATCHES)
    x = torch.randn(top, shape[0], size, size).to("cuda", kind)
    w = torch.randn(*shape).to("cuda", kind)
    grad = torch.randn_like(torch.nn.functional.conv_transpose2d(x, w, **steps))
    in_turn = [calls(x, w, grad, **steps) for _ in range(3 if run.rehearsal else TIMES)]
    streams = [torch.cuda.Stream() for _ in range(STREAMS)]
    torch.cuda.synchronize()
    together = []
    for stream in streams:
        with torch.cuda.stream(stream):
            together.append(calls(x, w, grad, **steps))
    torch.cuda.synchronize()
    repeated, streamed = differing(in_turn), differing([in_turn[0], *together])
    one = calls(x[:1], w, grad[:1], **steps)
    batches = {}
    for batch in BATCHES:
        more = calls(x[:batch], w, grad[:batch], **steps)
        batches[batch] = {
            name: bool(torch.equal(one[name], more[name][:1])) for name in ("output", "grad_input")
        }
    broken = setting == "deterministic" and any(repeated.values())
    cause = (
        ""
        if not broken
        else (
            "not deterministic although cudnn.deterministic is on: "
            + ", ".join(f"{n} in {c} of {len(in_turn) - 1}" for n, c in repeated.items() if c)
        )
    )
    run.add(
        what,
        "refuted" if broken else "measured",
        dtype=dtype,
        runs=len(in_turn),
        differ_in_turn=repeated,
        differ_on_streams=streamed,
        same_bits_as_batch_1=batches,
        cause=cause,
    )
