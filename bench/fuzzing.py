"""What a campaign costs beside the calls that it judges, in one process."""

import time

from bench.timing import Row, slower
from symconv.fuzz.execute import Executor
from symconv.fuzz.group import run_cases
from symconv.fuzz.space import BATCH, DRAWS, Space, batch_cases
from symconv.targets.resolve import Implementation, resolve

BATCHES = 40


def fuzzing() -> list[Row]:
    import torch

    torch.set_num_threads(1)
    rows = []
    plain_grad = torch.autograd.grad
    for name, switches in (("oneDNN on and off", ("mkldnn",)), ("default backend", ())):
        spent = [0.0]
        target = resolve("torch")

        def timed(function, spent=spent):
            def call(*arguments, **options):
                start = time.perf_counter()
                try:
                    return function(*arguments, **options)
                finally:
                    spent[0] += time.perf_counter() - start

            return call

        torch.autograd.grad = timed(plain_grad)
        executor = Executor(Implementation("torch", timed(target.call)))
        space = Space(switches=switches)
        run_cases(executor, batch_cases(space, 1, BATCHES), lambda n: None)
        spent[0] = 0.0
        start = time.perf_counter()
        for batch in range(BATCHES):
            run_cases(executor, batch_cases(space, 1, batch), lambda n: None)
        whole = time.perf_counter() - start
        torch.autograd.grad = plain_grad
        cases = BATCHES * BATCH
        ours, theirs = 1000 * (whole - spent[0]) / cases, 1000 * spent[0] / cases
        rate = cases / whole
        rows.append(
            slower(
                f"overhead / torch's calls a case, {name} "
                f"[{rate:.0f} cases, {rate / DRAWS:.0f} configurations a second]",
                (ours, theirs),
                0.15 / theirs,
            )
        )
    return rows
