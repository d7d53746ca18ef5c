"""`symconv replay`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from symconv.cli import options, writing
from symconv.cli.verbs import VERBS
from symconv.core.errors import GeometryError, ParseError


@click.command(help=VERBS["replay"] + "\n\nThe target is loaded, which runs its module.")
@click.argument("file", type=click.Path())
@click.option("--target", help="Implementation to run instead of the one in the file.")
@click.option("--times", type=click.IntRange(1, 1000), default=1, help="Number of runs. [1]")
@click.option(
    "--case-seconds", type=options.Seconds(min=0.1), default=30.0, help="Time limit of a run. [30]"
)
@options.json_option
@options.output
@click.pass_context
def command(
    ctx: click.Context,
    /,
    file: str,
    target: str | None,
    times: int,
    case_seconds: float,
    as_json: bool,
    output: str | None,
) -> None:
    """Run a stored finding again, alone in a worker of its own."""
    from symconv.campaign.case import from_json, read_json
    from symconv.campaign.finding import finding_from_json
    from symconv.campaign.finding_snippet import ILLEGAL
    from symconv.campaign.operand_values import check_explicit
    from symconv.campaign.space import Space, on_paper_too
    from symconv.campaign.supervisor import Supervisor
    from symconv.campaign.worker import Work
    from symconv.results.evidence import CASE_OUTCOMES, DECLINED, UNDECIDED, Outcome
    from symconv.targets.conventions import CONVENTIONS
    from symconv.targets.engine import engines
    from symconv.targets.surfaces import SURFACES

    data = read_json(Path(file))
    if not isinstance(data, dict) or "case" not in data:
        raise ParseError(f"{file} is not a finding: an object with a case is required")
    case = from_json(data["case"])
    check_explicit(case)
    stored = finding_from_json(data) if "kind" in data else None
    try:
        case.geometry()
    except GeometryError as error:
        if stored is None or stored.kind != ILLEGAL:
            raise ParseError(f"{file}: not a valid case: {error}") from None
    named = target or data.get("target")
    call, algorithm = data.get("call", "torch"), data.get("algorithm", "any")
    if not isinstance(named, str) or str(call) not in CONVENTIONS:
        raise ParseError(f"{file} names no target; use --target module:callable")
    if algorithm not in ("any", "direct"):
        raise ParseError(f"{file}: algorithm is {str(algorithm)[:40]!r}; choose any or direct")
    if call == "paper" and (case.batch == 0 or not on_paper_too(case)):
        raise ParseError(f"{file}: --call paper takes one channel, stride 1, no padding, no bias")
    if case.device == "cuda":
        from symconv.targets import torchlib

        torchlib.devices("cuda")
    surface, engine = data.get("surface", "eager"), data.get("engine", "torch")
    if str(surface) not in SURFACES or str(engine) not in engines():
        raise ParseError(f"{file}: surface {str(surface)[:20]!r} or engine is not known")
    space = Space(device=case.device, switches=())
    work = Work(named, call, algorithm, space=space, surface=surface, engine=engine)
    with Supervisor(work, 1, case_seconds) as supervisor:
        results = [supervisor.alone_result(case, 1) for _ in range(times)]
    shown = [r.finding for r in results if r.finding is not None and r.finding.refutes]
    # another target is judged for itself; the same one by the fault that is in the file
    same = stored is None or target is not None
    alike = [f for f in shown if stored is None or stored.same_fault(f)]
    told = [*alike, *shown, *(r.finding for r in results if r.finding is not None)][:1]
    counts = {name: sum(r.outcome == name for r in results) for name in CASE_OUTCOMES}
    if shown:
        outcome = Outcome.REFUTED
    elif counts[UNDECIDED] + counts[DECLINED]:
        outcome = Outcome.UNDECIDED
    else:
        outcome = Outcome.HOLDS
    record: dict[str, Any] = {
        "schema": "symconv/1",
        "verb": "replay",
        "verdict": outcome.value,
        "evidence": None,
        "case": case.to_json(),
        "shown": len(alike) if not same else len(shown),
        "times": times,
        "counts": counts,
        "finding": told[0].to_json() if told else None,
    }
    if as_json:
        writing.emit_json(record, output)
    else:
        lines = [f"{named}: {case}"]
        runs = f"{times} {'run' if times == 1 else 'runs'}"
        reasons = list(dict.fromkeys(r.text for r in results if r.reason))
        if shown:
            f = told[0]
            lines.append(f"REFUTED in {len(shown)} of {times} runs: {f.kind}: {f.detail}")
            lines += [f"{f.where}: exact {f.expected}, actual {f.actual}"] if f.where else []
            lines += [f"raised at {f.frame}"] if f.frame else []
            if not same and stored is not None and len(alike) < len(shown):
                lines.append(
                    f"the stored fault, {stored.kind}: {stored.detail}, occurred in {len(alike)} "
                    f"of {runs}; the others show a different fault"
                )
        elif outcome is Outcome.UNDECIDED:
            said = f"{told[0].kind}: {told[0].detail}" if told else "; ".join(reasons)
            lines.append(f"UNDECIDED in {runs}: {said}")
        else:
            lines.append(f"not reproduced in {runs}: the case holds here")
        writing.emit("\n".join(lines) + "\n", output)
    ctx.exit(outcome.exit_code)
