"""`symconv fuzz`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from symconv.cli import options, writing
from symconv.cli.verbs import VERBS
from symconv.core.errors import ParseError


@click.command(
    cls=options.Verb,
    help=VERBS["fuzz"] + "\n\nTARGET is torch, or module:callable as in symconv check. Loading it "
    "runs its module, in worker processes: crashes do not end the campaign, but the processes are "
    "not a sandbox.",
)
@click.argument("target")
@click.option(
    "--seconds", type=options.Seconds(min=0.1), help="Time limit. [60; none with --cases]"
)
@click.option("--cases", type=click.IntRange(min=1), help="Number of cases. [until the time limit]")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Seed of the random cases. [0]")
@click.option(
    "--workers", type=click.IntRange(1, 256), help="Number of processes. [CPU cores, at most 4]"
)
@click.option("--store", default="symconv-cases", help="Folder for the findings. [symconv-cases]")
@click.option("--resume", is_flag=True, help="Continue the last campaign with the same options.")
@click.option(
    "--known", type=click.Path(), help="File of signatures of findings that are only noted."
)
@click.option("--accept", is_flag=True, help="Also test that illegal parameters are rejected.")
@click.option("--device", default="cpu", help="cpu, cuda, meta, or several with commas. [cpu]")
@click.option("--dims", help="Numbers of spatial axes: 2 or 1,2,3. [1,2,3 for torch, else 2]")
@click.option(
    "--dtypes", help="Comma-separated dtypes. [all of the device for torch, else float32]"
)
@click.option(
    "--call",
    type=options.conventions(),
    help="Calling convention, as in symconv check. [module for classes of modules, else torch]",
)
@click.option(
    "--algorithm",
    type=click.Choice(["any", "direct"]),
    default="any",
    help="direct: the target forms each product once, so the strict bounds refute. [any]",
)
@click.option(
    "--unbatched/--batched", default=None, help="Also draw inputs without a batch axis. [for torch]"
)
@click.option(
    "--gradients/--no-gradients",
    default=None,
    help="Judge the backward pass too. [if there is one]",
)
@click.option(
    "--fail-on",
    type=click.Choice(["refuted", "undecided"]),
    default="refuted",
    help="undecided: exit with 3 if any case is undecided. [refuted]",
)
@click.option(
    "--case-seconds",
    type=options.Seconds(min=0.1),
    default=10.0,
    help="Time limit of one case; a hang is repeated with a longer one. [10]",
)
@click.option("--case-memory", type=options.Bytes(), help="Memory limit of a worker. [2G]")
@click.option(
    "--scheduler", help="dask.distributed scheduler: tcp://host:8786. [only this machine]"
)
@click.option(
    "--emit", type=click.Choice(["pytest"]), help="Write regression tests instead of a page."
)
@click.option("--surface", type=options.surfaces(), help="Surface that runs the target. [eager]")
@click.option("--engine", type=options.engines(), help="Library of the target's arrays. [torch]")
@options.formats("junit")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    target: str,
    kind: str,
    output: str | None,
    known: str | None,
    emit: str | None,
    **given: Any,
) -> None:
    """Run, report, exit by what was found."""
    from symconv.campaign.fuzz import fuzz
    from symconv.render.formats import formats, render_all

    asked = options.typed(ctx, given)
    count = asked.get("cases")
    found = fuzz(target, known=_known(known), watch=lambda seconds: _Watch(seconds, count), **asked)
    if emit:
        writing.emit(found.to_pytest(), output)
    elif kind == "json":
        writing.emit_json(found.to_json(), output)
    elif kind == "junit":
        writing.emit(found.to_junit(), output)
    else:
        pages = found.pages(pictures=formats()[kind].pictures)
        writing.emit(render_all(pages, kind), output)
    ctx.exit(found.outcome.exit_code)


def _known(path: str | None) -> tuple[str, ...]:
    """Signatures, one per line; # begins a comment.

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
            click.echo(f"symconv fuzz: continuing after {tally.cases:,} cases", err=True)
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
