"""A CUDA device simulated on the CPU, so that code that needs one runs without a GPU.

A mode of torch's function overrides maps `cuda` to the CPU and remembers which tensors should be on
the device: they report that device, cannot be read as NumPy arrays, and do not mix with tensors of
the host. `torch.cuda` answers as one device named "stand-in". Transfers, synchronisations and
switches are counted.

`SYMCONV_STANDIN=FAULT` simulates a device with one of the `FAULTS`.
"""

import contextlib
import os
import random
import time
from collections import Counter
from types import SimpleNamespace

import torch
from torch.overrides import TorchFunctionMode

NAME = "stand-in"
VARIABLE = "SYMCONV_STANDIN"
FAULTS = {
    "sticky": "an illegal memory access after 40 calls, and after it no call works any more",
    "memory": "operands of more than 60 numbers do not fit",
    "tf32": "float32 is rounded to TF32 although TF32 is off",
    "channels_last": "the gradient of a channels-last input is that of its mirror image",
    "sum": "the order of summation changes from run to run",
}
STICKY_AFTER = 40
ROOM = 60
MEMORY = 80 * 2**30
WHERE = "_standin_where"
seen: Counter[str] = Counter()
"""Counts of what was done on the device: transfers, synchronisations, switches, calls."""
CONVOLUTIONS = (torch.conv_transpose1d, torch.conv_transpose2d, torch.conv_transpose3d)
HOST_ONLY = ("numpy", "__array__")
METADATA = (
    "data_ptr",
    "dim",
    "element_size",
    "is_contiguous",
    "numel",
    "size",
    "storage_offset",
    "stride",
    "untyped_storage",
)
"""Attributes of a tensor that are known without asking the device."""
FACTORIES = ("arange", "empty", "eye", "full", "ones", "rand", "randn", "tensor", "zeros")


def installed() -> bool:
    """Whether the device of this process is the stand-in."""
    return getattr(torch.cuda, "_standin", None) is not None


def install() -> None:
    """Simulate the device in this process until it ends."""
    if installed():
        return
    device = Standin(os.environ.get(VARIABLE, ""))
    device.__enter__()
    torch.cuda._standin = device
    for name, value in _answers(device).items():
        setattr(torch.cuda, name, value)
    _count_switches()
    torch.compile = _compile


def _where(value):
    return getattr(value, WHERE, None) if isinstance(value, torch.Tensor) else None


def _tensors(values):
    for value in values:
        if isinstance(value, torch.Tensor):
            yield value
        elif isinstance(value, (tuple, list)):
            yield from _tensors(value)


def _put(value, where):
    """Mark tensors as being on the device or on the host."""
    for tensor in _tensors([value]):
        setattr(tensor, WHERE, where)
    return value


def _is_cuda(value):
    return (isinstance(value, torch.device) and value.type == "cuda") or (
        isinstance(value, str) and value.partition(":")[0] == "cuda"
    )


def _is_cpu(value):
    return (isinstance(value, torch.device) and value.type == "cpu") or value == "cpu"


class Standin(TorchFunctionMode):
    """The device; `fault` is the name of its fault, "" for none."""

    def __init__(self, fault):
        if fault and fault not in FAULTS:
            raise ValueError(f"{VARIABLE}={fault!r}: there are {', '.join(FAULTS)}")
        super().__init__()
        self.fault = fault
        self.calls = 0
        self.lost = False

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        name = getattr(func, "__name__", str(func))
        if name == "__get__":
            return self._attribute(func, args)
        places = {where for t in _tensors([*args, *kwargs.values()]) if (where := _where(t))}
        asked = [*args, *kwargs.values()]
        to_cuda = name == "cuda" or any(map(_is_cuda, asked))
        to_cpu = (
            not to_cuda
            and (name == "cpu" or (name == "to" and any(map(_is_cpu, asked))))
            and "cuda" in places
        )
        if (to_cuda or "cuda" in places) and name not in METADATA:
            self.require_working()
        if to_cuda or to_cpu:
            return self._moved(func, name, args, kwargs, "cuda" if to_cuda else "cpu")
        if "cuda" in places:
            if name in HOST_ONLY:
                raise TypeError(
                    "can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy "
                    "the tensor to host memory first."
                )
            on_host = [
                t for t in _tensors([*args, *kwargs.values()]) if _where(t) == "cpu" and t.dim()
            ]
            if on_host and name not in ("copy_", "is_set_to", "set_"):
                raise RuntimeError(
                    "Expected all tensors to be on the same device, but found at least two "
                    f"devices, cuda:0 and cpu! (in {name})"
                )
        if func in CONVOLUTIONS and "cuda" in places:
            result = self._convolution(func, args, kwargs)
        else:
            result = func(*args, **kwargs)
        if "cuda" in places:
            return _put(result, "cuda")
        return _put(result, "cpu") if name in FACTORIES and not places else result

    def require_working(self):
        """Raise the error of a lost device if the device is lost."""
        if self.lost:
            raise _error()

    def _attribute(self, func, args):
        on_cuda = _where(args[0]) == "cuda"
        name = getattr(getattr(func, "__self__", None), "__name__", "")
        if on_cuda and name == "device":
            return torch.device("cuda", 0)
        if on_cuda and name == "is_cuda":
            return True
        result = func(*args)
        return _put(result, "cuda") if on_cuda else result

    def _moved(self, func, name, args, kwargs, where):
        """Make the call on the CPU and mark its result with the device."""
        args = tuple(torch.device("cpu") if _is_cuda(a) else a for a in args)
        if _is_cuda(kwargs.get("device")):
            kwargs["device"] = torch.device("cpu")
        result = args[0] if name in ("cuda", "cpu") else func(*args, **kwargs)
        own = args[0] if args and isinstance(args[0], torch.Tensor) else None
        if own is None:
            return _put(result, where)
        seen["to the device" if where == "cuda" else "to the host"] += 1
        if result is own and _where(own) != where:
            result = own.clone(memory_format=torch.preserve_format)
        return _put(result, where)

    def _convolution(self, func, args, kwargs):
        """Torch's own convolution on the CPU, with the simulated fault."""
        seen["calls"] += 1
        self.calls += 1
        x, w = args[0], args[1]
        if self.fault == "sticky" and self.calls > STICKY_AFTER:
            self.lost = True
            raise _error()
        if self.fault == "memory" and x.numel() + w.numel() > ROOM:
            raise torch.OutOfMemoryError(
                "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of "
                "79.11 GiB of which 1.00 GiB is free."
            )
        if self.fault == "tf32" and x.dtype is torch.float32:
            args = (_cut(x), _cut(w), *args[2:])
        if self.fault == "channels_last" and _is_channels_last(x):
            args = (_Mirrored.apply(x), *args[1:])
        y = func(*args, **kwargs)
        if self.fault == "sum" and y.dtype in (torch.float32, torch.float16, torch.bfloat16):
            with torch.no_grad():
                flat = y.view(-1)
                n = random.randrange(flat.numel())
                flat[n] += flat[n].abs() * torch.finfo(y.dtype).eps
        return y


