"""Checks without values: illegal parameters that are accepted, and shapes on the meta device."""

from __future__ import annotations

from symconv.campaign.case import Case
from symconv.campaign.contractions import Plan
from symconv.campaign.finding import CaseResult, Finding, found
from symconv.results.evidence import DECLINED, EXACT
from symconv.results.reasons import ReasonKind, because
from symconv.targets.engine import Implementation
from symconv.targets.faults import Caught, Raised


def _shapes(case: Case) -> dict[str, tuple[int, ...]]:
    x = (case.in_channels, *case.size)
    found = {
        "x": (case.batch, *x) if case.batch else x,
        "w": (case.in_channels, case.out_channels // case.groups, *case.kernel_size),
    }
    return found | ({"bias": (case.out_channels,)} if case.bias else {})


def _called(target: Implementation, caught: Caught, case: Case) -> tuple[int, ...] | Raised | None:
    return target.engine.shape_of_result(
        target, _shapes(case), case.dtype, case.device, case.steps(), caught
    )


def accepts_illegal(target: Implementation, caught: Caught, case: Case, reason: str) -> CaseResult:
    """Parameters that torch's documentation rules out must be rejected."""
    shape = _called(target, caught, case)
    if shape is None or isinstance(shape, Raised):  # rejected, by whatever exception
        return CaseResult(EXACT)
    illegal = because(ReasonKind.ACCEPTS_ILLEGAL, shape=str(shape), condition=reason)
    return found(Finding("accepts illegal", case, (illegal,), actual=str(shape)))


def shape_only(target: Implementation, caught: Caught, case: Case, plan: Plan) -> CaseResult:
    """The shape law on the meta device."""
    shape = plan.geometry.output_shape
    shape = (case.batch, *shape) if case.batch else shape
    got = _called(target, caught, case)
    if isinstance(got, Raised):
        if got.unsupported:
            return CaseResult(DECLINED, None, got.reason())
        return found(
            Finding(
                "exception",
                case,
                (got.reason(),),
                message=got.message,
                frame=got.frame,
                exception=got.type,
            )
        )
    if got != shape:
        reason = because(ReasonKind.SHAPE, got=str(got), needed=str(shape))
        return found(Finding("shape", case, (reason,), expected=str(shape), actual=str(got)))
    return CaseResult(EXACT)
