"""The steps, in order of value: what each does, how long it may take."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One step, run in a process of its own.

    Attributes:
        name: short; the step is the function `run` of the module of that name.
        seconds: after which it is ended; all of them together stay below 8 minutes.
        does: in words.
    """

    name: str
    seconds: float
    does: str

    def load(self) -> Callable:
        """Its function, which takes a `Run`."""
        return importlib.import_module(f"tests.cuda.{self.name}").run


STEPS = (
    Step("figures", 60, "the tour's figures and random configurations against both definitions"),
    Step("checks", 115, "torch judged in every dtype, with TF32, cuDNN and layouts varied"),
    Step("campaign", 140, "two minutes of fuzzing with the switches as dimensions"),
    Step("repeats", 35, "the same call again, on streams, and in larger batches, bit for bit"),
    Step("rounding", 40, "measured errors against the models' bounds; probes of tensor cores"),
    Step("compiled", 60, "torch.compile on a few layers, a Triton kernel of our own, JAX"),
    Step("cost", 25, "what a verdict costs beside the forward pass"),
)
