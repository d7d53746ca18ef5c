"""The context of a step: its time, its device, and the file that it writes."""

import platform
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import torch

from symconv import __version__
from symconv.targets import cuda, tf32
from tests.cuda.files import SCHEMA, write_json

MORE_SWITCHES = {
    "cudnn": (torch.backends.cudnn, "enabled"),
    "benchmark": (torch.backends.cudnn, "benchmark"),
    "deterministic": (torch.backends.cudnn, "deterministic"),
}


def switches():
    """Current values of all switches that a step may change."""
    return {name: getattr(*place) for name, place in MORE_SWITCHES.items()} | {
        "tf32": repr(tf32.state()),
        "deterministic algorithms": torch.are_deterministic_algorithms_enabled(),
        "default dtype": str(torch.get_default_dtype()),
    }


@dataclass
class Run:
    """One run of a step.

    Attributes:
        step: its name.
        path: the file, rewritten with every record.
        seconds: time limit.
        rehearsal: whether it runs on the stand-in, with fewer cases.
        fault: fault of the stand-in, "" for none.
    """

    step: str
    path: Path
    seconds: float
    rehearsal: bool = False
    fault: str = ""
    records: list = field(default_factory=list)
    not_reached: list = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)
    _before: dict = field(default_factory=switches)
    _date: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    @property
    def left(self) -> float:
        """Remaining seconds."""
        return self.seconds - (time.monotonic() - self._began)

    def reached(self, what: str, seconds: float = 0.0) -> bool:
        """Whether more than `seconds` are left for what comes next; if not, that is noted."""
        if self.left > seconds:
            return True
        self.not_reached.append(what)
        return False

    def add(self, what: str, verdict: str, **facts) -> None:
        """Add one result; `verdict` is an Outcome's value, or "measured"."""
        self.records.append({"what": what, "verdict": verdict, **facts})
        self.write("running")

    def write(self, ended: str) -> None:
        """Write the file in its current state."""
        moved = {n: v for n, v in switches().items() if v != self._before[n]}
        write_json(
            self.path,
            {
                "schema": SCHEMA,
                "step": self.step,
                "rehearsal": self.rehearsal,
                "fault": self.fault,
                "ended": ended,
                "date": self._date,
                "seconds": round(time.monotonic() - self._began, 1),
                "environment": environment(),
                "records": self.records,
                "not_reached": self.not_reached,
                "switches left moved": moved if ended != "running" else {},
                "stand-in": standin_counts(),
            },
        )


def environment():
    """Versions, GPU and driver."""
    found = {
        "symconv": __version__,
        "python": platform.python_version(),
        "torch": str(torch.__version__),
    }
    try:
        return found | cuda.describe()
    except RuntimeError as error:  # the device is lost
        return found | {"gpu": f"lost: {str(error).splitlines()[0]}"}


def standin_counts():
    """Counts of what was done on the stand-in; empty on a real device."""
    from tests.cuda import standin

    return dict(standin.seen) if standin.installed() else {}
