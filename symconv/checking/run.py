"""An implementation judged over cases, by every rung of the ladder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from symconv import judge
from symconv.checking.cases import SMALL, Layer, problems
from symconv.errors import Undecided
from symconv.evidence import Evidence, Method, Outcome, Semantics, combine
from symconv.judge import ANY, Judgement
from symconv.targets.resolve import Implementation
from symconv.targets.tensors import Problem, observe

RESULTS = ("output", "grad_input", "grad_weight", "grad_bias")


@dataclass(frozen=True, slots=True)
class Report:
    """What an implementation was found to be, over all cases.

    Attributes:
        target: as the user wrote it.
        dtype, device: of the run.
        judgements: `(problem, judgement)`, in order.
        layout: of x and w.
        algorithm: `direct` or `any`.
        seed: of the values.
        environment: versions, kernel and flags.
    """

    target: str
    dtype: str
    device: str
    layout: str
    algorithm: str
    judgements: tuple[tuple[Problem, Judgement], ...]
    seed: int
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def outcome(self) -> Outcome:
        """Refuted if anything is; undecided if nothing is refuted and something open."""
        return combine(j.verdict.outcome for _, j in self.judgements)

    @property
    def evidence(self) -> Evidence:
        """The scope of the whole."""
        cases = len({p.what for p, _ in self.judgements})
        bounds = [j for _, j in self.judgements if j.rung == "bound"]
        method = Method.BOUND if bounds else Method.CHECKED
        sources = {t for _, j in self.judgements for t in j.verdict.evidence.trusted}
        return Evidence(
            f"{self.target} is consistent with the exact results in every case tried",
            f"{cases} cases of {self.dtype} on {self.device}, {self.layout}, seed {self.seed}",
            Semantics.IEEE,
            method,
            tuple(sorted(sources)),
            "run the same command, or one case of it, and compare with the exact sum",
            "conventional"
            if self.algorithm == judge.DIRECT
            else "any; conventional where it holds",
        )

    def findings(self, outcome: Outcome) -> list[tuple[Problem, Judgement]]:
        """The judgements of one outcome."""
        return [(p, j) for p, j in self.judgements if j.verdict.outcome is outcome]


def check_implementation(
    target: Implementation,
    *,
    dtype: str = "float32",
    device: str = "cpu",
    layers: Sequence[Layer] = SMALL,
    layout: str = "contiguous",
    gradients: bool = True,
    algorithm: str = ANY,
    seed: int = 0,
    environment: Mapping[str, str] | None = None,
) -> Report:
    """Judge an implementation over layers, by every rung.

    Raises:
        Undecided: there was nothing to judge.
    """
    found: list[tuple[Problem, Judgement]] = []
    for layer in layers:
        for rung, problem in problems(layer, dtype, seed):
            seen = observe(target, problem, device, layout, gradients)
            found += [(problem, j) for j in judge.structural(seen, target.name, problem)]
            truths = judge.truths(problem)
            for name in RESULTS:
                if name not in seen.results:
                    continue
                function = judge.judge_replica if rung == "replica" else judge.judge_bound
                result = seen.results[name]
                found.append(
                    (problem, function(target.name, truths[name], problem, result, algorithm))
                )
    if not found:
        raise Undecided(f"{target.name}: there was nothing to judge")
    return Report(
        target.name, dtype, device, layout, algorithm, tuple(found), seed, dict(environment or {})
    )
