"""The tour's figures on the device, and random configurations against both definitions."""

from fractions import Fraction

import torch

from symconv.campaign.space import Generator, Space, draw
from symconv.core.dialects.building import torch_geometry
from symconv.exact import ring
from symconv.exact.containers import nest
from symconv.notebook import tour
from symconv.oracles import polynomial_product as polynomial
from symconv.oracles import zero_insertion as stretch
from symconv.targets.crosscheck import check_transposed

CONFIGURATIONS = 300


def _runs(check):
    return [{"dtype": r.dtype, "verdict": r.outcome.value, "note": r.note} for r in check.runs]


def flat(block):
    """Flatten nested lists."""
    return [v for part in block for v in flat(part)] if isinstance(block, list) else [block]


def run(run):
    """Check every claim, then as many configurations as the time allows."""
    for claim in tour("cuda").claims:
        run.add(
            f"tour: {claim.id}",
            claim.check.outcome.value,
            call=claim.check.what,
            runs=_runs(claim.check),
            reason=claim.check.reason,
        )
    space = Space(switches=(), gradients=False)
    agreed, count = 0, 12 if run.rehearsal else CONFIGURATIONS
    by_dtype = {}
    for number in range(count):
        if not run.reached(f"configurations from {number} on", 2):
            break
        case = draw(Generator(f"cuda/{number}"), space)
        geometry = torch_geometry(
            case.size,
            case.kernel_size,
            in_channels=case.in_channels,
            out_channels=case.out_channels,
            **case.steps(),
        )
        values = Generator(f"values/{number}")
        x = [values.integer(-2, 2) for _ in range(_count(geometry.input_shape))]
        w = [values.integer(-2, 2) for _ in range(_count(geometry.weight_shape))]
        exact = [int(v) for v in ring.transposed(geometry, x, w)]
        nested = nest(x, geometry.input_shape), nest(w, geometry.weight_shape)
        for oracle in (polynomial, stretch):
            other = flat(oracle.conv_transpose(*nested, None, **case.steps()))
            if other != exact:
                run.add(
                    f"configuration {number}",
                    "refuted",
                    case=str(case),
                    cause=f"{oracle.__name__} differs from the form",
                )
        check = check_transposed(geometry, x, w, None, list(map(Fraction, exact)), ("cuda",))
        for r in check.runs:
            tally = by_dtype.setdefault(r.dtype, {"holds": 0, "refuted": 0, "undecided": 0})
            tally[r.outcome.value] += 1
        if check.outcome.value == "refuted":
            run.add(f"configuration {number}", "refuted", case=str(case), runs=_runs(check))
        agreed += check.outcome.value == "holds"
    run.add(
        "random configurations",
        "measured",
        agree=agreed,
        of=count,
        by_dtype=by_dtype,
        definitions="form, polynomial product, zero insertion",
    )
    torch.cuda.synchronize()


def _count(shape):
    return int(torch.Size(shape).numel())
