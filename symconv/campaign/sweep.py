"""First stage of a campaign: small shapes traced on symbols, in a separate process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

SHAPES = 24
MOST_SECONDS = 60.0


def first_stage(target: str, call: str, dims: tuple[int, ...], seed: int, seconds: float) -> Any:
    """Counts from `symconv check --by symbolic --sweep`, or the reason why there are none.

    It runs in a separate process because the target may execute any code.
    """
    axes = str(dims[0]) if len(set(dims)) == 1 else "all"
    command = [
        sys.executable,
        "-m",
        "symconv",
        "check",
        target,
        "--by",
        "symbolic",
        "--sweep",
        str(SHAPES),
        "--seed",
        str(seed),
        "--call",
        call,
        "--json",
        *(() if call == "paper" else ("--dims", axes)),
    ]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=min(MOST_SECONDS, seconds),
            env={**os.environ, "NO_COLOR": "1"},
            check=False,
        )
        record = json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        return _ended(f"it did not end in {error.timeout:.0f} s")
    except ValueError:
        lines = done.stderr.strip().splitlines()
        return _ended(lines[-1] if lines else f"its process ended with code {done.returncode}")
    findings = record["findings"]
    wrong = [f for f in findings if f["verdict"] == "refuted"]
    return {
        "shapes": record["cases"],
        "identical": record["cases"] - len(findings),
        "refuted": len(wrong),
        "case": wrong[0]["case"] if wrong else "",
        "cause": wrong[0]["cause"] if wrong else findings[0]["cause"] if findings else "",
        "command": record["findings"][0]["command"] if findings else "",
    }


def _ended(cause: str) -> dict[str, Any]:
    """The record of a stage without any result."""
    return {"shapes": 0, "identical": 0, "refuted": 0, "case": "", "cause": cause, "command": ""}


def sentence(stage: dict[str, Any]) -> str:
    """The result of the stage as text."""
    if not stage["shapes"]:
        return f"Not followed on symbols: {stage['cause'].rstrip('.')}."
    said = (
        f"Followed on symbols first: {stage['identical']} of {stage['shapes']} shapes are "
        f"identical to the definition for every value, {stage['refuted']} are refuted"
    )
    if stage["refuted"]:
        return f"{said}. At {stage['case']}: {stage['cause'].rstrip('.')}."
    return (
        f"{said}; not decided this way: {stage['cause'].rstrip('.')}."
        if stage["cause"]
        else f"{said}."
    )
