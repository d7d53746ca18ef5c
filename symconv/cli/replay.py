"""`symconv replay`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from symconv.cli import options, writing
from symconv.cli.verbs import VERBS
from symconv.errors import ParseError


@click.command(help=VERBS["replay"] + "\n\nThe target is loaded, which runs its module.")
@click.argument("file", type=click.Path())
@click.option("--target", help="Another implementation than the one in the file.")
@click.option("--times", type=click.IntRange(1, 1000), default=1, help="How often. [1]")
@click.option("--case-seconds", type=click.FloatRange(min=0.1), default=30.0, help="[30]")
@options.json_option
@options.output
@click.pass_context
def command(
    ctx: click.Context, /, file: str, target: str | None, times: int, case_seconds: float,
    as_json: bool, output: str | None,
) -> None:  # fmt: skip
    """Run a stored finding again, alone in a worker of its own."""
    from symconv.fuzz.casefile import from_json, read_json
    from symconv.fuzz.space import Space
    from symconv.fuzz.supervisor import Supervisor
    from symconv.fuzz.worker import Work

    data = read_json(Path(file))
    if not isinstance(data, dict) or "case" not in data:
        raise ParseError(f"{file} is no finding: an object with a case is needed")
    case = from_json(data["case"])
    named = target or data.get("target")
    call = data.get("call", "torch")
    if not isinstance(named, str) or call not in ("torch", "paper", "module"):
        raise ParseError(f"{file} names no target; way out: --target module:callable")
    if case.device == "cuda":
        from symconv.targets import torchlib

        torchlib.devices("cuda")
    work = Work(named, call, space=Space(device=case.device, switches=()))
    with Supervisor(work, 1, case_seconds) as supervisor:
        found = [supervisor.alone(case, 1) for _ in range(times)]
    shown = [finding for finding in found if finding is not None]
    record: dict[str, Any] = {
        "schema": "symconv/1",
        "verb": "replay",
        "verdict": "refuted" if shown else "holds",
        "evidence": None,
        "case": case.to_json(),
        "shown": len(shown),
        "times": times,
        "finding": shown[0].to_json() if shown else None,
    }
    if as_json:
        writing.emit_json(record, output)
    else:
        lines = [f"{named}: {case}"]
        if shown:
            f = shown[0]
            lines.append(f"REFUTED in {len(shown)} of {times} runs: {f.kind}: {f.detail}")
            if f.where:
                lines.append(f"{f.where}: exact {f.expected}, actual {f.actual}")
        else:
            lines.append(f"not shown in {times} {'run' if times == 1 else 'runs'}: it holds here")
        writing.emit("\n".join(lines) + "\n", output)
    ctx.exit(1 if shown else 0)
