"""Reading of values from files (`.json`, `.npy`, numeric text) with limits on their size."""

from __future__ import annotations

import json
import math
import re
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

from symconv.core.errors import LimitError, ParseError
from symconv.core.limits import human_bytes
from symconv.core.polynomial import Scalar
from symconv.reading.values import MAX_ENTRIES, Values, read_number, read_values

MAX_FILE = 64 * 1024**2


def read_operand(text: str, what: str) -> Values:
    """Read inline values, or those of a file: `@file.json`, `@file.npy`, `@file.txt`, `@file.csv`.

    Raises:
        ParseError: the text or the file cannot be read; the message gives the reason.
        LimitError: the file or its number of entries is too large.
    """
    return read_file(Path(text[1:]), what) if text.startswith("@") else read_values(text, what)


def read_file(path: Path, what: str) -> Values:
    """Read the values of one file in the format given by its extension.

    Raises:
        ParseError: the file is missing, damaged, of an unknown format or not numeric.
        LimitError: the file or its number of entries is too large.
    """
    readers = {".json": _read_json, ".npy": _read_npy, ".txt": _read_text, ".csv": _read_text}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(sorted(readers))
        raise ParseError(f"{what} names {str(path)!r}; the file name must end in {known}")
    try:
        if not path.is_file():
            problem = "is a folder" if path.is_dir() else "does not exist"
            raise ParseError(f"{what} names {str(path)!r}, which {problem}")
        size = path.stat().st_size
        if size > MAX_FILE:
            raise LimitError(
                f"{what} names {str(path)!r} of {human_bytes(size)}; the limit is "
                f"{human_bytes(MAX_FILE)}"
            )
        return reader(path, f"{what} ({path.name})")
    except OSError as error:
        raise ParseError(f"{what} names {str(path)!r}, which cannot be read: {error}") from None


def _read_bytes_as_text(path: Path, what: str) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise ParseError(f"{what} is not UTF-8 text: byte {error.start} is invalid") from None


def _read_json(path: Path, what: str) -> Values:
    text = _read_bytes_as_text(path, what)
    decimal = re.search(r"\d\.\d", text) is not None

    def refuse(constant: str) -> Any:
        raise ParseError(f"{what} contains {constant}; exact arithmetic requires finite numbers")

    def number(literal: str) -> Scalar:
        return read_number(literal, what)

    try:
        data = json.loads(text, parse_float=number, parse_int=number, parse_constant=refuse)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ParseError(f"{what} is not valid JSON: {error}") from None
    count = 0

    def entry(value: Any, depth: int) -> Any:
        nonlocal count
        if isinstance(value, list):
            if depth > 8:
                raise ParseError(f"{what} is nested more than 8 levels deep")
            return [entry(part, depth + 1) for part in value]
        count += 1
        if count > MAX_ENTRIES:
            raise LimitError(f"{what} has more than {MAX_ENTRIES:,} entries")
        if isinstance(value, str):
            return read_values(value, what).nested
        if isinstance(value, bool) or not isinstance(value, (int, Fraction)):
            raise ParseError(
                f"{what} contains {json.dumps(value, default=str)[:40]}; only nested lists of "
                'numbers and of strings such as "1/2" or "a" are allowed'
            )
        return value

    return Values(entry(data, 0), decimal and "/" not in text)


def _read_text(path: Path, what: str) -> Values:
    rows = []
    text = _read_bytes_as_text(path, what)
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.partition("#")[0].replace(",", " ").split()
        if words:
            row = f"{what}, line {number}"
            rows.append([read_values(word, row).nested for word in words])
    if not rows:
        raise ParseError(f"{what} contains no numbers; write one row per line")
    return Values(rows if len(rows) > 1 else rows[0], "." in text and "/" not in text)


def _npy_header(stream: BinaryIO, what: str) -> tuple[tuple[int, ...], Any]:
    from numpy.lib import format as npy

    try:
        version = npy.read_magic(stream)
        read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, _, dtype = read(stream)
    except (ValueError, EOFError, SyntaxError, TypeError) as error:
        raise ParseError(f"{what} is not a valid .npy file: {error}") from None
    return shape, dtype


def load_npy(path: Path, what: str, kinds: str, at_most: int) -> Any:
    """Load the array of a `.npy` file; its header is checked before anything is allocated.

    `kinds` are the allowed values of `dtype.kind`, such as "iuf"; `at_most` is in bytes.

    Raises:
        ParseError: the file is damaged, truncated, pickled, or has a dtype of another kind.
        LimitError: the header announces more than `at_most` bytes.
    """
    with path.open("rb") as stream:
        shape, dtype = _npy_header(stream, what)
        if dtype.hasobject or dtype.kind not in kinds:
            raise ParseError(
                f"{what} has dtype {dtype}; only integers and floats are read, nothing that "
                "requires pickle"
            )
        size = math.prod(shape) * dtype.itemsize
        if size > at_most:
            raise LimitError(
                f"{what} has shape {shape}, {human_bytes(size)} of data; the limit is "
                f"{human_bytes(at_most)}"
            )
        present = path.stat().st_size - stream.tell()
        if present < size:
            raise ParseError(
                f"{what} is truncated: it must have {size} bytes of data, but has {present}"
            )
    import numpy as np

    return np.load(path, allow_pickle=False)


def _read_npy(path: Path, what: str) -> Values:
    import numpy as np

    array = load_npy(path, what, "iuf", MAX_ENTRIES * 8)
    if array.size > MAX_ENTRIES:
        raise LimitError(f"{what} has {array.size:,} entries; the limit is {MAX_ENTRIES:,}")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ParseError(f"{what} contains nan or inf; exact arithmetic requires finite numbers")
    return Values(_exact(array.tolist()), False)


def _exact(value: Any) -> Any:
    """Convert nested lists of ints and floats to ints and Fractions of the same values."""
    if isinstance(value, list):
        return [_exact(part) for part in value]
    return int(value) if value == int(value) else Fraction(value)
