"""The object behind the `conv_case` fixture: a campaign as one assertion."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from symconv.campaign.case import Case
from symconv.campaign.finding import CaseResult, Finding
from symconv.targets.resolve import target_name


class ConvCase:
    """Judges a function on cases that Hypothesis draws and shrinks."""

    def __init__(self, isolate: bool) -> None:
        """With `isolate`, every case runs in a worker process, so that a crash is a failed test."""
        self._isolate = isolate

    def check(
        self,
        function: Callable[..., Any],
        *,
        dims: Sequence[int] = (2,),
        dtypes: Sequence[str] = ("float32",),
        gradients: bool | None = None,
        algorithm: str = "any",
        examples: int = 200,
        call: str = "torch",
    ) -> None:
        """Assert that no case refutes the function.

        `function` has the signature of torch.nn.functional.conv_transpose2d, or the one that `call`
        means in `symconv check`. `examples` cases are drawn, and the smallest failing one is
        reported. With `gradients` None, gradients are judged if the function has a backward pass;
        with True it must have one. Cases that it declines with NotImplementedError are skipped.

        Raises:
            AssertionError: names the case, the element, its exact value and the actual one.
            Undecided: every case was declined, or a case ended the process from outside.
        """
        import hypothesis

        from symconv.campaign.campaign import plain_cases
        from symconv.campaign.space import Space
        from symconv.core.errors import Undecided
        from symconv.results.evidence import DECLINED
        from symconv.targets.faults import NO_BACKWARD
        from symconv.testing.strategies import cases

        paper = call == "paper"
        space = Space(
            tuple(dims),
            tuple(dtypes),
            switches=(),
            gradients=gradients is not False,
            layouts=not paper,
            paper=paper,
        )
        run, close = self._runner(function, space, algorithm, call)
        outcomes = set()

        settings = hypothesis.settings(
            max_examples=examples,
            deadline=None,
            database=None,
            print_blob=False,
            phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
            suppress_health_check=list(hypothesis.HealthCheck),
        )

        def one(case: Case) -> None:
            result = run(case)
            outcomes.add(result.outcome)
            finding = result.finding
            if finding is not None:
                kind = AssertionError if finding.refutes else Undecided
                raise kind(_story(function, call, finding)) from None

        try:
            if gradients is None:
                seen = [
                    run(case).finding
                    for dtype in space.dtypes
                    for case in plain_cases(space, dtype)
                ]
                if all(f is not None and f.kind == NO_BACKWARD for f in seen):
                    space = replace(space, gradients=False)
            settings(hypothesis.given(cases(space))(one))()
        finally:
            close()
        if outcomes == {DECLINED}:
            raise Undecided(f"{target_name(function)} declined every case with NotImplementedError")

    def _runner(
        self, function: Callable[..., Any], space: Any, algorithm: str, call: str
    ) -> tuple[Callable[[Case], CaseResult], Callable[[], None]]:
        if not self._isolate:
            from symconv.campaign.execute import Executor
            from symconv.targets.resolve import load_target

            executor = Executor(load_target(function, call=call), algorithm)
            return executor.run, executor.close
        from symconv.campaign.supervisor import Supervisor
        from symconv.campaign.worker import Work

        work = Work(target_name(function), call, algorithm, space=space, paths=tuple(sys.path))
        supervisor = Supervisor(work, 1)
        return supervisor.alone_result, supervisor.close


def _story(function: Any, call: str, finding: Finding) -> str:
    from symconv.campaign.finding_snippet import snippet
    from symconv.core.errors import SymconvError

    lines = [f"{target_name(function)}: {finding.kind}: {finding.detail}", f"case: {finding.case}"]
    if finding.where:
        lines.append(f"{finding.where}: exact {finding.expected}, actual {finding.actual}")
    try:
        lines.append(snippet(target_name(function), call, finding))
    except SymconvError:
        lines.append(str(finding.case.to_json()))
    return "\n" + "\n".join(lines)
