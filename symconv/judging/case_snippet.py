"""A judged case as a few lines of torch that can be pasted and run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from symconv.judging.judgement import Judgement
from symconv.targets.fault_kinds import FAULT_KINDS
from symconv.targets.faults import UNSUPPORTED
from symconv.targets.snippets import LEAVES, MOST_NUMBERS, PastedCall, guarded
from symconv.targets.tensors import Problem, steps_of

if TYPE_CHECKING:
    from symconv.judging.run import Report


def snippet(report: Report, problem: Problem, judgement: Judgement) -> str:
    """Lines of Python that show the fault: its deciding element, or what is structurally wrong.

    "" if the operands are too large to be written out, or the target is not a torch program.
    """
    if report.engine != "torch":
        return ""
    backward = report.backward and judgement.result != "output"
    operands = {"x": problem.x, "w": problem.w, "bias": problem.bias}
    about = FAULT_KINDS[judgement.kind]
    alone = about.forward or judgement.kind in ("exception", UNSUPPORTED)
    if backward and not alone:
        operands["grad"] = problem.grad
    layouts: Mapping[str, str] = {n: getattr(report.layouts, n) for n in ("x", "w", "grad")}
    call = PastedCall(
        report.target,
        report.call,
        len(problem.geometry.axes),
        problem.dtype,
        {name: v for name, v in operands.items() if v is not None},
        steps_of(problem.geometry),
        layouts,
        report.device,
        report.switches,
        0,
        report.backward and alone,
        problem.surface,
    )
    if call.size > MOST_NUMBERS:
        return ""
    lines = call.lines()
    if judgement.kind == "mutated input":
        return "\n".join(guarded(lines, call, "print({})"))
    worst = judgement.worst
    if worst is None:
        return "\n".join([*lines, *about.prints(call)])
    part = ""
    if problem.dtype.startswith("complex"):
        part = (".real", ".imag")[worst.part]
    element = f"{LEAVES[judgement.result]}{list(worst.index)}{part}.item()"
    return "\n".join([*lines, f"print({element})  # exact: {worst.rounded!r}"])
