"""Certificates as files: data of strict form and limited size, whatever a hostile file holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from symconv.errors import ParseError
from symconv.proof.kernel import Poly

SCHEMA = "symconv-certificate/1"
MOST_BYTES = 2 * 1024**2
MOST_NUMBER = 10**12
MOST_TERMS = 500
MOST_FACTORS = 4
MOST_SPLIT = 30
MOST_DEGREE = 8
MOST_NESTED = 6


def read(path: Path) -> dict[str, Any]:
    """`{key of an obligation: certificate as the kernel reads it}`.

    Raises:
        ParseError: missing, too large, or not of the form.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ParseError(f"certificate {path} is larger than {MOST_BYTES} bytes")
        data = json.loads(path.read_text())
    except OSError as error:
        raise ParseError(f"certificate {path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise ParseError(f"certificate {path} is damaged: {str(error)[:120]}") from None
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise ParseError(f"certificate {path} is not of schema {SCHEMA!r}")
    parts = data.get("obligations")
    if not isinstance(parts, dict) or len(parts) > MOST_TERMS:
        raise ParseError(f"certificate {path} holds no obligations, or too many")
    try:
        return {key: _certificate(part, 0) for key, part in parts.items()}
    except _Malformed as error:
        raise ParseError(f"certificate {path}: {error}") from None


class _Malformed(Exception):
    pass


def _certificate(data: Any, depth: int) -> dict[str, Any]:
    if not isinstance(data, dict) or depth > MOST_NESTED:
        raise _Malformed("a certificate is an object, not nested more than a few times")
    if set(data) == {"ge", "le"}:
        return {name: _certificate(data[name], depth + 1) for name in ("ge", "le")}
    if set(data) == {"split", "pos", "neg"}:
        parts = {name: _certificate(data[name], depth + 1) for name in ("pos", "neg")}
        where = _poly(data["split"])
        if len(where) > MOST_SPLIT:
            raise _Malformed(f"a split is on a polynomial of at most {MOST_SPLIT} terms")
        return {"split": where, **parts}
    if set(data) == {"products", "equalities"}:
        return {
            "products": [_product(item) for item in _list(data["products"])],
            "equalities": [_equality(item) for item in _list(data["equalities"])],
        }
    raise _Malformed(f"the fields {str(sorted(map(str, data)))[:80]} are not a certificate's")


def _list(data: Any) -> list[Any]:
    if not isinstance(data, list) or len(data) > MOST_TERMS:
        raise _Malformed(f"a list of at most {MOST_TERMS} is needed")
    return data


def _whole(value: Any, least: int, most: int = MOST_NUMBER) -> int:
    if type(value) is not int or not least <= value <= most:
        raise _Malformed(f"{str(value)[:30]} is no whole number {least}..{most}")
    return value


def _product(item: Any) -> tuple[int, tuple[int, ...]]:
    if not isinstance(item, list) or len(item) != 2 or not isinstance(item[1], list):
        raise _Malformed("a product is [factor, [places]]")
    if not 1 <= len(item[1]) <= MOST_FACTORS:
        raise _Malformed(f"a product has 1 to {MOST_FACTORS} hypotheses")
    return _whole(item[0], 0), tuple(_whole(place, 0, MOST_TERMS) for place in item[1])


def _equality(item: Any) -> tuple[Poly, int]:
    if not isinstance(item, list) or len(item) != 2:
        raise _Malformed("an equality is [polynomial, place]")
    return _poly(item[0]), _whole(item[1], 0, MOST_TERMS)


def _poly(data: Any) -> Poly:
    found = Poly()
    for term in _list(data):
        if not isinstance(term, list) or not 1 <= len(term) <= MOST_DEGREE + 1:
            raise _Malformed(f"a term is [coefficient, names], of degree {MOST_DEGREE} at most")
        coefficient, *names = term
        if not all(isinstance(name, str) and len(name) < 40 for name in names):
            raise _Malformed("a term's names are short texts")
        found = found + Poly({tuple(sorted(names)): _whole(coefficient, -MOST_NUMBER)})
    return found


def written(certificate: Mapping[str, Any]) -> dict[str, Any]:
    """A certificate as JSON values."""
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


def write(path: Path, theorem: str, parts: Mapping[str, Any]) -> None:
    """A file of one theorem's certificates, one a line.

    Raises:
        ParseError: it cannot be written.
    """
    lines = [f"  {json.dumps(key)}: {json.dumps(written(part))}" for key, part in parts.items()]
    body = ",\n".join(lines)
    text = (
        f'{{"schema": {json.dumps(SCHEMA)}, "theorem": {json.dumps(theorem)}, "obligations": {{\n'
        f"{body}\n}}}}\n"
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    except OSError as error:
        raise ParseError(f"certificate {path} cannot be written: {error.strerror}") from None
