"""Run and judge one case in this process: a fast comparison, then the ladder if it differs."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import Any

import numpy as np

from symconv.campaign.case import Case
from symconv.campaign.contractions import Plan
from symconv.campaign.finding import CaseResult, Finding, found, kept
from symconv.campaign.near import BOUNDS, near
from symconv.campaign.operand_values import budget, operands, shapes
from symconv.campaign.shapes import accepts_illegal, shape_only
from symconv.core.errors import GeometryError
from symconv.exact.deciding import NAMES
from symconv.exact.dtypes import INTEGER
from symconv.judging.judgement import Judgement, Standard
from symconv.judging.rungs import declines_backward, judge, structural
from symconv.judging.truths import truths
from symconv.results.evidence import DECLINED, EXACT, UNDECIDED, WITHIN, Outcome
from symconv.results.reasons import Reason, ReasonKind, because
from symconv.results.words import sentence
from symconv.targets.cuda import DeviceLost
from symconv.targets.engine import Implementation, Observed
from symconv.targets.fault_kinds import ENDED, FULL
from symconv.targets.faults import RAISED, UNSUPPORTED, Caught
from symconv.targets.observing import observe
from symconv.targets.tensors import Layouts, Problem

Array = np.ndarray[Any, Any]

PLANS = 64


class Executor:
    """Runs cases against one target.

    Attributes:
        target: the implementation.
        algorithm: the class of algorithms whose error bound applies.
        caught: exceptions of the target that are reported as findings.
        demanded: whether a backward pass is required; otherwise one that raises
            NotImplementedError counts as declined.
    """

    def __init__(
        self,
        target: Implementation,
        algorithm: str = "any",
        caught: Caught = RAISED,
        demanded: bool = False,
    ) -> None:
        """`algorithm` is as in `symconv check`; exceptions in `caught` become findings."""
        self.target = target
        self.caught = caught
        self.algorithm = algorithm
        self.demanded = demanded
        self._plans: OrderedDict[tuple[Any, ...], Plan] = OrderedDict()
        self._settings = target.engine.settings()

    def set(self, case: Case) -> None:
        """Apply the threads and backend switches of a case; they stay until a case needs others."""
        self._settings.set(case.threads, dict(case.switches))

    def close(self) -> None:
        """Restore the original threads and backend switches."""
        self._settings.restore()

    def plan(self, case: Case) -> Plan:
        """The contractions of a configuration, cached for its other values."""
        key = (
            case.size,
            case.kernel_size,
            case.stride,
            case.padding,
            case.output_padding,
            case.dilation,
            case.in_channels,
            case.out_channels,
            case.groups,
        )
        found = self._plans.get(key)
        if found is None:
            found = self._plans[key] = Plan(case.geometry())
            if len(self._plans) > PLANS:
                self._plans.popitem(last=False)
        return found

    def run(self, case: Case) -> CaseResult:
        """Run one case and judge its results.

        Exceptions of the target become findings; those of symconv itself propagate.

        Raises:
            DeviceLost: the device accepts no more calls.
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
            self.target,
            problem,
            Layouts(case.x_layout, case.w_layout, case.grad_layout),
            case.gradients,
            steps=case.steps(),
            batched=case.batch > 0,
            with_kernel=False,
            caught=self.caught,
        )
        if seen.lost:
            raise DeviceLost(sentence(seen.faults[0].reason))
        if not seen.faults and self._agrees(case, plan, values, seen):
            return CaseResult(agreed(case))
        return self.judged(case, plan, problem, seen)

    def problem(self, case: Case, plan: Plan, values: dict[str, Array]) -> Problem:
        """The call as a `Problem` for the ladder."""
        return Problem(
            plan.geometry,
            case.dtype,
            values["x"],
            values["w"],
            values.get("bias"),
            values["grad"],
            str(case),
            _whole(case, values, plan),
            case.pattern,
            case.device,
        )

    def _agrees(self, case: Case, plan: Plan, values: dict[str, Array], seen: Observed) -> bool:
        """Whether every result is exact, or well within the sharpest bound for rounded values."""
        bounded = case.pattern != "whole" and case.dtype in BOUNDS
        flat = np.concatenate([values[name].ravel() for name in shapes(case, plan)])
        rows = np.stack((flat, np.abs(flat)) if bounded else (flat,))
        with np.errstate(invalid="ignore", over="ignore"):
            found = plan.draws(rows, max(case.batch, 1), case.bias, case.gradients)
        if found.keys() != seen.results.keys():
            return False
        if bounded:
            actual = np.concatenate([seen.results[name].ravel() for name in found])
            return near(case, plan, values, found).holds(actual)
        return all(np.array_equal(seen.results[name], exact[0]) for name, exact in found.items())

    def judged(self, case: Case, plan: Plan, problem: Problem, seen: Observed) -> CaseResult:
        """Judge observed results by the ladder; a fault in any result outweighs doubts."""
        kernel = self._kernel(case, problem)
        standard = Standard(
            self.algorithm, None, case.device, dict(case.switches).get("tf32", False)
        )
        faults = structural(seen, self.target.name, problem)
        for j in faults:
            if j.kind == UNSUPPORTED or (not self.demanded and declines_backward(j)):
                return CaseResult(DECLINED, None, j.verdict.reasons[0])
        # changes to the inputs are reported only if the results have no fault
        for j in sorted(faults, key=lambda j: j.kind == "mutated input"):
            return found(_structural_finding(case, j, kernel))
        if case.dtype in INTEGER:
            return self._whole_numbers(case, plan, problem, seen, kernel)
        expected = truths(problem)
        exact = True
        doubts: list[tuple[str, Reason]] = []
        for name, result in seen.results.items():
            j = judge(self.target.name, expected[name], problem, result, standard)
            v = j.verdict
            if v.outcome is Outcome.REFUTED:
                centre = expected[name].centre
                whole = centre[0] + 1j * centre[1] if len(centre) == 2 else centre[0]
                kind = "non-finite" if j.rung == "non-finite" else _KINDS.get(name, name)
                return found(
                    Finding(
                        kind,
                        case,
                        v.reasons,
                        name,
                        v.where,
                        j.index,
                        j.part,
                        v.expected,
                        v.actual,
                        v.bound or "",
                        kept(result, whole),
                        kernel,
                    )
                )
            exact &= j.exact
            if v.outcome is Outcome.UNDECIDED:
                doubts.append((name, v.reasons[0]))
        for name, reason in doubts[:1]:
            return CaseResult(UNDECIDED, None, reason, name)
        return CaseResult(EXACT if exact else WITHIN)

    def _whole_numbers(
        self, case: Case, plan: Plan, problem: Problem, seen: Observed, kernel: str
    ) -> CaseResult:
        exact = plan.results(problem.x, problem.w, problem.bias, None)["output"]
        actual = seen.results["output"]
        differs = np.argwhere(actual != exact)
        if not len(differs):
            return CaseResult(EXACT)
        index = tuple(int(n) for n in differs[0])
        return found(
            Finding(
                "value",
                case,
                (because(ReasonKind.NOT_EXACT, wrong=len(differs), cells=actual.size),),
                "output",
                f"y[{', '.join(map(str, index))}]",
                index,
                0,
                str(exact[index]),
                str(actual[index]),
                "0",
                kept(actual, exact),
                kernel,
            )
        )

    def _kernel(self, case: Case, problem: Problem) -> str:
        self.set(case)
        return self.target.engine.kernel(problem, case.steps())

    def output(self, case: Case) -> Array | None:
        """What the target returns for a case, flattened, real part; None if it raises."""
        plan = self.plan(case)
        problem = self.problem(case, plan, operands(case, plan))
        self.set(case)
        seen = observe(
            self.target,
            problem,
            Layouts(),
            False,
            steps=case.steps(),
            batched=case.batch > 0,
            with_kernel=False,
            caught=self.caught,
        )
        found = seen.results.get("output")
        return None if found is None else np.real(found).astype(np.float64).ravel()


_KINDS = {"output": "value"}


def agreed(case: Case) -> str:
    """The outcome of a case that the fast comparison accepts."""
    return EXACT if case.pattern == "whole" or case.device == "meta" else WITHIN


def _whole(case: Case, values: dict[str, Array], plan: Plan) -> float:
    """The value of `Problem.whole`: the largest sum of magnitudes, inf if rounding may happen."""
    if case.pattern != "whole" or case.dtype in INTEGER:
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
    raised = j.raised
    if raised is None or j.kind not in ("exception", "backward"):
        result = j.kind if j.kind in NAMES else "output"
        return Finding(j.kind, case, j.verdict.reasons, result, kernel=kernel)
    kind = "exception"
    if raised.memory:
        kind = FULL
    elif raised.threads:
        kind = ENDED
    elif raised.type == "SystemExit":
        kind = "exit"
    return Finding(
        kind,
        case,
        j.verdict.reasons,
        kernel=kernel,
        message=raised.message,
        frame=raised.frame,
        exception=raised.type,
    )
