"""What one result of one call was found to be, and by which standard."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from symconv.exact.deciding import Worst
from symconv.exact.rounding import Model, chosen, models
from symconv.exact.truth import Truth
from symconv.results.evidence import Evidence, Method, Outcome, Semantics, Verdict
from symconv.results.reasons import Reason
from symconv.targets.calling import Raised
from symconv.targets.tensors import Problem

Array = np.ndarray[Any, Any]

DIRECT, ANY = "direct", "any"
CONVENTIONAL = "conventional: each product formed once, any order of summation"


@dataclass(frozen=True, slots=True)
class Standard:
    """What an implementation is held to.

    Attributes:
        algorithm: `direct`, each product formed once; `any`, fast algorithms too.
        model: the one rounding model to judge by; None tries those of the dtype in turn.
        device: where the implementation ran.
        tf32: it was allowed to cut its inputs to TF32.
    """

    algorithm: str = ANY
    model: str | None = None
    device: str = "cpu"
    tf32: bool = False

    def models(self, dtype: str) -> list[Model]:
        """The models that count, the strictest first.

        Raises:
            ParseError: the dtype has no model of the name that was asked for.
        """
        found = models(dtype, self.device, self.tf32 or self.model == "tf32")
        if self.model is not None:
            found = chosen(found, self.model, dtype)
        if self.algorithm == DIRECT:
            found = [m for m in found if m.conventional or m.name == self.model]
        return found


@dataclass(frozen=True, slots=True)
class ErrorPlane:
    """Errors of a plane of a result, actual less exact.

    Attributes:
        place: the leading indices of the plane, as in `y[0, 1, :, :]`.
        rows: errors; inf where the actual value is no number.
        whole: the plane is shown in full.
    """

    place: tuple[int, ...]
    rows: tuple[tuple[float, ...], ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one result of one call was found to be.

    Attributes:
        result: `output`, `grad_input`, `grad_weight`, `grad_bias`.
        rung: `structural`, `replica`, `bound` or `non-finite`.
        verdict: with its scope.
        model: the name of the model that decided.
        terms: n, the most products in a cell.
        beyond: cells that break the model.
        cells: cells in all.
        undecided: cells where intermediate overflow is legitimate, left out.
        ratio: the largest error over its bound.
        suspect: cells beyond 16 sigma of sums in random order; a hint, no verdict.
        worst: the deciding element, None for structural rungs.
        kind: of a finding, `value` and the like.
        spread: cells by their error over the bound, for a picture; see `errors.py`.
        plane: errors around the deciding element, for a picture.
        raised: the exception of a structural fault, where there was one.
        index, part: the deciding element; part 1 is the imaginary part of a complex number.
    """

    result: str
    rung: str
    verdict: Verdict
    model: str = ""
    terms: int = 0
    beyond: int = 0
    cells: int = 0
    undecided: int = 0
    ratio: float = 0.0
    suspect: int = 0
    worst: Worst | None = None
    kind: str = "value"
    spread: tuple[int, ...] = ()
    plane: ErrorPlane | None = None
    raised: Raised | None = None
    index: tuple[int, ...] = ()
    part: int = 0

    def decided(self, outcome: Outcome, reason: Reason, worst: Worst | None = None) -> Judgement:
        """The same with an outcome, its reason and the element that shows it."""
        verdict = replace(self.verdict, outcome=outcome, reasons=(reason,))
        if worst is None:
            return replace(self, verdict=verdict)
        verdict = replace(
            verdict,
            where=worst.place,
            expected=str(worst.rounded),
            actual=str(worst.actual),
            bound=f"{worst.bound:.3g}",
        )
        return replace(self, verdict=verdict, worst=worst, index=worst.index, part=worst.part)


def evidence(
    target: str,
    truth: Truth,
    problem: Problem,
    model: Model | None,
    standard: Standard,
    claim: str = "bit for bit the exact result",
) -> Evidence:
    """The scope of a judgement; `claim` where no model of rounding is involved."""
    named = claim if model is None else f"consistent with: {model.says}"
    sharp = standard.algorithm == DIRECT or model is None or model.conventional
    return Evidence(
        f"{truth.name} of {target} is {named}",
        f"{problem.what}, {problem.dtype}, n = {truth.terms}",
        Semantics.IEEE,
        Method.CHECKED if model is None else Method.BOUND,
        ("the exact contraction (exact/contract.py)",)
        + (() if model is None else (f"the theorem: {model.source}",)),
        "run the call on these values and compare one element with its exact sum",
        CONVENTIONAL if sharp else "any",
    )
