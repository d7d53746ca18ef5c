"""Overhead of a campaign relative to the calls that it judges, and time to the first finding.

The alternative is a typical property test: Hypothesis draws parameters, and the kernel is compared
with torch by `torch.testing.assert_close`. Both run in this process, without an example database.
"""

import gc
import itertools
import json
import mmap
import statistics
import time

from bench.timing import Row, measured, slower
from symconv.campaign.execute import Executor
from symconv.campaign.space import BATCH, DRAWS, Space, batch_cases
from symconv.campaign.torch_draws import run_cases
from symconv.campaign.worker import SLOT, Work, run_batch
from symconv.targets.engine import Implementation
from symconv.targets.resolve import load_target

BATCHES, WARM, ROUNDS = 60, 600, 3
"""Warm-up comparable to a campaign after 15 seconds, when most axes have occurred before."""


LIMIT = 20.0
SEEDS = (1, 2, 3)
SQUARE = Space(dims=(2,), switches=())


def fuzzing() -> list[Row]:
    return [*overhead(), soonest()]


def soonest() -> Row:
    """Median time to a finding over the wrong kernels; no finding counts as the limit."""
    from tests.wrong_kernels import kernels

    ours, theirs = [], []
    for kernel in (*kernels.WRONG, *kernels.BY_LAYOUT):
        pairs = [(_ours(kernel, seed), _hypothesis(kernel, seed)) for seed in SEEDS]
        ours.append(statistics.median(p[0] for p in pairs))
        theirs.append(statistics.median(p[1] for p in pairs))
    found = [sum(t < LIMIT for t in side) for side in (ours, theirs)]
    return measured(
        f"first finding: ours / Hypothesis and assert_close, {len(ours)} wrong kernels "
        f"[found: {found[0]} by ours, {found[1]} by the other, in {LIMIT:.0f} s]",
        (1000 * statistics.median(ours), 1000 * statistics.median(theirs)),
    )


def _ours(kernel, seed) -> float:
    executor = Executor(Implementation(kernel.__name__, kernel))
    start = time.perf_counter()
    try:
        for batch in itertools.count():
            cases = batch_cases(SQUARE, seed, batch)
            for first in range(0, BATCH, DRAWS):  # as workers do
                results = run_cases(executor, cases[first : first + DRAWS], lambda n: None)
                if any(result.finding for result in results):
                    return time.perf_counter() - start
            if time.perf_counter() - start > LIMIT:
                return LIMIT
        raise AssertionError
    finally:
        executor.close()


def _hypothesis(kernel, seed) -> float:
    import hypothesis
    import torch
    from hypothesis import strategies as st

    small = st.integers(1, 4)
    right = torch.nn.functional.conv_transpose2d
    start = time.perf_counter()

    class Late(Exception):
        pass

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=10**6,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(st.data())
    def holds(data):
        if time.perf_counter() - start > LIMIT:
            raise Late
        each = st.tuples(small, small)
        size, taps, stride, dilation = (data.draw(each) for _ in range(4))
        groups, batch = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 3))
        c_in, c_out = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 3))
        padding = tuple(data.draw(st.integers(0, 2)) for _ in range(2))
        extra = tuple(
            data.draw(st.integers(0, max(s, d) - 1)) for s, d in zip(stride, dilation, strict=True)
        )
        outs = [
            (n - 1) * s - 2 * p + d * (k - 1) + e + 1
            for n, s, p, d, k, e in zip(size, stride, padding, dilation, taps, extra, strict=True)
        ]
        hypothesis.assume(min(outs) > 0)
        generator = torch.Generator().manual_seed(data.draw(st.integers(0, 2**31)))
        x = torch.randn(batch, groups * c_in, *size, generator=generator)
        w = torch.randn(groups * c_in, c_out, *taps, generator=generator)
        bias = (
            torch.randn(groups * c_out, generator=generator) if data.draw(st.booleans()) else None
        )
        steps = {
            "stride": stride,
            "padding": padding,
            "output_padding": extra,
            "groups": groups,
            "dilation": dilation,
        }
        found = []
        for call in (kernel, right):
            leaves = [t.clone().requires_grad_() for t in (x, w, bias) if t is not None]
            y = call(leaves[0], leaves[1], leaves[2] if bias is not None else None, **steps)
            found.append((y, *torch.autograd.grad(y.square().sum(), leaves)))
        torch.testing.assert_close(*found)

    try:
        holds()
    except Late:
        return LIMIT
    except Exception:
        return time.perf_counter() - start
    return LIMIT


def overhead() -> list[Row]:
    """Mean overhead per case; each batch counts with the median of its rounds."""
    import torch

    torch.set_num_threads(1)
    spaces = {"oneDNN on and off": ("mkldnn",), "default backend": ()}
    sides = {name: _Side(Space(switches=switches)) for name, switches in spaces.items()}
    for side in sides.values():
        for batch in range(BATCHES, BATCHES + WARM):
            side.timed(batch)
    gc.collect()
    gc.freeze()  # as the process that forks the workers does
    taken = {name: [[] for _ in range(BATCHES)] for name in sides}
    for _ in range(ROUNDS):
        for batch in range(BATCHES):
            for name, side in sides.items():
                taken[name][batch].append(side.timed(batch))
    rows = []
    for name, batches in taken.items():
        ours, theirs = (
            1000 * statistics.mean(statistics.median(r[n] for r in rounds) for rounds in batches)
            for n in (0, 1)
        )
        rate = 1000 / (ours + theirs)
        rows.append(
            slower(
                f"overhead / torch's calls a case, {name} "
                f"[{rate:.0f} cases, {rate / DRAWS:.0f} configurations a second]",
                (ours, theirs),
                0.15 / theirs,
            )
        )
    return rows


class _Side:
    """Run batches as a worker does, and measure the time spent inside torch's calls."""

    def __init__(self, space: Space) -> None:
        self.inside = 0.0
        self.executor = Executor(Implementation("torch", self._clocked(load_target("torch").call)))
        self.work, self.slot = Work("torch", space=space, seed=1), mmap.mmap(-1, SLOT.size)

    def _mark(self, number: int) -> None:
        SLOT.pack_into(self.slot, 0, number)

    def _clocked(self, function):
        def call(*arguments, **options):
            start = time.perf_counter()
            try:
                return function(*arguments, **options)
            finally:
                self.inside += time.perf_counter() - start

        return call

    def timed(self, batch: int) -> tuple[float, float]:
        """Seconds per case outside and inside torch's calls."""
        import torch

        plain, self.inside = torch.autograd.grad, 0.0
        torch.autograd.grad = self._clocked(plain)
        message = {"batch": batch, "todo": list(range(BATCH)), "seen": {}}
        try:
            start = time.perf_counter()
            run_batch(self.executor, self.work, message, self._mark, json.dumps)
            whole = time.perf_counter() - start
        finally:
            torch.autograd.grad = plain
            self.executor.close()
        return (whole - self.inside) / BATCH, self.inside / BATCH
