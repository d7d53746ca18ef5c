"""An implementation judged over cases, by every rung of the ladder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from symconv.checking.cases import SMALL, Layer, problems
from symconv.errors import Undecided
from symconv.evidence import Evidence, Method, Outcome, Semantics, combine
from symconv.judge import (
    ANY,
    DIRECT,
    Judgement,
    Standard,
    judge,
    structural,
    truths,
    with_errors,
)
from symconv.targets.environment import backends, describe
from symconv.targets.observing import observe
from symconv.targets.resolve import Implementation
from symconv.targets.tensors import Layouts, Problem

if TYPE_CHECKING:
    from symconv.checking.following import Following

RESULTS = ("output", "grad_input", "grad_weight", "grad_bias")


@dataclass(frozen=True, slots=True)
class Report:
    """What an implementation was found to be, over all cases.

    Attributes:
        target: as the user wrote it.
        dtype, device: of the run.
        judgements: `(problem, judgement)`, in order.
        layout: of x, w and grad_output, in words.
        standard: the class of algorithms and the models that it was held to.
        seed: of the values.
        environment: versions, kernels and flags.
        call: how the target is called: `torch`, `paper` or `module`.
        command: runs the same again; "" where it was no command.
        followed: the same program followed on symbols first, None where it was not tried.
    """

    target: str
    dtype: str
    device: str
    layout: str
    standard: Standard
    judgements: tuple[tuple[Problem, Judgement], ...]
    seed: int
    environment: dict[str, str] = field(default_factory=dict)
    call: str = "torch"
    command: str = ""
    followed: Following | None = None

    @property
    def outcome(self) -> Outcome:
        """Refuted if anything is; undecided if nothing is refuted and something open. Symbols can
        refute; that they cannot decide, or that they agree, changes nothing.
        """
        numbers = [j.verdict.outcome for _, j in self.judgements]
        symbols = [Outcome.REFUTED] if self.refuted_by_symbols else []
        return combine([*numbers, *symbols])

    @property
    def refuted_by_symbols(self) -> int:
        """Shapes where the program computes other polynomials."""
        if self.followed is None:
            return 0
        return sum(c.verdict.outcome is Outcome.REFUTED for c in self.followed.cases)

    @property
    def evidence(self) -> Evidence:
        """The scope of the whole."""
        cases = len({p.what for p, _ in self.judgements})
        bounds = [j for _, j in self.judgements if j.rung == "bound"]
        method = Method.BOUND if bounds else Method.CHECKED
        axes = sorted({str(len(p.geometry.axes)) for p, _ in self.judgements})
        dims = " and ".join(filter(None, (", ".join(axes[:-1]), axes[-1])))
        sources = {t for _, j in self.judgements for t in j.verdict.evidence.trusted}
        return Evidence(
            f"{self.target} is consistent with the exact results in every case tried",
            f"{cases} {'case' if cases == 1 else 'cases'} with {dims} spatial axes, {self.dtype} "
            f"on {self.device}, {self.layout}, seed {self.seed}",
            Semantics.IEEE,
            method,
            tuple(sorted(sources)),
            "run the same command, or one case of it, and compare with the exact sum",
            "conventional"
            if self.standard.algorithm == DIRECT
            else "any; conventional where it holds",
        )

    @property
    def suspects(self) -> list[tuple[Problem, Judgement]]:
        """What holds, but looks odd: errors beyond 16 sigma of sums in random order."""
        return [(p, j) for p, j in self.judgements if j.suspect]

    def findings(self, outcome: Outcome) -> list[tuple[Problem, Judgement]]:
        """The judgements of one outcome."""
        return [(p, j) for p, j in self.judgements if j.verdict.outcome is outcome]


def check_implementation(
    target: Implementation,
    *,
    dtype: str = "float32",
    device: str = "cpu",
    layers: Sequence[Layer] = SMALL,
    data: Sequence[Problem] = (),
    layouts: Layouts = Layouts(),  # noqa: B008 - frozen, so one instance serves every call
    gradients: bool = True,
    algorithm: str = ANY,
    model: str | None = None,
    switches: Mapping[str, bool] | None = None,
    seed: int = 0,
    call: str = "torch",
    command: str = "",
) -> Report:
    """Judge an implementation over layers, or over `data` where given, by every rung.

    Raises:
        ParseError: the dtype has no such model.
        Undecided: there was nothing to judge.
    """
    switches = dict(switches or {})
    standard = Standard(algorithm, model, device, switches.get("tf32", False))
    standard.models(dtype)  # an unknown model is refused before any work
    cases: Iterable[Problem] = data
    if not data:
        cases = (p for layer in layers for p in problems(layer, dtype, seed))
    found: list[tuple[Problem, Judgement]] = []
    kernels: set[str] = set()
    with backends(switches):
        for problem in cases:
            seen = observe(target, problem, device, layouts, gradients)
            kernels.add(seen.kernel)
            found += [(problem, j) for j in structural(seen, target.name, problem)]
            expected = truths(problem)
            for name in RESULTS:
                if name in seen.results:
                    result = seen.results[name]
                    judged = judge(target.name, expected[name], problem, result, standard)
                    judged = with_errors(judged, expected[name], problem, result, standard)
                    found.append((problem, judged))
        environment = describe(device, switches)
    if not found:
        raise Undecided(f"{target.name}: there was nothing to judge")
    named = ", ".join(sorted(filter(None, kernels))) or "not told"
    environment["torch's kernels for these cases"] = named
    return Report(
        target.name, dtype, device, str(layouts), standard, tuple(found), seed, environment,
        call, command,
    )  # fmt: skip
