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
@click.option(
    "--conv-input-size", type=options.SizeType(), help="Input size of the convolution, such as 3x3."
)
@options.steps
@options.channels
@options.dims
@click.option("--transpose", is_flag=True, help="Show W^T instead of W.")
@click.option("--check", is_flag=True, help="Compare with torch's convolution, tap by tap.")
@options.device
@options.formats("npz")
@click.option("--standalone", is_flag=True, help="Write LaTeX as a complete article.")
@click.option("--max-rows", type=int, help="Largest number of rows shown. [24]")
@click.option("--max-cols", type=int, help="Largest number of columns shown. [as many as fit]")
@click.pass_context
def command(ctx: click.Context, /, kind: str, output: str | None, **given: Any) -> None:
    """Unroll, write the matrix."""
    from symconv.derivation.matrix_page import read_matrix
    from symconv.render import latex
    from symconv.render.formats import formats, render
    from symconv.targets import torchlib

    rows, columns = given.pop("max_rows"), given.pop("max_cols")
    standalone, transpose = given.pop("standalone"), given.pop("transpose")
    checking, device = given.pop("check"), given.pop("device")
    devices = torchlib.devices(device) if checking else ()
    page = read_matrix(**given)
    check = page.check(devices) if checking else None
    if kind == "json":
        writing.emit_json(page.to_json(transpose, check), output)
    elif kind == "npz":
        data, rounded = page.to_npz(transpose)
        writing.emit(data, output)
        if rounded:
            click.echo(f"weights rounded to the nearest float64: {rounded}", err=True)
    elif kind == "latex" and standalone:
        limits = options.limits_of(latex.PAGE, rows, columns)
        writing.emit(latex.standalone(page.document(transpose, check), limits), output)
    else:
        limits = options.limits_of(formats()[kind].limits, rows, columns)
        writing.emit(render(page.document(transpose, check), kind, limits), output)
    if check is not None and check.outcome.exit_code == 1:
        ctx.exit(1)
