"""`symconv doctor`."""

from __future__ import annotations

import json
import platform
from importlib import metadata
from typing import Any

import click

from symconv import __version__
from symconv.cli import options
from symconv.cli.verbs import VERBS

PACKAGES = {
    "sympy": "symbolic views, rank and null space",
    "numpy": "index arrays and fast exact sums",
    "scipy": "the search for new proofs; install it with: pip install 'symconv[prove]'",
    "z3-solver": "a second opinion on proofs; install it with: pip install 'symconv[prove]'",
    "torch": "the cross-check against ConvTranspose; install it with: pip install torch",
}
ENGINES = {
    "pdflatex": "PDF pages; install it with: apt-get install texlive-latex-base",
    "coqc": "Rocq's proofs; install it with: apt-get install coq libcoq-mathcomp-algebra",
}


@click.command(help=VERBS["doctor"])
@options.json_option
def command(as_json: bool) -> None:
    """What is here and what is not."""
    import shutil

    from symconv.targets import cuda, tf32, torchlib

    found = {"symconv": __version__, "python": platform.python_version()}
    missing: dict[str, str] = {}
    for name, use in PACKAGES.items():
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            missing[name] = use
    if torchlib.installed():
        found["devices"] = "cpu"
        if cuda.available():
            found["devices"] += ", cuda"
            found |= cuda.describe() | {"tf32": "on" if tf32.state().on else "off"}
        else:
            missing["cuda"] = "the cross-check on a GPU; torch sees no CUDA device on this machine"
    for name, use in ENGINES.items():
        path = shutil.which(name)
        if path:
            found[name] = path
        else:
            missing[name] = use
    known = _registries()
    if as_json:
        record: dict[str, Any] = {"schema": "symconv/1", "verb": "doctor", "verdict": None}
        record |= {"evidence": None, "found": found, "missing": missing, "registries": known}
        click.echo(json.dumps(record, indent=2))
        return
    for name, value in found.items():
        click.echo(f"found    {name:<10} {value}")
    for name, use in missing.items():
        click.echo(f"missing  {name:<10} would add {use}")
    for name, entries in known.items():
        click.echo(f"known    {name:<10} {', '.join(entries)}")


def _registries() -> dict[str, list[str]]:
    """The entries of the registries that can be extended, by what they are."""
    from symconv.core.dialects.foreign import dialects
    from symconv.exact.dtypes import DTYPES
    from symconv.render.formats import formats
    from symconv.targets.conventions import CONVENTIONS
    from symconv.targets.engine import engines
    from symconv.targets.surfaces import SURFACES

    found = {
        "formats": formats(),
        "dialects": dialects(),
        "dtypes": DTYPES,
        "engines": engines(),
        "surfaces": SURFACES,
        "calls": CONVENTIONS,
    }
    return {name: list(entries) for name, entries in found.items()}
