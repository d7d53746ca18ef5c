"""`symconv derive`."""

from __future__ import annotations

from typing import Any

import click

from symconv.cli import options, writing
from symconv.cli.verbs import VERBS
from symconv.core.errors import ParseError


@click.command(
    help=VERBS["derive"] + "\n\nFor x and for k, give a size (symbolic entries) or values."
)
@click.option("--x", "x", type=options.OperandType(), help="Values of the input, as for --k.")
@options.kernel
@options.sizes
@options.steps
@options.channels
@click.option("--batch", type=int, help="Batch size, if values do not determine it.")
@click.option("--bias", is_flag=True, help="Use a symbolic bias for each output channel.")
@click.option("--bias-values", type=options.OperandType(), help="Values of the bias: '[1,2]'.")
@options.dims
@click.option("--chapters", help=options.chapters_help())
@options.formats("svg")
@click.option(
    "--picture",
    type=options.figures(),
    default="ruler",
    help="With --format svg: the picture to draw. [ruler]",
)
@click.option("--standalone", is_flag=True, help="Write LaTeX as a complete article.")
@click.option("--self-check", is_flag=True, help="Read the page back and compare its equations.")
@click.option("--max-rows", type=int, help="Largest number of matrix rows shown. [24]")
@click.option("--max-cols", type=int, help="Largest number of columns shown. [as many as fit]")
@options.device
@click.pass_context
def command(ctx: click.Context, /, kind: str, output: str | None, **given: Any) -> None:
    """Derive, write the page, exit 1 if an oracle or torch disagrees."""
    from symconv.derivation.derivation import CHECK, NAMES, derive
    from symconv.render import latex
    from symconv.render.formats import formats, render

    if given["bias"] and given["bias_values"] is not None:
        raise ParseError("--bias gives symbols and --bias-values gives values; choose one")
    names = given.pop("chapters")
    chapters = tuple(names.split(",")) if names else NAMES
    if kind in ("html", "pdf") and not names:
        chapters = (*NAMES[:-1], "pictures", CHECK)
    picture = given.pop("picture")
    rows, columns = given.pop("max_rows"), given.pop("max_cols")
    standalone, checked = given.pop("standalone"), given.pop("self_check")
    values, letters = given.pop("bias_values"), given.pop("bias")
    given["output_padding"] = given["output_padding"] or 0
    derivation = derive(
        given.pop("x"),
        given.pop("k"),
        values if values is not None else (letters or None),
        chapters=chapters,
        device=given.pop("device"),
        **given,
    )
    page_limits = options.limits_of(latex.PAGE, rows, columns)
    page: str | bytes
    if kind == "svg":
        from symconv.derivation.pictures import PICTURES
        from symconv.render import svg

        page = svg.picture(PICTURES[picture](derivation.subject.geometry)) + "\n"
    elif kind == "json":
        page = writing.json_text(
            {**derivation.to_json(), "latex": derivation.to_latex(page_limits)}
        )
    elif kind == "latex" and standalone:
        page = derivation.to_latex(page_limits, standalone=True)
    else:
        own = options.limits_of(formats()[kind].limits, rows, columns)
        page = render(derivation.document, kind, own)
    writing.emit(page, output)
    if checked and not _reads_back(derivation, kind, page):
        ctx.exit(1)
    if kind == "svg":
        return
    if CHECK in chapters or kind == "json":
        outcome = derivation.verdict.outcome
        ctx.exit(outcome.exit_code if outcome.exit_code == 1 else 0)


def _reads_back(derivation: Any, kind: str, page: str | bytes) -> bool:
    from symconv.cli.selfcheck import self_check

    said, holds = self_check(derivation, kind, page if isinstance(page, str) else "")
    click.echo(said, err=True)
    return holds
