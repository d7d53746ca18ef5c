"""Findings as regression tests that need torch and pytest only."""

from __future__ import annotations

import re
from collections.abc import Sequence

from symconv.fuzz.campaign import Result
from symconv.fuzz.finding import Finding
from symconv.fuzz.pasted import asserting

SECONDS = 120


def pytest_module(results: Sequence[Result]) -> str:
    """One test a finding, each in a process of its own: deaths and switches harm no other."""
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
        return f"{head}\n\n# No finding that can be written out, so there is nothing to test.\n"
    return head + "\n\n" + "\n\n\n".join(tests) + "\n"


def _test(result: Result, finding: Finding) -> str:
    code = asserting(result.work.target, result.work.call, finding)
    if not code:
        return ""
    name = re.sub(r"\W+", "_", f"{finding.kind} {finding.case}").strip("_").lower()[:70]
    cause = finding.cause[:80].replace("\\", "/").replace('"""', "'''").rstrip('"')
    lines = ",\n        ".join(repr(line) for line in code.splitlines())
    return (
        f'def test_{name}_{finding.id}():\n    """{cause}"""\n'
        f'    run("\\n".join([\n        {lines},\n    ]))'
    )
