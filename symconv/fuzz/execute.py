"""One case run and judged in this process: a fast comparison, the ladder where it differs."""

from __future__ import annotations

import math
from collections import OrderedDict
from contextlib import ExitStack
from typing import Any

import numpy as np

from symconv.arithmetic.contract import float64_error
from symconv.arithmetic.nonfinite import loose_cells
from symconv.errors import GeometryError
from symconv.evidence import Outcome
from symconv.fuzz.case import Case
from symconv.fuzz.finding import Finding, kept
from symconv.fuzz.plan import Plan
from symconv.fuzz.shapes import accepts_illegal, shape_only
from symconv.fuzz.values import budget, operands
from symconv.judge import Judgement, Standard, judge, structural, truths
from symconv.targets import torchlib
from symconv.targets.environment import backends
from symconv.targets.observing import Observed, observe
from symconv.targets.resolve import Implementation
from symconv.targets.tensors import Layouts, Problem

Array = np.ndarray[Any, Any]

FAST_BOUND = {
    "float32": (0.0, 2.0**-24, 2.0**-126),
    "bfloat16": (2.0**-8, 2.0**-24, 2.0**-126),
    "float16": (2.0**-11, 2.0**-24, 2.0**-14),
}
"""Parts of the sharpest bounds that `judge` would allow: of |y|, of A, and for underflow."""
PLANS = 64


class Executor:
    """Runs cases against one target.

    Attributes:
        target: the implementation.
        algorithm: the class of algorithms that it is held to.
        caught: what it may raise and is told as a finding.
    """

    def __init__(
        self,
        target: Implementation,
        algorithm: str = "any",
        caught: type[BaseException] = Exception,
    ) -> None:
        """`algorithm` as in `symconv check`; what the target raises of `caught` is a finding."""
        self.target = target
        self.caught = caught
        self.algorithm = algorithm
        self._plans: OrderedDict[tuple[Any, ...], Plan] = OrderedDict()
        self._active: tuple[Any, ...] | None = None
        self._stack = ExitStack()

    def set(self, case: Case) -> None:
        """Threads and backends of a case; they stay until a case needs others."""
        wanted = (case.threads, case.switches)
        if wanted != self._active:
            self.close()
            self._stack = _settings(case)
            self._active = wanted

    def close(self) -> None:
        """Put threads and backends back to what they were."""
        self._stack.close()
        self._active = None

    def plan(self, case: Case) -> Plan:
        """The sums of a configuration, kept for its other values."""
        key = (
            case.size, case.kernel_size, case.stride, case.padding, case.output_padding,
            case.dilation, case.in_channels, case.out_channels, case.groups,
        )  # fmt: skip
        found = self._plans.get(key)
        if found is None:
            found = self._plans[key] = Plan(case.geometry())
            if len(self._plans) > PLANS:
                self._plans.popitem(last=False)
        return found

    def run(self, case: Case) -> Finding | None:
        """The fault that a case shows, None where it shows none.

        Exceptions of the target are findings; those of ours are not caught.
        """
        try:
            plan = self.plan(case)
        except GeometryError as error:
            self.set(case)
            return accepts_illegal(self.target, self.caught, case, str(error))
        if case.device == "meta":
            return shape_only(self.target, self.caught, case, plan)
        values = operands(case, plan)
        problem = self.problem(case, plan, values)
        self.set(case)
        seen = observe(
            self.target, problem, case.device,
            Layouts(case.x_layout, case.w_layout, case.grad_layout), case.gradients,
            steps=case.steps(), batched=case.batch > 0, with_kernel=False, caught=self.caught,
        )  # fmt: skip
        if not seen.faults and self._agrees(case, plan, values, seen):
            return None
        return self.judged(case, plan, problem, seen)

    def problem(self, case: Case, plan: Plan, values: dict[str, Array]) -> Problem:
        """The call as the ladder judges it."""
        return Problem(
            plan.geometry, case.dtype, values["x"], values["w"], values.get("bias"),
            values["grad"], str(case), _whole(case, values, plan), case.pattern,
        )  # fmt: skip

    def _agrees(self, case: Case, plan: Plan, values: dict[str, Array], seen: Observed) -> bool:
        """Every result equals the exact one, or is well within the sharpest bound."""
        bounded = case.pattern != "whole" and case.dtype in FAST_BOUND
        given = {n: np.stack((v, np.abs(v)) if bounded else (v,)) for n, v in values.items()}
        with np.errstate(invalid="ignore", over="ignore"):
            found = plan.draws(given, case.gradients)
            if found.keys() != seen.results.keys():
                return False
            return all(
                np.array_equal(seen.results[name], pair[0])
                or (bounded and _fits(case, plan, values, name, pair, seen.results[name]))
                for name, pair in found.items()
            )

    def judged(self, case: Case, plan: Plan, problem: Problem, seen: Observed) -> Finding | None:
        """By the ladder, from what was seen."""
        kernel = self._kernel(case, problem)
        standard = Standard(
            self.algorithm, None, case.device, dict(case.switches).get("tf32", False)
        )
        for j in structural(seen, self.target.name, problem):
            return _structural_finding(case, j, kernel)
        if case.dtype == "int64":
            return self._whole_numbers(case, plan, problem, seen, kernel)
        expected = truths(problem)
        for name, result in seen.results.items():
            j = judge(self.target.name, expected[name], problem, result, standard)
            if j.verdict.outcome is Outcome.REFUTED:
                centre = expected[name].centre
                exact = centre[0] + 1j * centre[1] if len(centre) == 2 else centre[0]
                kind = "non-finite" if j.rung == "non-finite" else _KINDS.get(name, name)
                v = j.verdict
                return Finding(
                    kind, case, v.cause, v.where, v.expected, v.actual, v.bound or "",
                    kept(result, exact), kernel,
                )  # fmt: skip
        return None

    def _whole_numbers(
        self, case: Case, plan: Plan, problem: Problem, seen: Observed, kernel: str
    ) -> Finding | None:
        exact = plan.results(problem.x, problem.w, problem.bias, None)["output"]
        actual = seen.results["output"]
        differs = np.argwhere(actual != exact)
        if not len(differs):
            return None
        index = tuple(int(n) for n in differs[0])
        return Finding(
            "value", case, f"{len(differs)} of {actual.size} cells are not the exact result",
            f"y[{', '.join(map(str, index))}]", str(exact[index]), str(actual[index]), "0",
            kept(actual, exact), kernel,
        )  # fmt: skip

    def _kernel(self, case: Case, problem: Problem) -> str:
        torch = torchlib.load()
        kind = getattr(torch, case.dtype)
        x, w = torch.empty(problem.x.shape, dtype=kind), torch.empty(problem.w.shape, dtype=kind)
        bias = None if problem.bias is None else torch.empty(problem.bias.shape, dtype=kind)
        self.set(case)
        return torchlib.chosen_kernel(x, w, bias, **case.steps())

    def output(self, case: Case) -> Array | None:
        """What the target returns for a case, flat and real; None where it raises."""
        plan = self.plan(case)
        problem = self.problem(case, plan, operands(case, plan))
        self.set(case)
        seen = observe(
            self.target, problem, case.device, Layouts(), False, steps=case.steps(),
            batched=case.batch > 0, with_kernel=False, caught=self.caught,
        )  # fmt: skip
        found = seen.results.get("output")
        return None if found is None else np.real(found).astype(np.float64).ravel()


