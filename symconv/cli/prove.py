"""`symconv prove`."""

from __future__ import annotations

from functools import partial

import click

from symconv.cli import options, writing
from symconv.cli.verbs import VERBS
from symconv.core.errors import ParseError


@click.command(
    cls=options.Verb,
    help=VERBS["prove"] + "\n\nWithout arguments, the kernel checks the whole library. For a NAME "
    "of the library, its page is shown. A FILE of yours is run as a Python program, and its "
    "identities are proved, with a certificate next to it, refuted with numbers, or undecided.",
)
@click.argument("names", nargs=-1, metavar="[NAME|FILE.py]...")
@click.option("--search", is_flag=True, help="Search for certificates again, also the library's.")
@click.option("--z3", is_flag=True, help="Also check every obligation with z3.")
@click.option("--rocq", is_flag=True, help="Also check with Rocq, including the theory over sums.")
@click.option("--list", "listed", is_flag=True, help="Show the page of the library.")
@click.option(
    "--trusted",
    is_flag=True,
    help="Show the files that a kernel proof relies on, with line counts.",
)
@click.option("--at", help="Check FILE.py:NAME, a pair of functions or an Identity.")
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
            raise ParseError("--list shows the page of the library; leave the files out")
        writing.emit(render(overview.readme(entries_of(names, ())), kind), output)
        ctx.exit(0)
    watch = partial(click.echo, err=True)
    found = prove(*names, search=search, z3=z3, rocq=rocq, watch=watch)
    if kind == "json":
        writing.emit_json(found.to_json(), output)
    else:
        writing.emit(render_all(found.pages, kind), output)
    ctx.exit(found.outcome.exit_code)
