"""`symconv size`."""

from __future__ import annotations

from typing import Any

import click

from symconv.cli import options, writing
from symconv.cli.verbs import VERBS


@click.command(help=VERBS["size"])
@options.sizes
@options.steps
@click.option(
    "--want",
    type=options.SizeType(),
    help="Show which parameters reach this output size, or why none does.",
)
@click.option(
    "--dialect", type=options.dialects(), default="torch", help="Framework of --pads. [torch]"
)
@click.option("--pads", help="Padding of the dialect: SAME_UPPER, SAME, same, VALID, 1, '1,2'.")
@click.option("--check", is_flag=True, help="Compare with the shape that torch returns.")
@options.json_option
@click.pass_context
def command(ctx: click.Context, /, as_json: bool, **given: Any) -> None:
    """Print the size law with these numbers, axis by axis."""
    from symconv.derivation.sizing import size

    found = size(**given)
    if as_json:
        writing.emit_json(found.to_json(), None)
    else:
        writing.emit(found.to_text(), None)
    ctx.exit(found.verdict.exit_code)