_KINDS = {"output": "value"}


def _fits(
    case: Case, plan: Plan, values: dict[str, Array], name: str, pair: Array, seen: Array
) -> bool:
    """Below the sharpest bound by more than the centre's own error, and far from overflow."""
    centre, sizes = pair
    stored, unit, flushed = FAST_BOUND[case.dtype]
    terms = plan.terms[name] * (max(case.batch, 1) if "grad_" in name else 1)
    terms = max(terms + int(case.bias and name == "output"), 1)
    actual = seen.astype(np.float64, copy=False)
    allowed = (terms * unit - float64_error(terms + 3)) * sizes + flushed
    if stored:
        allowed += stored * np.abs(centre)
    fits = np.abs(actual - centre) <= allowed * (1 - 2.0**-20)
    fits &= sizes < 2.0**100
    if case.pattern == "special":
        fits |= (actual == centre) | (np.isnan(actual) & np.isnan(centre))
        if name == "grad_weight":
            fits |= loose_cells(plan.geometry, values["x"], values["grad"])
    return bool(fits.all())


def _whole(case: Case, values: dict[str, Array], plan: Plan) -> float:
    """What `Problem.whole` needs: the largest sum of sizes, inf where rounding may happen."""
    if case.pattern != "whole" or case.dtype == "int64":
        return math.inf
    if case.values is None:
        return budget(case)
    if any((v != np.rint(v)).any() for part in values.values() for v in (part.real, part.imag)):
        return math.inf
    sizes = {n: np.abs(v.real) + np.abs(v.imag) for n, v in values.items()}
    found = plan.results(sizes["x"], sizes["w"], sizes.get("bias"), sizes["grad"])
    used = max(float(v.max()) for v in found.values())
    return used if used <= budget(case) else math.inf


def _structural_finding(case: Case, j: Judgement, kernel: str) -> Finding:
    kind, cause = j.kind, j.verdict.cause
    name = cause.partition("raised ")[2]
    if kind in ("exception", "backward") and name:
        kind = "exception"
        if name.startswith(("MemoryError", "OutOfMemoryError")) or "can't allocate memory" in name:
            kind = "out of memory"
        elif name.startswith("SystemExit"):
            kind = "exit"
        return Finding(kind, case, name, kernel=kernel)
    return Finding(kind, case, cause, kernel=kernel)


def _settings(case: Case) -> ExitStack:
    """Threads and backends of a case; closing the stack brings back what was set before."""
    stack = ExitStack()
    torch = torchlib.load()
    if torch.get_num_threads() != case.threads:
        stack.callback(torch.set_num_threads, torch.get_num_threads())
        torch.set_num_threads(case.threads)
    stack.enter_context(backends(dict(case.switches)))
    return stack
