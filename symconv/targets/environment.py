"""What a call ran on: versions, threads, instruction set, flags, the kernel that torch chose."""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Iterator, Mapping
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
def backends(switches: Mapping[str, bool]) -> Iterator[None]:
    """Switches set for a while; what was set before comes back. TF32 is off unless named."""
    torch = torchlib.load()
    cudnn, given = torch.backends.cudnn, {"tf32": False, **switches}
    places = {
        "mkldnn": [(torch.backends.mkldnn, "enabled")],
        "cudnn": [(cudnn, "enabled")],
        "benchmark": [(cudnn, "benchmark")],
        "deterministic": [(cudnn, "deterministic")],
        "tf32": [(cudnn, "allow_tf32"), (torch.backends.cuda.matmul, "allow_tf32")],
    }
    with contextlib.ExitStack() as stack:
        for switch, position in given.items():
            for owner, name in places[switch]:
                stack.enter_context(_attribute(owner, name, position))
        yield


@contextlib.contextmanager
def _attribute(owner: Any, name: str, value: bool) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


def describe(device: str, switches: Mapping[str, bool]) -> dict[str, str]:
    """What to write beside a finding."""
    torch = torchlib.load()
    found = {
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "device": torchlib.environment(device),
        "threads": str(torch.get_num_threads()),
        "cpu capability": str(torch.backends.cpu.get_cpu_capability()),
        "ONEDNN_MAX_CPU_ISA": os.environ.get("ONEDNN_MAX_CPU_ISA", "not set"),
        "mkldnn": "on" if switches.get("mkldnn", torch.backends.mkldnn.is_available()) else "off",
    }
    found |= {name: "on" if on else "off" for name, on in switches.items()}
    return found
