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
from pathlib import Path
from typing import Any

from symconv.core.errors import ParseError, TargetError
from symconv.targets import denormals, torchlib
from symconv.targets.conventions import CONVENTIONS, convention_of, described
from symconv.targets.engine import TORCH, Implementation, engine_named
from symconv.targets.surfaces import EAGER, SURFACES


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
    version = torchlib.load().__version__ if torchlib.installed() else ""
    digest = hashlib.sha256(str(version).encode())
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


def cannot_be_called(target: str, call: str, raised: str, frame: str) -> TargetError:
    """The error of a target all of whose calls end in a TypeError, the first one at `frame`."""
    at = f" at {frame}" if frame else ""
    return TargetError(
        f"target {target!r} cannot be called with --call {call}: every case raised a TypeError, "
        f"the first one {raised}{at}. Use {described()}"
    )


def other_axes(target: str, dims: int, raised: str, accepted: Sequence[int]) -> TargetError:
    """The error of a target that fails with so many spatial axes and runs with others."""
    named = " or ".join(f"--dims {n}" for n in accepted)
    return TargetError(
        f"target {target!r} raised {raised} in every case with {dims} spatial axes, but runs with "
        f"{' or '.join(map(str, accepted))}. Use {named}"
    )


def load_target(
    target: str | Callable[..., Any],
    *,
    call: str | None = None,
    surface: str = EAGER,
    engine: str = TORCH,
) -> Implementation:
    """The implementation that a target names, called and run as asked.

    Args:
        target: `torch`, `module:callable`, or a callable.
        call: a name of `CONVENTIONS`; None for that of a module class, else torch's.
        surface: a name of `SURFACES`.
        engine: the name of the engine that the target computes with.

    Raises:
        ParseError: an unknown convention, surface or engine, or torch itself on another engine.
        TargetError: the target cannot be imported or is not callable.
        EngineMissing: torch is not installed.
    """
    for asked, known, option in ((call, CONVENTIONS, "--call"), (surface, SURFACES, "--surface")):
        if asked is not None and asked not in known:
            raise ParseError(f"{option} {asked!r} is not known; choose from {', '.join(known)}")
    if engine != TORCH and (target == TORCH or surface != EAGER or call == "module"):
        raise ParseError(f"--engine {engine}: torch's function, surfaces and modules need torch")
    engine_named(engine).require("cpu")
    found = target if callable(target) else find(target)
    name = target if isinstance(target, str) else target_name(target)
    chosen = call or (convention_of(found) if engine == TORCH else "torch")
    function = CONVENTIONS[chosen].adapt(found, SURFACES[surface].wrap)
    return Implementation(name, function, chosen, surface, engine)


def target_name(target: Callable[..., Any]) -> str:
    """`module:callable` of a callable."""
    name = getattr(target, "__qualname__", type(target).__name__)
    return f"{getattr(target, '__module__', '')}:{name}"


def find(target: str) -> Callable[..., Any]:
    """The callable that a target names; its module is run.

    Raises:
        TargetError: it cannot be imported or is not callable; says where it was looked for.
        EngineMissing: torch is not installed.
    """
    if target == "torch":
        torchlib.load()
        return torchlib.conv_transpose_functional
    module_name, colon, attribute = target.partition(":")
    if not colon or not module_name or not attribute:
        raise TargetError(
            f"target {target!r} is not understood; write torch, or module:callable such as "
            "my_kernels.upsample:conv_transpose2d"
        )
    if "/" in module_name or module_name.endswith(".py"):
        dotted = module_name.removesuffix(".py").removeprefix("./").replace("/", ".")
        raise TargetError(
            f"target {target!r} names a file; give its module as {dotted}:{attribute}, and run "
            "symconv from the folder that contains the module"
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
    callable_found: Callable[..., Any] = found
    return callable_found
