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
@options.formats("text", "latex", "markdown", "json")
@click.option("--standalone", is_flag=True, help="LaTeX as an article of its own.")
@click.option("--max-rows", type=int, help="Rows before dots. [24]")
@click.option("--max-cols", type=int, help="Columns before dots. [as many as fit]")
@options.json_option
@options.output
def command(kind: str, as_json: bool, output: str | None, **given: Any) -> None:
    """Unroll, write the matrix."""
    from symconv.derivation.matrixpage import read_matrix
    from symconv.document import latex, markdown, text

    rows, columns = given.pop("max_rows"), given.pop("max_cols")
    standalone, transpose = given.pop("standalone"), given.pop("transpose")
    page = read_matrix(**given)
    limits = options.limits_of(latex.PAGE, rows, columns)
    if as_json or kind == "json":
        writing.emit_json(page.to_json(transpose), output)
    elif kind == "text":
        screen = options.limits_of(text.SCREEN, rows, columns)
        writing.emit(text.page(page.document(transpose), screen), output)
    elif kind == "markdown":
        writing.emit(markdown.page(page.document(transpose), limits), output)
    else:
        writer = latex.standalone if standalone else latex.fragment
        writing.emit(writer(page.document(transpose), limits), output)
