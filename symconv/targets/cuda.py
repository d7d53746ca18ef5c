"""CUDA devices: what they are, whether they still work, how much memory may be taken.

An error of a kernel shows at the next synchronisation, and some errors, such as an illegal memory
access, end every later call in the process: the device is lost to it.
"""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from typing import Any

from symconv.targets import torchlib


class DeviceLost(Exception):
    """A call of the target left the device in a state in which nothing works in this process."""


def available() -> bool:
    """Torch is there and sees a CUDA device."""
    return torchlib.installed() and bool(torchlib.load().cuda.is_available())


def synchronize(tensor: Any) -> None:
    """Wait for what was started on the device of a tensor; its errors are raised here."""
    if tensor.is_cuda:
        torchlib.load().cuda.synchronize(tensor.device)


def is_lost(device: str) -> bool:
    """No call on the device works any more in this process."""
    if device != "cuda":
        return False
    torch = torchlib.load()
    try:
        one = torch.ones(1, device=device)
        return float((one + one).cpu()) != 2.0
    except torch.OutOfMemoryError:
        return False  # a full device works
    except RuntimeError:
        return True


def limit_memory(count: int) -> None:
    """At most `count` bytes for the tensors of this process; torch raises OutOfMemoryError above.

    Address space is no measure here: CUDA reserves far more of it than there is memory.
    """
    torch = torchlib.load()
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction(min(1.0, count / total))


def describe() -> dict[str, str]:
    """The GPU, driver, CUDA and cuDNN."""
    torch = torchlib.load()
    major, minor = torch.cuda.get_device_capability(0)
    cudnn = torch.backends.cudnn.version()
    return {
        "gpu": f"{torch.cuda.get_device_name(0)}, compute capability {major}.{minor}",
        "driver": driver(),
        "cuda": str(torch.version.cuda),
        "cudnn": "none" if cudnn is None else str(cudnn),
    }


@cache
def driver() -> str:
    """The version of NVIDIA's driver, by nvidia-smi; "unknown" where it does not tell."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return "unknown"
    command = [program, "--query-gpu=driver_version", "--format=csv,noheader", "--id=0"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return done.stdout.strip() or "unknown"
