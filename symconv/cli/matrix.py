"""`symconv matrix`."""

from __future__ import annotations

from typing import Any

import click

from symconv.cli import options, writing
from symconv.cli.verbs import VERBS


@click.command(
    help=VERBS["matrix"] + "\n\nRows are the convolution's outputs, columns its inputs; the "
    "transposed convolution is W^T."
)
@options.kernel
@options.sizes
@click.option("--conv-input-size", type=options.Size(), help="What the convolution reads, 3x3.")
@options.steps
@options.channels
@options.dims
@click.option("--transpose", is_flag=True, help="W^T instead of W.")
@click.option("--check", is_flag=True, help="Compare with torch's convolution, tap by tap.")
@options.device
@options.formats("text", "latex", "markdown", "html", "ipynb", "pdf", "npz", "json")
@click.option("--standalone", is_flag=True, help="LaTeX as an article of its own.")
@click.option("--max-rows", type=int, help="Rows before dots. [24]")
@click.option("--max-cols", type=int, help="Columns before dots. [as many as fit]")
@options.json_option
@options.output
@click.pass_context
def command(
    ctx: click.Context, /, kind: str, as_json: bool, output: str | None, **given: Any
) -> None:
    """Unroll, write the matrix."""
    from symconv.derivation.matrix_page import read_matrix
    from symconv.render import html, latex, text
    from symconv.render.writers import written
    from symconv.targets import torchlib

    writing.require_file("json" if as_json else kind, output)
    rows, columns = given.pop("max_rows"), given.pop("max_cols")
    standalone, transpose = given.pop("standalone"), given.pop("transpose")
    checking, device = given.pop("check"), given.pop("device")
    devices = torchlib.devices(device) if checking else ()
    page = read_matrix(**given)
    check = page.check(devices) if checking else None
    limits = options.limits_of(latex.PAGE, rows, columns)
    if as_json or kind == "json":
        writing.emit_json(page.to_json(transpose, check), output)
    elif kind == "text":
        screen = options.limits_of(text.SCREEN, rows, columns)
        writing.emit(text.page(page.document(transpose, check), screen), output)
    elif kind == "npz":
        data, rounded = page.to_npz(transpose)
        writing.emit(data, output)
        if rounded:
            click.echo(f"{rounded} weights are rounded to the nearest float64", err=True)
    elif kind in ("markdown", "html", "ipynb", "pdf"):
        own = options.limits_of(html.SCREEN, rows, columns) if kind == "html" else limits
        writing.emit(written(page.document(transpose, check), kind, own), output)
    else:
        writer = latex.standalone if standalone else latex.fragment
        writing.emit(writer(page.document(transpose, check), limits), output)
    if check is not None and check.outcome.exit_code == 1:
        ctx.exit(1)
