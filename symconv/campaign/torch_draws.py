"""Call the draws of one configuration one by one and compare their results together.

Draws that are not exact are judged by the ladder from the results already seen: calling again
could lose a fault that shows only once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from symconv.campaign.case import Case
from symconv.campaign.execute import Executor, agreed
from symconv.campaign.finding import CaseResult
from symconv.campaign.near import Near
from symconv.campaign.operand_values import cut_one, shapes
from symconv.campaign.prepare import Draws, prepare
from symconv.results.reasons import ReasonKind, because
from symconv.targets import cuda, torchlib
from symconv.targets.calling import Returned, call, judgeable
from symconv.targets.engine import Observed
from symconv.targets.faults import Fault, Faults
from symconv.targets.resolve import no_exit
from symconv.targets.tensors import to_numpy
from symconv.targets.torch_engine import same

Mark = Callable[[int], None]
Seen = tuple[dict[str, Any], Faults]


def run_cases(executor: Executor, cases: Sequence[Case], mark: Mark) -> list[CaseResult]:
    """Results of the cases, in order; `mark(n)` is called before case n may do harm."""
    return run_prepared(executor, prepare(executor, cases), mark)


def run_prepared(
    executor: Executor, prepared: Sequence[Draws | Case], mark: Mark
) -> list[CaseResult]:
    """Results of prepared cases, in order; `mark(n)` is called before case n may do harm."""
    found: list[CaseResult] = []
    for item in prepared:
        if isinstance(item, Draws):
            found += _drawn(executor, item, len(found), mark)
        else:
            mark(len(found))
            found.append(executor.run(item))
    return found


def _drawn(executor: Executor, draws: Draws, first: int, mark: Mark) -> list[CaseResult]:
    executor.set(draws.cases[0])
    returned: list[Returned] = []
    seen: list[Seen] = []
    with no_exit():
        for n, leaves in enumerate(draws.leaves):
            mark(first + n)
            returned.append(call(executor.target, leaves, draws.steps, executor.caught))
        errors = [(n, r.error) for n, r in enumerate(returned) if r.error is not None]
        if errors and cuda.is_lost(draws.cases[0].device):
            n, error = errors[0]  # the other errors follow from it
            mark(first + n)
            raise cuda.DeviceLost(error.brief)
        if _share_memory(returned):  # each call overwrites the result before it
            return _one_by_one(executor, draws.cases, first, mark)
        for n, leaves in enumerate(draws.leaves):
            mark(first + n)  # examining what a target returned may run any code
            seen.append(judgeable(returned[n], leaves, draws.shape))
    with torchlib.load().no_grad():
        for tensor, kept in draws.originals:
            if not tensor.equal(kept):
                for n, (_, faults) in enumerate(seen):
                    if not same(tensor[n], kept[n]):
                        faults.append(Fault("mutated input", because(ReasonKind.CHANGED_INPUT)))
        odd = _odd(draws, seen[: len(seen) - (draws.near is not None)])
        if draws.near is not None and not _near(draws.near, seen[-1]):
            odd.append(len(seen) - 1)
    found = [CaseResult(agreed(case)) for case in draws.cases]
    for n in odd:
        case, plan = draws.cases[n], draws.plan
        own = cut_one(draws.flat, n, shapes(case, plan))
        results = {name: to_numpy(value) for name, value in seen[n][0].items()}
        if not case.batch:
            results |= {k: results[k][None] for k in ("output", "grad_input") if k in results}
        problem = executor.problem(case, plan, own)
        found[n] = executor.judged(case, plan, problem, Observed(results, seen[n][1]))
    return found


def _share_memory(returned: Sequence[Returned]) -> bool:
    """Whether two calls returned the same memory, as kernels with their own output buffer do."""
    tensor = torchlib.load().Tensor
    places = [r.y.data_ptr() for r in returned if type(r.y) is tensor and r.y.numel()]
    return len(set(places)) < len(places)


def _one_by_one(
    executor: Executor, cases: Sequence[Case], first: int, mark: Mark
) -> list[CaseResult]:
    found = []
    for n, case in enumerate(cases):
        mark(first + n)
        found.append(executor.run(case))
    return found


def _odd(draws: Draws, seen: Sequence[Seen]) -> list[int]:
    """Indices of integer draws that have a fault or a result other than the exact one."""
    torch = torchlib.load()
    names = draws.exact.keys()
    odd = {n for n, (results, faults) in enumerate(seen) if faults or results.keys() != names}
    rest = [n for n in range(len(seen)) if n not in odd]
    for name, right in draws.exact.items() if rest else ():
        actual = torch.stack([seen[n][0][name] for n in rest])
        right = right[rest] if odd else right
        if actual.dtype is not right.dtype or not actual.equal(right):
            equal = (actual == right).reshape(len(rest), -1).all(1).tolist()
            odd |= {n for n, right_one in zip(rest, equal, strict=True) if not right_one}
            rest = [n for n in rest if n not in odd]
            if not rest:
                break
    return sorted(odd)


def _near(near: Near, seen: Seen) -> bool:
    results, faults = seen
    if faults or results.keys() != set(near.names):
        return False
    torch = torchlib.load()
    flat = torch.cat([results[name].reshape(-1) for name in near.names])
    return near.holds(to_numpy(flat))
