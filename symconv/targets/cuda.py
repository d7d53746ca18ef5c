"""CUDA devices: description, whether they still work, memory limits.

An error in a kernel is raised at the next synchronisation. After some errors, such as an illegal
memory access, every later call in the process fails: the device is lost to it.
"""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from typing import Any

from symconv.targets import torchlib


class DeviceLost(Exception):
    """A call of the target left the device unusable for this process."""


def available() -> bool:
    """Whether torch is installed and sees a CUDA device."""
    return torchlib.installed() and bool(torchlib.load().cuda.is_available())


def synchronize(tensor: Any) -> None:
    """Wait for all work on a tensor's device; errors of that work are raised here."""
    if tensor.is_cuda:
        torchlib.load().cuda.synchronize(tensor.device)


def is_lost(device: str) -> bool:
    """Whether every call on the device fails in this process."""
    if device != "cuda":
        return False
    torch = torchlib.load()
    try:
        one = torch.ones(1, device=device)
        return float((one + one).cpu()) != 2.0
    except torch.OutOfMemoryError:
        return False  # the device is full but works
    except RuntimeError:
        return True


def limit_memory(count: int) -> None:
    """Limit the tensors of this process to `count` bytes; torch raises OutOfMemoryError above that.

    The limit is not on address space, since CUDA reserves far more of it than there is memory.
    """
    torch = torchlib.load()
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction(min(1.0, count / total))


def describe() -> dict[str, str]:
    """Name of the GPU, and versions of driver, CUDA and cuDNN."""
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
    """Version of NVIDIA's driver, from nvidia-smi; "unknown" if that fails."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return "unknown"
    command = [program, "--query-gpu=driver_version", "--format=csv,noheader", "--id=0"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return done.stdout.strip() or "unknown"
