"""Find the files to read, and read their text.

Uses `os.path`, since importing pathlib takes as long as the rest of Python's startup.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field

from symconv.core.errors import ParseError
from symconv.documents.document import KINDS

MOST_BYTES = 2 * 1024**2
MOST_NOTEBOOK = 64 * 1024**2
"""Larger than `MOST_BYTES`, because notebooks contain pictures, which are skipped."""
SKIPPED_FOLDERS = frozenset(("node_modules", "__pycache__", "site-packages"))


@dataclass(slots=True)
class Found:
    """The result of a search for files.

    Attributes:
        files: the files to read.
        named: those that were named individually, not found in a folder.
        others: number of skipped files in folders, by extension.
    """

    files: list[str] = field(default_factory=list)
    named: set[str] = field(default_factory=set)
    others: dict[str, int] = field(default_factory=dict)


def collect(names: Iterable[str]) -> Found:
    """Collect the named files and, from named folders, all files of a known kind.

    Raises:
        ParseError: a name is neither a file nor a folder, or a folder has no file to read.
    """
    found = Found()
    for name in names:
        if name == "-" or os.path.isfile(name):
            found.files.append(name)
            found.named.add(name)
        elif os.path.isdir(name):
            before = len(found.files)
            _walk(name, found)
            if len(found.files) == before:
                raise ParseError(f"{name!r} contains no {', '.join(KINDS)} file")
        else:
            raise ParseError(f"{name!r} is not a file or folder; use - for standard input")
    found.files = list(dict.fromkeys(found.files))
    return found


def _walk(folder: str, found: Found) -> None:
    for path, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if f[0] != "." and f not in SKIPPED_FOLDERS)
        for file in sorted(files):
            ending = os.path.splitext(file)[1].lower()
            if ending in KINDS:
                found.files.append(os.path.join(path, file))
            elif file[0] != ".":
                found.others[ending or file] = found.others.get(ending or file, 0) + 1


def text_of(name: str) -> str:
    """Read the text of a file; `-` is standard input.

    Raises:
        ParseError: the file cannot be read, is too large, or is not text.
    """
    most = MOST_NOTEBOOK if name.lower().endswith(".ipynb") else MOST_BYTES
    try:
        if name == "-":
            data = sys.stdin.buffer.read(most + 1)
        else:
            with open(name, "rb") as file:
                data = file.read(most + 1)
    except OSError as error:
        raise ParseError(f"{name!r} cannot be read: {error.strerror}") from None
    if len(data) > most:
        raise ParseError(
            f"{name!r} is larger than {most // 1024**2} MiB; split it into several files"
        )
    for mark, coding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(mark):
            return _decoded(data, coding, name)
    if b"\0" in data:
        raise ParseError(f"{name!r} is not text: it contains zero bytes")
    try:
        return data.decode().replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        return _decoded(data, "latin-1", name)


def _decoded(data: bytes, coding: str, name: str) -> str:
    try:
        return data.decode(coding).replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeError:
        raise ParseError(f"{name!r} is not valid {coding} text") from None


def kind_of_text(text: str) -> str:
    """The kind of a text without a file name, from its first characters."""
    head = text[:5_000].lstrip()
    if head.startswith("{") and '"cells"' in text:
        return "notebook"
    if "\\documentclass" in head or "\\begin{document}" in head or "\\section{" in head:
        return "latex"
    return "markdown"
