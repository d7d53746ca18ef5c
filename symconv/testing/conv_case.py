"""The object behind the `conv_case` fixture: a whole campaign as one assertion."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

from symconv.fuzz.case import Case
from symconv.fuzz.finding import Finding


class ConvCase:
    """Judges a function on cases that Hypothesis draws and shrinks."""

    def __init__(self, isolate: bool) -> None:
        """`isolate`: every case runs in a worker, so that a crash is a failure like others."""
        self._isolate = isolate

    def check(
        self,
        function: Callable[..., Any],
        *,
        dims: Sequence[int] = (2,),
        dtypes: Sequence[str] = ("float32",),
        gradients: bool = True,
        algorithm: str = "any",
        examples: int = 200,
        call: str = "torch",
    ) -> None:
        """Assert that no case refutes the function.

        `function` has the signature of torch.nn.functional.conv_transpose2d, or as `call` says in
        `symconv check`. `examples` cases are drawn; the smallest that fails is shown.

        Raises:
            AssertionError: with the case, the element, its exact value and the actual one.
        """
        import hypothesis

        from symconv.fuzz.space import Space
        from symconv.testing.strategies import cases

        space = Space(tuple(dims), tuple(dtypes), switches=(), gradients=gradients)
        run, close = self._runner(function, space, algorithm, call)

        @hypothesis.settings(
            max_examples=examples,
            deadline=None,
            database=None,
            print_blob=False,
            phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(cases(space))
        def one(case: Case) -> None:
            finding = run(case)
            if finding is not None:
                raise AssertionError(_story(function, call, finding)) from None

        try:
            one()
        finally:
            close()

    def _runner(
        self, function: Callable[..., Any], space: Any, algorithm: str, call: str
    ) -> tuple[Callable[[Case], Finding | None], Callable[[], None]]:
        if not self._isolate:
            from symconv.fuzz.execute import Executor
            from symconv.targets.resolve import Implementation, as_module, on_paper

            wrap = {"paper": on_paper, "module": as_module}.get(call, lambda target: target)
            executor = Executor(wrap(Implementation(_name(function), function)), algorithm)
            return executor.run, executor.close
        from symconv.fuzz.supervisor import Supervisor
        from symconv.fuzz.worker import Work

        work = Work(_name(function), call, algorithm, space=space, paths=tuple(sys.path))
        supervisor = Supervisor(work, 1)
        return supervisor.alone, supervisor.close


def _name(function: Any) -> str:
    return f"{function.__module__}:{getattr(function, '__qualname__', type(function).__name__)}"


def _story(function: Any, call: str, finding: Finding) -> str:
    from symconv.errors import SymconvError
    from symconv.fuzz.pasted import snippet

    lines = [f"{_name(function)}: {finding.kind}: {finding.detail}", f"case: {finding.case}"]
    if finding.where:
        lines.append(f"{finding.where}: exact {finding.expected}, actual {finding.actual}")
    try:
        lines.append(snippet(_name(function), call, finding))
    except SymconvError:
        lines.append(str(finding.case.to_json()))
    return "\n" + "\n".join(lines)
