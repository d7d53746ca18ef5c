"""A finding as a regression test that needs torch and pytest alone."""

from __future__ import annotations

import re

from symconv.fuzz.campaign import Result
from symconv.fuzz.finding import Finding
from symconv.fuzz.pasted import snippet


def pytest_module(result: Result) -> str:
    """One test a finding; a death of the process runs in a process of its own."""
    tests = [_test(result, finding) for finding in result.findings]
    tests = [test for test in tests if test]
    head = (
        f'"""Regression tests for {result.work.target}, from a campaign of symconv with seed '
        f'{result.work.seed}."""\n\nimport subprocess\nimport sys\n\nimport torch\n'
    )
    if not tests:
        return f"{head}\n# No finding, so there is nothing to test.\n"
    return head + "\n\n" + "\n\n".join(tests) + "\n"


def _test(result: Result, finding: Finding) -> str:
    lines = snippet(result.work.target, result.work.call, finding).splitlines()
    if not lines:
        return ""
    name = re.sub(r"\W+", "_", f"{finding.kind} {finding.case}").strip("_").lower()[:70]
    told = f'    """{finding.cause[:80]}"""'
    exact = finding.results.get("exact")
    if exact is None:
        body = "\n".join(lines)
        return (
            f"def test_{name}_{finding.id}():\n{told}\n"
            f"    code = {body!r}\n"
            "    done = subprocess.run([sys.executable, \"-c\", code], timeout=60)\n"
            "    assert done.returncode == 0"
        )  # fmt: skip
    shown = lines.pop()
    value = shown.partition("print(")[2].partition(".flatten()")[0]
    inner = "\n".join(f"    {line}" for line in lines if line != "import torch")
    wanted = ", ".join(f'float("{v}")' for v in exact)
    return (
        f"def test_{name}_{finding.id}():\n{told}\n{inner}\n"
        f"    exact = torch.tensor([{wanted}], dtype=torch.float64).reshape({value}.shape)\n"
        f"    torch.testing.assert_close({value}.double(), exact, rtol=1e-5, atol=0)"
    )
