"""What a call ran on: versions, threads, instruction set, flags, the kernel that torch chose."""

from __future__ import annotations

import contextlib
import platform
from collections.abc import Iterator
from typing import Any

from symconv.errors import ParseError
from symconv.targets import torchlib

SWITCHES = {
    "mkldnn": ("off", "on"),
    "tf32": ("off", "on"),
    "cudnn": ("off", "on"),
    "benchmark": ("off", "on"),
    "deterministic": ("off", "on"),
}


def read_switches(text: str) -> dict[str, bool]:
    """`mkldnn=off,tf32=on` as switches.

    Raises:
        ParseError: an unknown switch or position.
    """
    found = {}
    for part in filter(None, text.split(",")):
        name, _, position = part.partition("=")
        if position not in SWITCHES.get(name, ()):
            known = ", ".join(f"{n}=off|on" for n in SWITCHES)
            raise ParseError(f"--backend {part!r} is not known; there are {known}")
        found[name] = position == "on"
    return found


@contextlib.contextmanager
def backends(switches: dict[str, bool]) -> Iterator[None]:
    """Switches set for a while; what was set before comes back."""
    torch = torchlib.load()
    with contextlib.ExitStack() as stack:
        if "mkldnn" in switches:
            stack.enter_context(_attribute(torch.backends.mkldnn, "enabled", switches["mkldnn"]))
        names = {"cudnn": "enabled", "benchmark": "benchmark", "deterministic": "deterministic"}
        for switch, name in names.items():
            if switch in switches:
                stack.enter_context(_attribute(torch.backends.cudnn, name, switches[switch]))
        yield


@contextlib.contextmanager
def _attribute(owner: Any, name: str, value: bool) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


def describe(device: str, switches: dict[str, bool]) -> dict[str, str]:
    """What to write beside a finding."""
    torch = torchlib.load()
    found = {
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "device": torchlib.environment(device),
        "threads": str(torch.get_num_threads()),
        "cpu capability": str(torch.backends.cpu.get_cpu_capability()),
        "mkldnn": "on" if switches.get("mkldnn", torch.backends.mkldnn.is_available()) else "off",
    }
    found |= {name: "on" if on else "off" for name, on in switches.items()}
    return found
