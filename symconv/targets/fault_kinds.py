"""The kinds of faults that a call can have: what they mean, and how a snippet shows them.

A kind is an entry of `FAULT_KINDS`; an engine, the judge or a campaign reports it by its name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from symconv.targets.faults import NO_BACKWARD, UNSUPPORTED
from symconv.targets.snippets import GRADIENTS, LEAVES, PastedCall, is_view

Shape = tuple[int, ...]
FULL = "out of memory"
"""The limit of a worker was reached, or that of the machine."""
ENDED = "ended from outside"
"""The process was ended by a signal or a limit from outside, or a death did not occur again."""
NOT_JUDGED = "not judged"
"""Something that the target returned broke the judge."""


def _no_lines(call: PastedCall) -> list[str]:
    return []


def _no_assertions(call: PastedCall, shape: Shape) -> list[str]:
    return []


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A kind of fault.

    Attributes:
        name: as in JSON, signatures and pages.
        refutes: it is evidence against the target, not a limit of the machine or of the judge.
        ends_worker: it ends the process of the call, or may.
        forward: it shows before the backward pass.
        either_pass: it may have occurred in the backward pass, which the snippet must run.
        most_shrunk: how many raw findings of this kind are shrunk; 0 for the default.
        prints: lines of a snippet that show it after the call; none if the call itself does.
        asserts: lines of a test that a correct implementation passes; `shape` is the output's.
    """

    name: str
    refutes: bool = True
    ends_worker: bool = False
    forward: bool = False
    either_pass: bool = False
    most_shrunk: int = 0
    prints: Callable[[PastedCall], list[str]] = _no_lines
    asserts: Callable[[PastedCall, Shape], list[str]] = _no_assertions


def _prints(line: str) -> Callable[[PastedCall], list[str]]:
    return lambda call: [line]


def _asserts(line: str) -> Callable[[PastedCall, Shape], list[str]]:
    return lambda call, shape: [line]


def _gradient(name: str) -> FaultKind:
    leaf = LEAVES[name]
    owner = leaf.partition(".")[0]
    return FaultKind(
        name,
        prints=_prints(f"print(None if {leaf} is None else {leaf}.shape)"),
        asserts=_asserts(f"assert {leaf} is not None and {leaf}.shape == {owner}.shape"),
    )


def _death(name: str, *, refutes: bool = True) -> FaultKind:
    return FaultKind(name, refutes, ends_worker=True, either_pass=True, most_shrunk=1)


FAULT_KINDS = {
    kind.name: kind
    for kind in (
        # wrong numbers
        FaultKind("value"),
        FaultKind("non-finite"),
        _gradient("grad_input"),
        _gradient("grad_weight"),
        _gradient("grad_bias"),
        # wrong without any number compared
        FaultKind(
            "shape",
            forward=True,
            prints=_prints("print(y.shape)"),
            asserts=lambda call, shape: [f"assert tuple(y.shape) == {shape}, y.shape"],
        ),
        FaultKind(
            "dtype",
            forward=True,
            prints=_prints("print(y.dtype)"),
            asserts=_asserts("assert y.dtype == x.dtype, y.dtype"),
        ),
        FaultKind(
            "device",
            forward=True,
            prints=_prints("print(y.device)"),
            asserts=_asserts("assert y.device == x.device, y.device"),
        ),
        FaultKind(
            "return type",
            forward=True,
            prints=_prints("print(type(y))"),
            asserts=_asserts("assert isinstance(y, torch.Tensor), type(y)"),
        ),
        FaultKind(
            "view of input",
            forward=True,
            prints=lambda call: [f"print({is_view(call)})"],
            asserts=lambda call, shape: [f"assert not {is_view(call)}"],
        ),
        FaultKind("mutated input", either_pass=True),
        FaultKind(
            NO_BACKWARD,
            forward=True,
            prints=_prints(f"print({GRADIENTS} if y.requires_grad else False)"),
            asserts=_asserts(f"assert y.requires_grad and all({GRADIENTS})"),
        ),
        FaultKind("exception", either_pass=True, most_shrunk=1),
        FaultKind("backward", either_pass=True),
        FaultKind(UNSUPPORTED, refutes=False),
        FaultKind("accepts illegal"),
        # the process of the call ended
        _death("crash"),
        _death("exit"),
        _death("hang"),
        _death(FULL, refutes=False),
        _death(ENDED, refutes=False),
        FaultKind(NOT_JUDGED, refutes=False),
    )
}
"""Every kind by its name."""
