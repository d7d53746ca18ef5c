"""Checks without values: illegal parameters that are accepted, and shapes on the meta device."""

from __future__ import annotations

from typing import Any

from symconv.campaign.case import Case
from symconv.campaign.contractions import Plan
from symconv.campaign.finding import CaseResult, Finding, found
from symconv.results.evidence import DECLINED, EXACT
from symconv.results.reasons import ReasonKind, because
from symconv.targets import cuda, torchlib
from symconv.targets.calling import Caught, read_raised
from symconv.targets.resolve import Implementation


def _tensors(case: Case, device: str) -> tuple[Any, Any, Any]:
    torch = torchlib.load()
    kind = getattr(torch, case.dtype)
    x_shape = (case.in_channels, *case.size)
    x_shape = (case.batch, *x_shape) if case.batch else x_shape
    w_shape = (case.in_channels, case.out_channels // case.groups, *case.kernel_size)
    x, w = (torch.zeros(s, dtype=kind, device=device) for s in (x_shape, w_shape))
    bias = torch.zeros(case.out_channels, dtype=kind, device=device) if case.bias else None
    return x, w, bias


def accepts_illegal(target: Implementation, caught: Caught, case: Case, reason: str) -> CaseResult:
    """Report a finding if the target accepts parameters that torch's documentation forbids."""
    try:
        x, w, bias = _tensors(case, case.device)
    except RuntimeError:
        return CaseResult(EXACT)  # not even the operands exist
    try:
        y = target.call(x, w, bias, **case.steps())
        cuda.synchronize(x)
    except caught as error:  # a rejection, with any message
        if cuda.is_lost(case.device):
            raise cuda.DeviceLost(read_raised(error).brief) from None
        return CaseResult(EXACT)
    shape = tuple(getattr(y, "shape", ()))
    illegal = because(ReasonKind.ACCEPTS_ILLEGAL, shape=str(shape), condition=reason)
    return found(Finding("accepts illegal", case, (illegal,), actual=str(shape)))


def shape_only(target: Implementation, caught: Caught, case: Case, plan: Plan) -> CaseResult:
    """Check the output shape on the meta device."""
    x, w, bias = _tensors(case, "meta")
    shape = plan.geometry.output_shape
    shape = (case.batch, *shape) if case.batch else shape
    try:
        y = target.call(x, w, bias, **case.steps())
    except caught as error:  # the shape law needs no values
        raised = read_raised(error)
        if raised.unsupported:
            return CaseResult(DECLINED, None, raised.reason())
        return found(
            Finding(
                "exception",
                case,
                (raised.reason(),),
                message=raised.message,
                frame=raised.frame,
                exception=raised.type,
            )
        )
    got = tuple(getattr(y, "shape", ()))
    if got != shape:
        return found(
            Finding(
                "shape",
                case,
                (because(ReasonKind.SHAPE, got=str(got), needed=str(shape)),),
                expected=str(shape),
                actual=str(got),
            )
        )
    return CaseResult(EXACT)
