"""Finding the implementation that is under test: `torch`, or `module:callable`.

Loading a `module:callable` runs its module, by design. The current folder is importable, as
with pytest.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import sys
import sysconfig
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from symconv.core.errors import TargetError
from symconv.targets import denormals, torchlib
from symconv.targets.compiling import compile_anew


@dataclass(frozen=True, slots=True)
class Implementation:
    """A function with the signature of torch.nn.functional.conv_transposeNd.

    Attributes:
        name: as the user wrote it.
        call: `(input, weight, bias, **steps) -> tensor`.
    """

    name: str
    call: Callable[..., Any]


def _torch_functional(x: Any, w: Any, bias: Any = None, **steps: Any) -> Any:
    dims = w.dim() - 2
    return getattr(torchlib.load().nn.functional, f"conv_transpose{dims}d")(x, w, bias, **steps)


def on_paper(implementation: Implementation) -> Implementation:
    """A function of a matrix and a kernel alone, called once a sample: one channel, stride 1."""

    def call(x: Any, w: Any, bias: Any = None, **steps: Any) -> Any:
        torch = torchlib.load()
        results = [implementation.call(sample[0], w[0, 0]) for sample in x]
        if not all(isinstance(y, torch.Tensor) for y in results):
            return results[0]
        return torch.stack(results)[:, None]

    return Implementation(implementation.name, call)


def compiled(implementation: Implementation, dynamic: bool) -> Implementation:
    """Through torch.compile, anew for every shape and step: what was compiled before changes
    nothing, and no limit of recompilations makes a call run uncompiled.
    """
    state: dict[str, Any] = {}

    def call(*operands: Any, **steps: Any) -> Any:
        torch = torchlib.load()
        shapes = [t if t is None else tuple(t.shape) for t in operands]
        key = repr((shapes, sorted(steps.items())))
        if state.get("key") != key:
            function = implementation.call
            if function is _torch_functional:
                function = getattr(torch.nn.functional, f"conv_transpose{operands[1].dim() - 2}d")
            state.update(key=key, call=compile_anew(function, dynamic))
        return state["call"](*operands, **steps)

    return Implementation(implementation.name, call)


def as_module(implementation: Implementation, compiling: bool | None = None) -> Implementation:
    """A callable with the signature of torch.nn.ConvTranspose2d that returns a module.

    It is called anew for every case; the case's weight and bias take the place of the module's
    parameters `weight` and `bias`. `compiling` is `dynamic` of torch.compile, None for none.
    """

    def call(x: Any, w: Any, bias: Any = None, groups: int = 1, **steps: Any) -> Any:
        torch = torchlib.load()
        channels = w.shape[0], w.shape[1] * groups
        module = implementation.call(
            *channels, tuple(w.shape[2:]), groups=groups, bias=bias is not None, **steps
        )
        if not isinstance(module, torch.nn.Module):
            raise TypeError(f"returned {type(module).__name__}; --call module needs a module")
        values = {"weight": w} | ({} if bias is None else {"bias": bias})
        own = {name: tuple(p.shape) for name, p in module.named_parameters()}
        if own != {name: tuple(v.shape) for name, v in values.items()}:
            raise TypeError(f"the module has parameters {own}; weight and bias are needed")
        if compiling is None:
            return torch.func.functional_call(module, values, (x,))
        run = compile_anew(
            lambda x, values: torch.func.functional_call(module, values, (x,)), compiling
        )
        return run(x, values)

    return Implementation(implementation.name, call)


def is_module_class(implementation: Implementation) -> bool:
    """The target is a class of modules, so it is called as one."""
    call = implementation.call
    return isinstance(call, type) and issubclass(call, torchlib.load().nn.Module)


@contextmanager
def no_exit() -> Iterator[None]:
    """`os._exit` raises SystemExit: no program in Python ends a process before its verdict."""
    leave, here = os._exit, os.getpid()

    def refuse(status: int) -> Any:
        if os.getpid() != here:  # a process that the target forked may end
            leave(status)
        raise SystemExit(f"os._exit({status})")

    os._exit = refuse
    try:
        yield
    finally:
        os._exit = leave


def code_digest() -> str:
    """Of the user's code that is loaded and of torch's version: what a verdict of it is about.

    The user's are the modules below the current folder and `sys.path`'s own entries, without what
    is installed.
    """
    digest = hashlib.sha256(str(torchlib.load().__version__).encode())
    installed = tuple(
        sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")
    )
    ours = str(Path(__file__).resolve().parents[1])
    for name, module in sorted(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if not isinstance(file, str) or file.startswith((*installed, ours)):
            continue
        with suppress(OSError):
            digest.update(name.encode() + Path(file).read_bytes())
    return digest.hexdigest()[:16]


CALLS = (
    "--call torch: a function of (input, weight, bias=None, stride=1, padding=0, "
    "output_padding=0, groups=1, dilation=1), as torch.nn.functional.conv_transpose2d; "
    "--call paper: a function of a matrix and a kernel; "
    "--call module: a class as torch.nn.ConvTranspose2d, whose parameters are weight and bias"
)
"""The ways to call a target, in words."""


def cannot_be_called(target: str, call: str, raised: str, frame: str) -> TargetError:
    """The error of a target all of whose calls end in a TypeError, the first one at `frame`."""
    at = f" at {frame}" if frame else ""
    return TargetError(
        f"target {target!r} cannot be called with --call {call}: every case raised a TypeError, "
        f"the first one {raised}{at}. Ways to call it: {CALLS}"
    )


def other_axes(target: str, dims: int, raised: str, accepted: Sequence[int]) -> TargetError:
    """The error of a target that fails with so many spatial axes and runs with others."""
    named = " or ".join(f"--dims {n}" for n in accepted)
    return TargetError(
        f"target {target!r} raised {raised} in every case with {dims} spatial axes, and runs with "
        f"{' or '.join(map(str, accepted))}. Way out: {named}"
    )


def resolve(target: str) -> Implementation:
    """The implementation that a target names.

    Raises:
        TargetError: it cannot be imported or is not callable; says where it was looked for.
        EngineMissing: torch is not installed.
    """
    torchlib.load()
    if target == "torch":
        return Implementation(target, _torch_functional)
    module_name, colon, attribute = target.partition(":")
    if not colon or not module_name or not attribute:
        raise TargetError(
            f"target {target!r} is not understood; write torch, or module:callable such as "
            "my_kernels.upsample:conv_transpose2d"
        )
    if "/" in module_name or module_name.endswith(".py"):
        dotted = module_name.removesuffix(".py").removeprefix("./").replace("/", ".")
        raise TargetError(
            f"target {target!r} names a file; write its module, {dotted}:{attribute}, and call "
            "from the folder where it begins"
        )
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        with no_exit(), denormals.of_target():
            found: Any = importlib.import_module(module_name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a module may do anything while it is imported
        raise TargetError(
            f"target {target!r}: {module_name} cannot be imported: {type(error).__name__}: "
            f"{error}. Looked in {here} and on Python's path"
        ) from None
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise TargetError(f"target {target!r}: {module_name} has no {attribute}")
        found = getattr(found, part)
    if not callable(found):
        raise TargetError(f"target {target!r} is a {type(found).__name__}, not a callable")
    return Implementation(target, found)
