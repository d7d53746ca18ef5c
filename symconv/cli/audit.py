"""`symconv audit`."""

from __future__ import annotations

from typing import Any

import click

from symconv.cli import options
from symconv.cli.auditing import answer, printable
from symconv.cli.verbs import VERBS


@click.command(
    help=VERBS["audit"]
    + "\n\nFILES are Markdown, LaTeX, Jupyter notebooks or text, folders of them, or - for stdin."
)
@click.argument("names", metavar="FILES...", nargs=-1)
@click.option("-v", "--verbose", is_flag=True, help="List every claim, including the right ones.")
@click.option("--strict", is_flag=True, help="Exit 3 if anything is doubtful or not understood.")
@click.option("--run", is_flag=True, help="Execute the code and judge the printed outputs.")
@click.option(
    "--seconds",
    type=options.Seconds(min=0.1, max=3600),
    default=60.0,
    help="With --run: time limit for the code of one document. [60]",
)
@click.option("--macros", metavar="FILE", help="File of LaTeX macros that the documents use.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    help="Format of the report. [text]",
)
@options.json_option
@click.pass_context
def command(ctx: click.Context, /, as_json: bool, **given: Any) -> None:
    """Judge what documents claim; exit 1 if anything is wrong."""
    given["kind"] = "json" if as_json else given["kind"]
    text, code = answer(given.pop("names"), **given)
    click.echo(printable(text))
    ctx.exit(code)
