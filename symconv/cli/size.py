"""`symconv size`."""

from __future__ import annotations

from typing import Any

import click

from symconv.cli import options
from symconv.cli.sizing import answer
from symconv.cli.verbs import VERBS


@click.command(help=VERBS["size"])
@options.sizes
@options.steps
@click.option("--want", type=options.Size(), help="An output size: what reaches it, and why not.")
@click.option(
    "--dialect",
    type=click.Choice(["torch", "onnx", "jax", "keras"]),
    default="torch",
    help="Whose words --pads is in. [torch]",
)
@click.option("--pads", help="The dialect's padding: SAME_UPPER, SAME, same, VALID, 1, '1,2'.")
@click.option("--check", is_flag=True, help="Compare with the shape that torch gives.")
@options.json_option
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """The law, axis by axis."""
    text, code = answer(**given)
    click.echo(text)
    ctx.exit(code)
