"""Reading certificate files, with strict checks of form and size: a file may be hostile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from symconv.proof.trusted.kernel import Poly
from symconv.proof.trusted.statement import Malformed

SCHEMA = "symconv-certificate/1"
MOST_BYTES = 2 * 1024**2
MOST_NUMBER = 10**12
MOST_TERMS = 500
MOST_FACTORS = 4
MOST_SPLIT = 30
MOST_DEGREE = 8
MOST_NESTED = 6


def read(path: Path) -> dict[str, Any]:
    """The certificates in a file: `{key of an obligation: certificate as the kernel reads it}`.

    Raises:
        Malformed: the file is missing, not a regular file, too large, or not of the right form.
    """
    try:
        if not path.is_file():
            raise Malformed(f"certificate {path} is not a file")
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise Malformed(f"certificate {path} cannot be read: {error.strerror}") from None
    return parsed(content, f"certificate {path}")


def parsed(content: bytes, what: str) -> dict[str, Any]:
    """The certificates in the content of a file; `what` is its name in error messages.

    Raises:
        Malformed: the content is too large or not of the right form.
    """
    if len(content) > MOST_BYTES:
        raise Malformed(f"{what} is larger than {MOST_BYTES} bytes")
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"{what} is not valid JSON: {ascii(str(error))[:120]}") from None
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise Malformed(f"{what} does not have schema {SCHEMA!r}")
    parts = data.get("obligations")
    if not isinstance(parts, dict) or len(parts) > MOST_TERMS:
        raise Malformed(f"{what} contains no obligations, or more than {MOST_TERMS}")
    try:
        return {key: _certificate(part, 0) for key, part in parts.items()}
    except Malformed as error:
        raise Malformed(f"{what}: {error}") from None


def _certificate(data: Any, depth: int) -> dict[str, Any]:
    if not isinstance(data, dict) or depth > MOST_NESTED:
        raise Malformed("a certificate must be an object with few levels of nesting")
    if set(data) == {"ge", "le"}:
        return {name: _certificate(data[name], depth + 1) for name in ("ge", "le")}
    if set(data) == {"split", "pos", "neg"}:
        parts = {name: _certificate(data[name], depth + 1) for name in ("pos", "neg")}
        where = _poly(data["split"])
        if len(where) > MOST_SPLIT:
            raise Malformed(f"a split must be on a polynomial of at most {MOST_SPLIT} terms")
        return {"split": where, **parts}
    if set(data) == {"products", "equalities"}:
        return {
            "products": [_product(item) for item in _list(data["products"])],
            "equalities": [_equality(item) for item in _list(data["equalities"])],
        }
    raise Malformed(f"the fields {str(sorted(map(str, data)))[:80]} are not those of a certificate")


def _list(data: Any) -> list[Any]:
    if not isinstance(data, list) or len(data) > MOST_TERMS:
        raise Malformed(f"a list of at most {MOST_TERMS} items is required")
    return data


def _whole(value: Any, least: int, most: int = MOST_NUMBER) -> int:
    if type(value) is not int or not least <= value <= most:
        raise Malformed(f"{ascii(value)[:30]} is not an integer from {least} to {most}")
    return value


def _product(item: Any) -> tuple[int, tuple[int, ...]]:
    if not isinstance(item, list) or len(item) != 2 or not isinstance(item[1], list):
        raise Malformed("a product must be [factor, [places]]")
    if not 1 <= len(item[1]) <= MOST_FACTORS:
        raise Malformed(f"a product must have 1 to {MOST_FACTORS} hypotheses")
    return _whole(item[0], 0), tuple(_whole(place, 0, MOST_TERMS) for place in item[1])


def _equality(item: Any) -> tuple[Poly, int]:
    if not isinstance(item, list) or len(item) != 2:
        raise Malformed("an equality must be [polynomial, place]")
    return _poly(item[0]), _whole(item[1], 0, MOST_TERMS)


def _poly(data: Any) -> Poly:
    found = Poly()
    for term in _list(data):
        if not isinstance(term, list) or not 1 <= len(term) <= MOST_DEGREE + 1:
            raise Malformed(f"a term must be [coefficient, names], of degree at most {MOST_DEGREE}")
        coefficient, *names = term
        if not all(isinstance(name, str) and len(name) < 40 for name in names):
            raise Malformed("a term's names must be short strings")
        found = found + Poly({tuple(sorted(names)): _whole(coefficient, -MOST_NUMBER)})
    return found
