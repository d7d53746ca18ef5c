"""Writing certificates to files; `trusted.certificates` reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from symconv.core.errors import ParseError
from symconv.proof.trusted.certificates import SCHEMA
from symconv.proof.trusted.kernel import Poly


def written(certificate: Mapping[str, Any]) -> dict[str, Any]:
    """The certificate as JSON values."""
    if "ge" in certificate:
        return {name: written(certificate[name]) for name in ("ge", "le")}
    if "split" in certificate:
        parts = {name: written(certificate[name]) for name in ("pos", "neg")}
        return {"split": _terms(certificate["split"]), **parts}
    return {
        "products": [[factor, list(places)] for factor, places in certificate["products"]],
        "equalities": [[_terms(p), place] for p, place in certificate["equalities"]],
    }


def _terms(poly: Poly) -> list[list[Any]]:
    return [[c, *m] for m, c in sorted(poly.items())]


def file_text(theorem: str, parts: Mapping[str, Any]) -> str:
    """The text of a certificate file: the certificates of one theorem by key, one per line."""
    lines = [f"  {json.dumps(key)}: {json.dumps(written(part))}" for key, part in parts.items()]
    body = ",\n".join(lines)
    return (
        f'{{"schema": {json.dumps(SCHEMA)}, "theorem": {json.dumps(theorem)}, "obligations": {{\n'
        f"{body}\n}}}}\n"
    )


def write(path: Path, text: str) -> None:
    """Write a certificate file, and create its folder if needed.

    Raises:
        ParseError: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    except OSError as error:
        raise ParseError(f"certificate {path} cannot be written: {error.strerror}") from None
