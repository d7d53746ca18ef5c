"""`symconv fuzz`."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import click

from symconv.cli import options, writing
from symconv.cli.campaigns import written
from symconv.cli.verbs import VERBS
from symconv.core.errors import ParseError

LEAST_MEMORY = 64 * 1024**2
CPU_DTYPES = ("float32", "float64", "float16", "bfloat16", "complex64", "complex128", "int64")


@click.command(
    cls=options.Verb,
    help=VERBS["fuzz"] + "\n\nTARGET is torch, or module:callable as in symconv check. Loading it "
    "runs its module, in worker processes that keep a campaign alive and are no sandbox.",
)
@click.argument("target")
@click.option("--seconds", type=options.Seconds(min=0.1), help="How long. [60, or as --cases]")
@click.option("--cases", type=click.IntRange(min=1), help="How many. [as many as fit the time]")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Of all cases. [0]")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes. [the cores, 4 at most]")
@click.option("--store", default="symconv-cases", help="Folder of the findings. [symconv-cases]")
@click.option("--resume", is_flag=True, help="Go on with the last campaign of the same options.")
@click.option("--known", type=click.Path(), help="File of signatures that are only noted.")
@click.option("--accept", is_flag=True, help="Illegal parameters too: are they refused?")
@click.option("--device", default="cpu", help="cpu, cuda, meta, or several with commas. [cpu]")
@click.option("--dims", help="Spatial axes, as 2 or 1,2,3. [1,2,3 for torch, else 2]")
@click.option("--dtypes", help="With commas. [all of the device for torch, else float32]")
@click.option(
    "--call",
    type=click.Choice(["torch", "paper", "module"]),
    help="As in symconv check. [module for classes of modules, else torch]",
)
@click.option(
    "--algorithm",
    type=click.Choice(["any", "direct"]),
    default="any",
    help="direct: every product is formed once, so the sharp bounds refute. [any]",
)
@click.option("--unbatched/--batched", default=None, help="Without a batch axis, too. [for torch]")
@click.option(
    "--gradients/--no-gradients", default=None, help="The backward pass too. [where there is one]"
)
@click.option(
    "--fail-on",
    type=click.Choice(["refuted", "undecided"]),
    default="refuted",
    help="undecided: exit with 3 where any case is undecided. [refuted]",
)
@click.option(
    "--case-seconds",
    type=options.Seconds(min=0.1),
    default=10.0,
    help="Limit of one case; a hang is run again with more. [10]",
)
@click.option("--case-memory", type=options.Bytes(), help="Limit of a worker, as 2G. [2G]")
@click.option("--scheduler", help="Of dask.distributed, as tcp://host:8786. [this machine alone]")
@click.option("--emit", type=click.Choice(["pytest"]), help="Regression tests instead of a page.")
@options.formats("junit")
@click.pass_context
def command(
    ctx: click.Context, /, target: str, kind: str, output: str | None, **given: Any
) -> None:
    """Run, report, exit by what was found."""
    from dataclasses import replace

    from symconv.campaign import campaign
    from symconv.campaign import campaign_page as report
    from symconv.campaign.sweep import first_stage
    from symconv.targets import torchlib

    known = _known(given["known"])
    torchlib.load()
    seconds = given["seconds"]
    if seconds is None and given["cases"] is None:
        seconds = 60.0
    results = []
    client = None
    if given["scheduler"] is not None:
        from symconv.campaign.scale import connect

        client = connect(given["scheduler"])
    devices = _devices(given["device"])
    begun, symbolic = time.monotonic(), None
    # a campaign of a number of cases is the same everywhere; one of a time starts on letters
    timed = given["cases"] is None and not (given["resume"] or given["accept"] or client)
    if timed and seconds and target != "torch" and devices == ["cpu"]:
        work = _work(target, given, "cpu")
        symbolic = first_stage(target, work.call, work.space.dims, given["seed"], seconds / 2)
        seconds = max(1.0, seconds - (time.monotonic() - begun))
    for device in devices:
        work = _work(target, given, device)
        folder = Path(given["store"]) if len(devices) == 1 else Path(given["store"]) / device
        with _Watch(seconds, given["cases"]) as watch:
            results.append(
                campaign.run(
                    work,
                    folder,
                    seconds=None if seconds is None else seconds / len(devices),
                    workers=given["workers"] or min(4, os.cpu_count() or 1),
                    resume=given["resume"],
                    known=known,
                    case_seconds=given["case_seconds"],
                    watch=watch,
                    runner=_runner(client, given["case_seconds"]),
                    fail_on_undecided=given["fail_on"] == "undecided",
                )
            )
    results[0] = replace(results[0], symbolic=symbolic)
    outcomes = [report.outcome(result) for result in results]
    writing.emit(written(results, kind, given), output)
    ctx.exit(max((o.exit_code for o in outcomes), key=(0, 3, 1).index))


def _runner(client: Any, case_seconds: float) -> Any:
    if client is None:
        return lambda supervisor: supervisor.batches
    from symconv.campaign.scale import over

    return over(client, case_seconds)


def _devices(text: str) -> list[str]:
    from symconv.targets import torchlib

    found = list(dict.fromkeys(text.split(",")))
    for device in found:
        if device not in ("cpu", "cuda", "meta"):
            raise ParseError(f"--device {device!r} is not known; there are cpu, cuda and meta")
        if device == "cuda":
            torchlib.devices("cuda")
    return found


def _work(target: str, given: dict[str, Any], device: str) -> Any:
    """What the workers are told.

    Raises:
        ParseError: an unknown dtype or number of axes.
    """
    from symconv.campaign.space import Space
    from symconv.campaign.worker import Work

    torch_itself = target == "torch"
    dtypes = (
        tuple((given["dtypes"] or "").split(","))
        if given["dtypes"]
        else (
            CPU_DTYPES
            if torch_itself and device == "cpu"
            else CPU_DTYPES[:-1]
            if torch_itself and device == "cuda"
            else ("float32",)
        )
    )
    for dtype in dtypes:
        if dtype not in CPU_DTYPES:
            raise ParseError(f"--dtypes {dtype!r} is not known; there are {', '.join(CPU_DTYPES)}")
    text = given["dims"] or ("1,2,3" if torch_itself else "2")
    if not set(text.split(",")) <= {"1", "2", "3"}:
        raise ParseError(f"--dims {text!r}: 1, 2, 3 or several with commas are needed")
    dims = tuple(int(n) for n in text.split(","))
    if dims == (1, 2, 3):
        dims = (2, 2, 2, 1, 3)
    switches = {
        "cpu": ("mkldnn",),
        "cuda": ("benchmark", "cudnn", "deterministic", "tf32"),
        "meta": (),
    }[device]
    memory = given["case_memory"] or 2 * 1024**3
    if memory < LEAST_MEMORY:
        raise ParseError(
            "--case-memory is what a worker may take above what torch itself needs: 64M at least"
        )
    call = given["call"] or _call_of(target)
    paper = call == "paper"
    if paper and dims != (2,):
        raise ParseError("--call paper passes matrices: leave --dims out")
    space = Space(
        dims=dims,
        dtypes=dtypes,
        device=device,
        switches=switches if torch_itself else (),
        gradients=given["gradients"] is not False,
        illegal=given["accept"] and not paper,
        unbatched=(torch_itself if given["unbatched"] is None else given["unbatched"])
        and not paper,
        layouts=not paper,
        paper=paper,
    )
    return Work(
        target,
        call,
        given["algorithm"],
        memory,
        space,
        given["seed"],
        given["cases"],
        (str(Path.cwd()),),
        bool(given["gradients"]),
    )


def _call_of(target: str) -> str:
    """`module` for classes of modules; the target is loaded to see, as in `check`."""
    if target == "torch":
        return "torch"
    from symconv.targets.resolve import is_module_class, resolve

    return "module" if is_module_class(resolve(target)) else "torch"


def _known(path: str | None) -> tuple[str, ...]:
    """Signatures, one a line; # begins a comment.

    Raises:
        ParseError: the file cannot be read.
    """
    if path is None:
        return ()
    try:
        lines = Path(path).read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ParseError(f"--known {path!r} cannot be read: {error}") from None
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))


class _Watch:
    """Progress on stderr: a live line on a terminal, plain lines now and then elsewhere."""

    def __init__(self, seconds: float | None, cases: int | None) -> None:
        self.seconds, self.cases, self.next = seconds, cases, 10.0
        self._status: Any = None

    def __enter__(self) -> _Watch:
        if sys.stderr.isatty():
            from rich.console import Console

            self._status = Console(stderr=True).status("starting workers")
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

    def __call__(self, tally: Any) -> None:
        """Tell how far it is."""
        if not tally.seconds:  # a campaign that goes on
            click.echo(f"symconv fuzz: goes on after {tally.cases:,} cases", err=True)
            return
        goal = f" of {self.cases:,}" if self.cases else ""
        limit = f" of {self.seconds:.0f}" if self.seconds else ""
        line = (
            f"{tally.cases:,}{goal} cases, {tally.seconds:.0f}{limit} s, "
            f"{tally.raw} raw findings, {tally.deaths} workers replaced"
        )
        if self._status is not None:
            self._status.update(line)
        elif tally.seconds >= self.next:
            click.echo(f"symconv fuzz: {line}", err=True)
            self.next = tally.seconds + 10.0
