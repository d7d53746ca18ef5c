"""The judgement of one result of one call, and the standard that it is judged by."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from symconv.exact.deciding import Worst
from symconv.exact.rounding import Model, chosen, models
from symconv.exact.truth import Truth
from symconv.results.evidence import Evidence, Method, Outcome, Semantics, Verdict
from symconv.results.reasons import Reason
from symconv.targets.faults import Raised
from symconv.targets.tensors import Problem

Array = np.ndarray[Any, Any]

DIRECT, ANY = "direct", "any"
CONVENTIONAL = "conventional: each product formed once, any order of summation"


@dataclass(frozen=True, slots=True)
class Standard:
    """The standard that an implementation is judged by.

    Attributes:
        algorithm: `direct`: each product is formed once; `any`: fast algorithms too.
        model: name of the only rounding model to use; None tries those of the dtype in turn.
        device: where the implementation ran.
        tf32: whether it was allowed to round its inputs to TF32.
    """

    algorithm: str = ANY
    model: str | None = None
    device: str = "cpu"
    tf32: bool = False

    def models(self, dtype: str) -> list[Model]:
        """The applicable rounding models, strictest first.

        Raises:
            ParseError: the dtype has no model with the requested name.
        """
        found = models(dtype, self.device, self.tf32 or self.model == "tf32")
        if self.model is not None:
            found = chosen(found, self.model, dtype)
        if self.algorithm == DIRECT:
            found = [m for m in found if m.conventional or m.name == self.model]
        return found


@dataclass(frozen=True, slots=True)
class ErrorPlane:
    """Errors of a plane of a result, actual minus exact.

    Attributes:
        place: the leading indices of the plane, as in `y[0, 1, :, :]`.
        rows: errors; inf where the actual value is not finite.
        whole: whether the plane is shown in full.
    """

    place: tuple[int, ...]
    rows: tuple[tuple[float, ...], ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """The judgement of one result of one call.

    Attributes:
        result: `output`, `grad_input`, `grad_weight`, `grad_bias`.
        rung: `structural`, `replica`, `bound` or `non-finite`.
        verdict: the verdict with its evidence.
        model: name of the model that decided.
        terms: n, the largest number of products in a cell.
        beyond: number of cells that violate the model.
        cells: total number of cells.
        undecided: number of cells left out because intermediate overflow is legitimate there.
        ratio: the largest error divided by its bound.
        suspect: number of cells beyond 16 sigma of sums in random order; a hint, not a verdict.
        worst: the deciding element, None for structural rungs.
        kind: kind of a finding, such as `value`.
        spread: number of cells by error over bound, for a histogram; see `spread.py`.
        plane: errors around the deciding element, for a picture.
        raised: the exception of a structural fault, if there was one.
        exact: every cell is bit for bit the exact result.
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
    exact: bool = False
    index: tuple[int, ...] = ()
    part: int = 0

    def decided(self, outcome: Outcome, reason: Reason, worst: Worst | None = None) -> Judgement:
        """The judgement with an outcome, its reason and the element that shows it."""
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
    """The evidence of a judgement; `claim` is stated if no rounding model is involved."""
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
