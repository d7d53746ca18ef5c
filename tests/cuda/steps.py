"""The steps, most valuable first: what each does and how long it may take."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """A step that runs in its own process.

    Attributes:
        name: short name; the step is the function `run` of the module with that name.
        seconds: time limit; all limits together are below 8 minutes.
        does: description.
    """

    name: str
    seconds: float
    does: str

    def load(self) -> Callable:
        """The step's function, which takes a `Run`."""
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
