"""`symconv tour`."""

from __future__ import annotations

from pathlib import Path

import click

from symconv.cli import options, writing
from symconv.cli.verbs import VERBS
from symconv.core.errors import ParseError
from symconv.documents import audit_report as report
from symconv.documents.document import read_document


@click.command(help=VERBS["tour"])
@click.option("-o", "--output", default="symconv-tour", help="Folder for the pages. [symconv-tour]")
@options.device
@options.json_option
@click.pass_context
def command(ctx: click.Context, /, output: str, device: str, as_json: bool) -> None:
    """Judge every claim, print the table, write the pages; exit 1 if any verdict is wrong."""
    from symconv.notebook.tour_page import tour as take
    from symconv.render import html, latex, markdown, notebook, pdf, text
    from symconv.targets import torchlib

    torchlib.devices(device)
    if not output:
        raise ParseError("-o is empty; name a folder for the pages")
    folder = Path(output)
    writing.prepare_folder(folder)
    tour = take(device)
    source = latex.standalone(tour.document)
    pages = {
        "tour.txt": text.page(tour.document).encode(),
        "tour.md": markdown.page(tour.document).encode(),
        "tour.tex": source.encode(),
        "tour.html": html.page(tour.document).encode(),
        "tour.ipynb": notebook.page(tour.document).encode(),
    }
    note = ""
    if pdf.pdflatex() is None:
        note = f"no PDF: pdflatex is not installed; {pdf.INSTALL}"
    else:
        pages["tour.pdf"], _ = pdf.compile_latex(source)
    writing.write_files(folder, pages)
    audited = _audited(pages)
    told = f"Pages: {', '.join(str(folder / name) for name in pages)}"
    count = {word: audited.count(word) for word in ("right", "wrong", "doubtful")}
    clean = not count["wrong"] and not count["doubtful"]
    if as_json:
        writing.emit_json({**tour.to_json(), "pages_audited": count}, None)
    else:
        click.echo(text.table(tour.table))
        click.echo(f"\n{tour.summary}\nCross-checks: {tour.environment}.")
        told_count = ", ".join(f"{n} {word}" for word, n in count.items())
        click.echo(f"Equations and sizes on these pages, read back and judged: {told_count}.")
        if not clean:
            click.echo(report.text(audited))
    for line in filter(None, (told, note)):
        click.echo(line, err=as_json)
    ctx.exit(tour.outcome.exit_code or (0 if clean else 1))


def _audited(pages: dict[str, bytes]) -> report.Audit:
    """The pages judged as anybody's would be: nothing is known of how they were made."""
    kinds = (".md", ".tex", ".ipynb")
    read = [
        read_document(data.decode(), name) for name, data in pages.items() if name.endswith(kinds)
    ]
    return report.Audit(read)
