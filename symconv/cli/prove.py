"""`symconv prove`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from symconv.cli import options, writing
from symconv.cli.verbs import VERBS
from symconv.core.errors import ParseError
from symconv.proof.library import Entry, Status

EXIT = {"proved": 0, "needs_engine": 0, "refuted": 1, "unproved": 3, "broken": 3}


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
    from symconv.proof import library, opinions, overview
    from symconv.render.formats import render, render_all

    if trusted:
        if kind == "json":
            files = [{"file": name, "lines": n} for name, n in overview.trusted_files()]
            record = {
                "schema": "symconv/1",
                "verb": "prove",
                "trusted": files,
                "lines": overview.trusted_lines(),
            }
            writing.emit_json(record, output)
        else:
            writing.emit(render(overview.trusted_page(), kind), output)
        ctx.exit(0)
    if at is not None:
        from symconv.cli.identity import show

        ctx.exit(show(at, kind, output))
    own = [Path(name) for name in names if name.endswith(".py")]
    known = {path.stem: path for path in library.files()}
    wanted = [name for name in names if not name.endswith(".py")]
    for name in wanted:
        if name not in known:
            raise ParseError(f"{name!r} is none of the library's; symconv prove --list names them")
    paths = own or [known[name] for name in wanted] or list(known.values())
    if len({path.stem for path in paths}) < len(paths):
        raise ParseError("two of the files have one name; decide them one by one")
    if listed and own:
        raise ParseError("--list is the library's own page; leave the files out")
    entries = [library.load(path) for path in paths]
    if listed:
        writing.emit(render(overview.readme(entries), kind), output)
        ctx.exit(0)
    if own and not wanted:
        found = [_own(entry, search) for entry in entries]
        if z3 or rocq:
            asked = ("proved", "needs_engine") if rocq else ("proved",)
            chosen = [e for e, s in zip(entries, found, strict=True) if s.status in asked]
            rest = iter(opinions.statuses(chosen, with_z3=z3, with_rocq=rocq))
            found = [next(rest) if s.status in asked else s for s in found]
    elif own:
        raise ParseError("names of the library and files of your own are decided one by one")
    else:
        if search:
            _rebuild(entries)
        found = opinions.statuses(entries, with_z3=z3, with_rocq=rocq)
    false = [] if own else opinions.twins(entries)
    # the library as a whole is good where an engine is missing; a statement asked for is not
    alone = bool(own or wanted)
    codes = [3 if alone and s.status == "needs_engine" else EXIT[s.status] for s in found]
    codes += [3 for _, seen in false if seen is None]
    worst = max(codes, key=(0, 3, 1).index)
    if kind == "json":
        writing.emit_json(_record(entries, found, false, worst), output)
    elif own:
        pages = [overview.decided(e, s) for e, s in zip(entries, found, strict=True)]
        writing.emit(render_all(pages, kind), output)
    elif wanted:
        pages = [_page(e, s) for e, s in zip(entries, found, strict=True)]
        writing.emit(render_all(pages, kind), output)
    else:
        writing.emit(render(overview.summary(entries, found, false), kind), output)
    ctx.exit(worst)


def _own(entry: Entry, search: bool) -> Status:
    """A user's file: its certificate if it is still good, else decided anew."""
    from symconv.proof.library import recheck
    from symconv.proof.proving import decide

    if entry.certificate.exists() and not search:
        found = recheck(entry)
        if found.status in ("proved", "refuted"):
            return found
        if found.status == "broken" and not found.stale:
            again = decide(entry, keep=False)
            if again.status != "proved":
                return again
            return replace(found, detail=f"{found.detail}; --search seeks another certificate")
    return decide(entry)


def _rebuild(entries: list[Entry]) -> None:
    """Certificates and instances of the library, found anew."""
    from symconv.proof import guards
    from symconv.proof.proving import decide

    for entry in entries:
        if not entry.only_rocq:
            status = decide(entry)
            click.echo(f"{entry.name}: {status.status} {status.seconds:.1f} s", err=True)
            path = guards.path_of(entry)
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(guards.record(entry)) + "\n")


def _page(entry: Entry, status: Status) -> Any:
    from symconv.proof import narrate, opinions, overview
    from symconv.proof.trusted import certificates
    from symconv.render.tree import Badge

    known = {} if entry.only_rocq else certificates.read(entry.certificate)
    false = [seen for _, seen in opinions.twins([entry])]
    told = f"At {false[0]}." if false and false[0] else ""
    by = f"checked by {', '.join(status.checkers)}" if status.checkers else status.detail
    return narrate.document(entry, known, Badge(overview.badge(status), by), told)


def _record(
    entries: list[Entry], found: list[Status], false: list[Any], worst: int
) -> dict[str, Any]:
    from symconv.proof import overview
    from symconv.results.evidence import Evidence, Semantics

    evidence = Evidence(
        "the statements whose status is proved",
        "all sizes",
        Semantics.RING,
        overview.method(found),
        overview.trusted(),
        "symconv prove --z3 --rocq, or numbers that break a statement",
    )
    return {
        "schema": "symconv/1",
        "verb": "prove",
        "verdict": {0: "holds", 1: "refuted", 3: "undecided"}[worst],
        "evidence": evidence.to_json(),
        "theorems": [
            {
                "name": s.name,
                "statement": e.title,
                "status": s.status,
                "badge": overview.badge(s),
                "parts": [overview.part_json(p) for p in e.parts],
                "rocq": overview.rocq_domain(e),
                "checkers": list(s.checkers),
                "seconds": round(s.seconds, 6),
                "detail": s.detail,
            }
            for e, s in zip(entries, found, strict=True)
        ],
        "refuted_twins": [
            {"beside": e.name, "claim": e.twin_says, "counterexample": seen and seen.values}
            for e, seen in false
        ],
    }