def _error():
    kind = getattr(torch, "AcceleratorError", RuntimeError)
    return kind("CUDA error: an illegal memory access was encountered")


def _cut(values):
    """Truncate float32 to the 10 fraction bits of TF32."""
    with torch.no_grad():
        bits = values.detach().contiguous().view(torch.int32)
        cut = (bits & ~0x1FFF).view(torch.float32)
    return values + (cut - values.detach()) if values.requires_grad else cut


def _is_channels_last(x):
    return (
        x.dim() == 4
        and x.is_contiguous(memory_format=torch.channels_last)
        and not x.is_contiguous()
    )


class _Mirrored(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, grad):
        return grad.flip(-1)


def _answers(device):
    """Replacements for functions and classes of `torch.cuda`."""

    def synchronize(*_):
        seen["synchronisations"] += 1
        device.require_working()

    class Event:
        def __init__(self, enable_timing=False, **_):
            self.at = 0.0

        def record(self, *_):
            self.at = time.perf_counter()

        def synchronize(self):
            synchronize()

        def elapsed_time(self, other):
            return (other.at - self.at) * 1000

    class Stream:
        def __init__(self, *_, **__):
            seen["streams"] += 1

        def synchronize(self):
            synchronize()

        def wait_stream(self, other):
            pass

    properties = SimpleNamespace(
        name=NAME, total_memory=MEMORY, major=9, minor=0, multi_processor_count=1
    )
    return {
        "is_available": lambda: True,
        "is_initialized": lambda: True,
        "init": lambda: None,
        "device_count": lambda: 1,
        "current_device": lambda: 0,
        "set_device": lambda _: None,
        "get_device_name": lambda *_: NAME,
        "get_device_capability": lambda *_: (9, 0),
        "get_device_properties": lambda *_: properties,
        "synchronize": synchronize,
        "Event": Event,
        "Stream": Stream,
        "stream": lambda _: contextlib.nullcontext(),
        "current_stream": lambda *_: Stream(),
        "empty_cache": lambda: None,
        "mem_get_info": lambda *_: (MEMORY, MEMORY),
        "max_memory_allocated": lambda *_: 0,
        "reset_peak_memory_stats": lambda *_: None,
        "set_per_process_memory_fraction": lambda *_: seen.update(["memory limits"]),
        "manual_seed_all": lambda _: None,
        "is_bf16_supported": lambda *_: True,
    }


def _count_switches():
    """Count every assignment to a switch of `torch.backends`."""
    backends = torch.backends
    kinds = (backends.cudnn, backends.cuda.matmul, backends.cudnn.conv)
    for kind in {type(owner) for owner in kinds}:
        kind.__setattr__ = _counting(kind.__setattr__)


def _counting(put):
    def counted(self, name, value):
        seen[f"switch {name}"] += 1
        put(self, name, value)

    return counted


def _compile(function, **_):
    """Inductor does not know the stand-in, so the function runs uncompiled."""

    def call(*operands, **steps):
        seen["compilations"] += 1
        torch._dynamo.utils.counters["stats"]["unique_graphs"] += 1
        return function(*operands, **steps)

    return call
