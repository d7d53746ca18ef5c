"""Run every step on the stand-in, and again for each fault in the step that must name it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from tests.cuda.__main__ import run_step
from tests.cuda.files import read_json
from tests.cuda.steps import STEPS

SECONDS = 60.0


@dataclass(frozen=True)
class Expected:
    """The step that must notice a fault, and how it must report it.

    Attributes:
        step: name of the step.
        named: whether a record names the fault.
    """

    step: str
    named: Callable[[dict[str, Any]], bool]


def _finding(record: dict[str, Any], name: str, words: str) -> bool:
    return any(words in str(f.get(name, "")) for f in record.get("findings", []))


FAULTS = {
    "sticky": Expected("campaign", lambda r: _finding(r, "detail", "the device was lost")),
    "memory": Expected(
        "checks",
        lambda r: r["verdict"] == "undecided" and _finding(r, "message", "CUDA out of memory"),
    ),
    "tf32": Expected(
        "rounding",
        lambda r: r["verdict"] == "refuted" and "TF32 although TF32 is off" in r.get("cause", ""),
    ),
    "channels_last": Expected(
        "checks",
        lambda r: (
            r["verdict"] == "refuted"
            and "channels last" in r["what"]
            and _finding(r, "kind", "grad_input")
        ),
    ),
    "sum": Expected(
        "repeats", lambda r: r["verdict"] == "refuted" and "not deterministic" in r.get("cause", "")
    ),
}


def rehearse_all(output: Path, only: tuple[str, ...]) -> int:
    """The exit code: 0 if every step ended well and named each of its faults."""
    began, wrong = time.monotonic(), []
    for step in STEPS:
        if only and step.name not in only:
            continue
        path = output / f"{step.name}.json"
        ended = run_step(step.name, path, SECONDS, fault="")
        record = read_json(path)
        found = [r for r in record["records"] if r["verdict"] == "refuted"]
        if ended != "complete":
            wrong.append(f"{step.name}: {ended}")
        if found:
            wrong.append(f"{step.name}: {found[0]['what']} is refuted on a faultless device")
        if record.get("switches left moved"):
            wrong.append(f"{step.name} leaves {', '.join(record['switches left moved'])} moved")
    for fault, expected in FAULTS.items():
        if only and expected.step not in only:
            continue
        path = output / f"{expected.step}-{fault}.json"
        run_step(expected.step, path, SECONDS, fault=fault)
        if any(map(expected.named, read_json(path)["records"])):
            click.echo(f"{fault}: named by {expected.step}")
        else:
            wrong.append(f"{fault} is not named by {expected.step}")
    for line in wrong:
        click.echo(f"WRONG: {line}")
    click.echo(f"rehearsed in {time.monotonic() - began:.0f} s; nothing here is a measurement")
    return 1 if wrong else 0
