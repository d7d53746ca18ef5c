"""What a call ran on: versions, threads, instruction set, backend switches."""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from symconv.core.errors import ParseError
from symconv.targets import cuda, tf32, torchlib

SWITCHES = {
    "mkldnn": ("off", "on"),
    "tf32": ("off", "on"),
    "cudnn": ("off", "on"),
    "benchmark": ("off", "on"),
    "deterministic": ("off", "on"),
}


def read_switches(text: str) -> dict[str, bool]:
    """Parse `mkldnn=off,tf32=on`.

    Raises:
        ParseError: an unknown switch or position.
    """
    found = {}
    for part in filter(None, text.split(",")):
        name, _, position = part.partition("=")
        if position not in SWITCHES.get(name, ()):
            known = ", ".join(f"{n}=off|on" for n in SWITCHES)
            raise ParseError(f"--backend {part!r} is not known; choose from {known}")
        found[name] = position == "on"
    return found


@contextlib.contextmanager
def backends(switches: Mapping[str, bool]) -> Iterator[None]:
    """Context manager that sets switches and restores them; TF32 is off unless named."""
    state = Backends()
    try:
        state.set(switches)
        yield
    finally:
        state.restore()


class Backends:
    """Torch's backend switches; only those that differ from the last setting are changed."""

    def __init__(self) -> None:
        """Start without changing any switch."""
        self._now: dict[str, bool] = {}
        self._before: dict[str, Any] = {}

    def set(self, switches: Mapping[str, bool]) -> None:
        """Set these switches and restore all others; TF32 is off unless named."""
        wanted = {"tf32": False, **switches}
        if self._now == wanted:
            return
        if not self._now.keys() <= wanted.keys():
            self.restore()
        for switch, position in wanted.items():
            if self._now.get(switch) is position:
                continue
            if switch == "tf32":
                self._before.setdefault(switch, tf32.state())
                tf32.switch(position)
            else:
                owner, name = _places()[switch]
                self._before.setdefault(switch, getattr(owner, name))
                setattr(owner, name, position)
            self._now[switch] = position

    def restore(self) -> None:
        """Restore the original positions of all switches."""
        for switch, before in self._before.items():
            if switch == "tf32":
                tf32.restore(before)
            else:
                owner, name = _places()[switch]
                setattr(owner, name, before)
        self._now, self._before = {}, {}


@cache
def _places() -> dict[str, tuple[Any, str]]:
    """The torch object and attribute of each switch that is a single flag."""
    torch = torchlib.load()
    cudnn = torch.backends.cudnn
    return {
        "mkldnn": (torch.backends.mkldnn, "enabled"),
        "cudnn": (cudnn, "enabled"),
        "benchmark": (cudnn, "benchmark"),
        "deterministic": (cudnn, "deterministic"),
    }


def describe(device: str, switches: Mapping[str, bool]) -> dict[str, str]:
    """Versions, device and switches to report with a finding."""
    torch = torchlib.load()
    found = {
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "device": torchlib.environment(device),
    }
    if device == "cuda":
        found |= cuda.describe()
    else:
        mkldnn = switches.get("mkldnn", torch.backends.mkldnn.is_available())
        found |= {
            "threads": str(torch.get_num_threads()),
            "cpu capability": str(torch.backends.cpu.get_cpu_capability()),
            "ONEDNN_MAX_CPU_ISA": os.environ.get("ONEDNN_MAX_CPU_ISA", "not set"),
            "mkldnn": "on" if mkldnn else "off",
        }
    found |= {name: "on" if on else "off" for name, on in switches.items()}
    return found
