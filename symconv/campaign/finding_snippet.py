"""Findings as code: a few lines of torch for an issue, or regression tests.

The tests need only torch and pytest.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from symconv.campaign.campaign import CampaignResult
from symconv.campaign.case import Case
from symconv.campaign.contractions import Plan
from symconv.campaign.finding import Finding
from symconv.campaign.operand_values import operands
from symconv.exact.dtypes import INTEGER
from symconv.targets.fault_kinds import FAULT_KINDS
from symconv.targets.snippets import LEAVES, MOST_NUMBERS, PastedCall, guarded
from symconv.targets.tensors import Array

ILLEGAL = "accepts illegal"


def call_of(target: str, call: str, finding: Finding, surface: str = "eager") -> PastedCall | None:
    """The call that shows a finding; None if its operands are too large to be written out."""
    case, kind = finding.case, finding.kind
    if case.device == "meta" or kind == ILLEGAL:
        return _without_values(target, call, case)
    values = operands(case, Plan(case.geometry()))
    about = FAULT_KINDS[kind]
    backward = finding.result in ("grad_input", "grad_weight", "grad_bias") or (
        case.gradients and about.either_pass
    )
    passed: dict[str, Array | tuple[int, ...]] = {}
    for operand in ("x", "w", "bias", "grad"):
        if operand in values and (operand != "grad" or backward):
            array = values[operand]
            batched = case.batch or operand not in ("x", "grad")
            passed[operand] = array if batched else array[0]
    threads = case.threads if case.threads > 1 or about.ends_worker or target == "torch" else 0
    switches = {name: on for name, on in case.switches if not (name == "mkldnn" and on)}
    layouts = {"x": case.x_layout, "w": case.w_layout, "grad": case.grad_layout}
    found = PastedCall(
        target,
        call,
        case.dims,
        case.dtype,
        passed,
        case.steps(),
        layouts,
        case.device,
        switches,
        threads,
        case.gradients and about.forward,
        surface,
    )
    return found if found.size <= MOST_NUMBERS else None


def _without_values(target: str, call: str, case: Case) -> PastedCall:
    x = (case.batch, case.in_channels, *case.size) if case.batch else (case.in_channels, *case.size)
    w = (case.in_channels, case.out_channels // case.groups, *case.kernel_size)
    shapes = {"x": x, "w": w} | ({"bias": (case.out_channels,)} if case.bias else {})
    return PastedCall(target, call, case.dims, case.dtype, shapes, case.steps(), device=case.device)


def snippet(
    target: str, call: str, finding: Finding, engine: str = "torch", surface: str = "eager"
) -> str:
    """The smallest case in plain torch, for an issue; "" if it is too large."""
    written = call_of(target, call, finding, surface) if engine == "torch" else None
    if written is None:
        return ""
    lines, kind = written.lines(), finding.kind
    if kind == "mutated input":
        return "\n".join(guarded(lines, written, "print({})"))
    if kind == ILLEGAL or finding.case.device == "meta":
        return "\n".join([*lines, "print(y.shape)"])
    if not finding.where:
        return "\n".join([*lines, *FAULT_KINDS[kind].prints(written)])
    expected = finding.results.get("exact")
    told = f"  # exact: {expected}" if expected else ""
    if kind == "non-finite":  # exact results have no inf or nan
        told = f"  # {finding.where} must be {finding.expected}"
    elif not expected:
        told = f"  # {finding.where}: exact {finding.expected}"
    return "\n".join([*lines, f"print({LEAVES[finding.result]}.flatten().tolist()){told}"])


def asserting(target: str, call: str, finding: Finding, surface: str = "eager") -> str:
    """The smallest case with an assertion that fails now and passes for a correct implementation.

    "" if the finding refutes nothing or the call is too large to be written out.
    """
    written = call_of(target, call, finding, surface)
    if written is None or not finding.refutes:
        return ""
    lines, kind, case = written.lines(), finding.kind, finding.case
    if kind == ILLEGAL:
        last = next(n for n, line in enumerate(lines) if line.startswith(("y = ", "f = ", "m = ")))
        body = [f"    {line}" for line in lines[last:]]
        return "\n".join(
            [
                *lines[:last],
                "try:",
                *body,
                "except Exception:",
                "    pass",
                "else:",
                "    raise AssertionError(y.shape)",
            ]
        )
    if kind == "mutated input":
        return "\n".join(guarded(lines, written, "assert {}"))
    if not finding.where:
        shape = case.geometry().output_shape
        shape = (case.batch, *shape) if case.batch else shape
        return "\n".join([*lines, *FAULT_KINDS[kind].asserts(written, shape)])
    unbatched = not case.batch and finding.result in ("output", "grad_input")
    index = ", ".join(map(str, finding.index[1:] if unbatched else finding.index))
    part = (".real", ".imag")[finding.part] if case.dtype.startswith("complex") else ""
    actual = f"{LEAVES[finding.result]}[{index}]{part}.item()"
    lines.append(f"actual = {actual}")
    expected, seen = float(finding.expected), float(finding.actual)
    if not math.isfinite(expected):
        test = "actual != actual" if math.isnan(expected) else f'actual == float("{expected}")'
        return "\n".join([*lines, f"assert {test}, actual"])
    if not math.isfinite(seen):
        return "\n".join([*lines, "assert abs(actual) < float('inf'), actual"])
    if case.dtype in INTEGER:
        return "\n".join([*lines, f"assert actual == {finding.expected}, actual"])
    # half of the error seen is far above the bound, so rounding cannot fail this test
    allowed = abs(seen - expected) / 2
    return "\n".join([*lines, f"assert abs(actual - {expected!r}) <= {allowed!r}, actual"])


SECONDS = 120


def pytest_module(results: Sequence[CampaignResult]) -> str:
    """A pytest module with one test per finding.

    Each test runs in its own process, so that crashes and backend switches do not affect others.
    """
    seeds = ", ".join(dict.fromkeys(f"{r.work.target} with seed {r.work.seed}" for r in results))
    head = (
        f'"""Regression tests from campaigns of symconv over {seeds}."""\n\n'
        "import subprocess\nimport sys\n\n\n"
        "def run(code):\n"
        "    code += \"\\nprint('reached the end')\"\n"
        f'    done = subprocess.run([sys.executable, "-c", code], timeout={SECONDS}, text=True,\n'
        "                          capture_output=True)\n"
        '    assert "reached the end" in done.stdout, done.stderr[-2000:]\n'
        "    assert done.returncode == 0\n"
    )
    tests = [_test(result, finding) for result in results for finding in result.findings]
    tests = [test for test in tests if test]
    if not tests:
        return f"{head}\n\n# No finding can be written out, so there is nothing to test.\n"
    return head + "\n\n" + "\n\n\n".join(tests) + "\n"


def _test(result: CampaignResult, finding: Finding) -> str:
    code = asserting(result.work.target, result.work.call, finding, result.work.surface)
    if not code:
        return ""
    name = re.sub(r"\W+", "_", f"{finding.kind} {finding.case}").strip("_").lower()[:70]
    cause = finding.cause[:80].replace("\\", "/").replace('"""', "'''").rstrip('"')
    lines = ",\n        ".join(repr(line) for line in code.splitlines())
    return (
        f'def test_{name}_{finding.id}():\n    """{cause}"""\n'
        f'    run("\\n".join([\n        {lines},\n    ]))'
    )
