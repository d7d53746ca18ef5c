"""`python -m tests.cuda`: run every step in its own process and write its results as it ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import click

from tests.cuda.files import SCHEMA, read_json, write_json
from tests.cuda.steps import STEPS

ROOT = Path(__file__).resolve().parents[2]
MOST_SECONDS = 480.0
GRACE = 5.0
NAMES = [step.name for step in STEPS]


@click.command()
@click.option("--list", "listed", is_flag=True, help="The steps, and no more.")
@click.option("--only", multiple=True, type=click.Choice(NAMES), help="This step; may be repeated.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default="cuda-results",
    help="Folder of the results. [cuda-results]",
)
@click.option("--rehearse", is_flag=True, help="On the CPU, with a stand-in for the device.")
def main(listed: bool, only: tuple[str, ...], output: Path, rehearse: bool) -> None:
    """Run all that is prepared for a GPU, at most 8 minutes; exit 0 when every step has ended."""
    if listed:
        for step in STEPS:
            click.echo(f"{step.name:<10} {step.seconds:>4.0f} s  {step.does}")
        return
    output.mkdir(parents=True, exist_ok=True)
    for name in ("triton", "jax"):
        if not _installed(name):
            click.echo(f"{name} is not installed; what needs it is left out")
    if rehearse:
        from tests.cuda.rehearsal import rehearse_all

        sys.exit(rehearse_all(output, only))
    look = "import sys, torch; sys.exit(0 if torch.cuda.is_available() else 3)"
    if subprocess.run([sys.executable, "-c", look], check=False).returncode:
        click.echo("torch sees no CUDA device on this machine; --rehearse plays one", err=True)
        sys.exit(3)
    began, ended = time.monotonic(), []
    for step in STEPS:
        if only and step.name not in only:
            continue
        left = MOST_SECONDS - (time.monotonic() - began)
        ended.append(run_step(step.name, output / f"{step.name}.json", min(step.seconds, left)))
    click.echo(f"results in {output}; the page: python -m tests.cuda.report {output}")
    sys.exit(0 if all(word == "complete" for word in ended) else 1)


def _installed(name: str) -> bool:
    from importlib.util import find_spec

    return find_spec(name) is not None


def run_step(name: str, path: Path, seconds: float, *, fault: str | None = None) -> str:
    """Run a step and return how it ended: `complete`, `error`, or what ended its process.

    `fault` is the fault of the stand-in; None means the real device.
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *_paths()])}
    command = [
        sys.executable,
        "-m",
        "tests.cuda.step",
        name,
        str(path.resolve()),
        "--seconds",
        f"{seconds:.0f}",
    ]
    if fault is not None:
        site = str(Path(__file__).parent / "site")
        environment["PYTHONPATH"] = os.pathsep.join([site, environment["PYTHONPATH"]])
        environment |= {"SYMCONV_STANDIN": fault, "TRITON_INTERPRET": "1"}
        command.append("--rehearse")
    path.unlink(missing_ok=True)
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    how = ""
    try:
        code = process.wait(seconds + GRACE)
    except subprocess.TimeoutExpired:
        how = f"ended after its {seconds:.0f} s"
    finally:
        _end(process)
    record = read_json(path)
    if not how and record.get("ended") == "running":
        how = f"ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
    if how or not record:
        record = {
            "schema": SCHEMA,
            "step": name,
            "records": [],
            **record,
            "ended": how or f"ended with code {code}",
            "fault": fault or "",
            "rehearsal": fault is not None,
        }
        write_json(path, record)
    findings = [r for r in record["records"] if r["verdict"] == "refuted"]
    click.echo(
        f"{name:<10} {record['ended']:<12} {time.monotonic() - began:5.1f} s  "
        f"{len(record['records'])} results, {len(findings)} refuted"
    )
    return str(record["ended"])


def _paths() -> list[str]:
    return [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p]


def _end(process: subprocess.Popen) -> None:
    """Kill the step and all processes that it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


if __name__ == "__main__":
    main()
