"""`symconv prove`."""

from __future__ import annotations

from functools import partial

import click

from symconv.cli import options, writing
from symconv.cli.verbs import VERBS
from symconv.core.errors import ParseError


@click.command(
    cls=options.Verb,
    help=VERBS["prove"] + "\n\nWithout arguments, the whole library is checked by the kernel. A "
    "NAME of the library shows its page; a FILE of yours is decided: proved with a certificate "
    "beside it, refuted with numbers, or undecided. A file is run as the program that it is.",
)
@click.argument("names", nargs=-1, metavar="[NAME|FILE.py]...")
@click.option("--search", is_flag=True, help="Seek certificates anew, also the library's.")
@click.option("--z3", is_flag=True, help="A second opinion on every obligation, by z3.")
@click.option("--rocq", is_flag=True, help="A third one, and the theory over sums, by Rocq.")
@click.option("--list", "listed", is_flag=True, help="The library's own page.")
@click.option(
    "--trusted", is_flag=True, help="The files that a kernel proof relies on, and their lines."
)
@click.option("--at", help="FILE.py:NAME of a pair of functions, or of an Identity.")
@options.formats()
@click.pass_context
def command(
    ctx: click.Context,
    /,
    names: tuple[str, ...],
    search: bool,
    z3: bool,
    rocq: bool,
    listed: bool,
    trusted: bool,
    at: str | None,
    kind: str,
    output: str | None,
) -> None:
    """Check, decide, show."""
    from symconv.proof import overview
    from symconv.proof.prove import entries_of, prove
    from symconv.render.formats import render, render_all

    if trusted:
        if kind == "json":
            files = [{"file": name, "lines": n} for name, n in overview.trusted_files()]
            record = {"schema": "symconv/1", "verb": "prove", "trusted": files}
            writing.emit_json(record | {"lines": overview.trusted_lines()}, output)
        else:
            writing.emit(render(overview.trusted_page(), kind), output)
        ctx.exit(0)
    if at is not None:
        from symconv.cli.identity import show

        ctx.exit(show(at, kind, output))
    if listed:
        if any(name.endswith(".py") for name in names):
            raise ParseError("--list is the library's own page; leave the files out")
        writing.emit(render(overview.readme(entries_of(names, ())), kind), output)
        ctx.exit(0)
    watch = partial(click.echo, err=True)
    found = prove(*names, search=search, z3=z3, rocq=rocq, watch=watch)
    if kind == "json":
        writing.emit_json(found.to_json(), output)
    else:
        writing.emit(render_all(found.pages, kind), output)
    ctx.exit(found.outcome.exit_code)
