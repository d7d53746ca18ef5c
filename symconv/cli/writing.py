"""Results to stdout or to files; a file is whole or not there."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from symconv.core.errors import OutputError, ParseError
from symconv.render.formats import format_of_suffix, formats, render


def prepare_folder(folder: Path) -> None:
    """Make a folder and see that it can be written, before any work is done.

    Raises:
        OutputError: it cannot.
    """
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{str(folder)!r} is a file; give a folder with -o")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputError(
            f"{str(folder)!r} cannot be written: {error.strerror}. Choose another folder with -o"
        ) from None


def write_files(folder: Path, contents: Mapping[str, bytes]) -> None:
    """All files or none: each is written beside its place, then all are moved there.

    Raises:
        OutputError: a file cannot be written; what was there before is still there.
    """
    waiting: list[tuple[str, Path]] = []
    try:
        for name, data in contents.items():
            target = folder / name
            if target.exists() and not target.is_file() and not target.is_dir():
                # a device or pipe, such as /dev/stdout: written to, never replaced
                target.write_bytes(data)
                continue
            handle, temporary = tempfile.mkstemp(dir=folder, prefix=".symconv-")
            waiting.append((temporary, target.resolve()))
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            Path(temporary).chmod(0o644)
        for _, target in waiting:
            if target.is_dir():
                raise IsADirectoryError(21, "is a folder", str(target))
        for temporary, target in waiting:
            Path(temporary).replace(target)
    except OSError as error:
        for temporary, _ in waiting:
            Path(temporary).unlink(missing_ok=True)
        raise OutputError(
            f"{error.filename or str(folder)!r} cannot be written: {error.strerror}. "
            "Choose another file with -o"
        ) from None


SUFFIXES = {".json": "json", ".svg": "svg", ".npz": "npz", ".xml": "junit"}
"""Suffixes of formats that are not formats of pages."""


def format_of_file(output: str | None, choices: Sequence[str]) -> str:
    """The format that the suffix of a file stands for, if it is one of `choices`; else text."""
    suffix = "" if output is None else Path(output).suffix.lower()
    found = SUFFIXES.get(suffix) or format_of_suffix(output or "")
    return found if found is not None and found in choices else "text"


def require_file(kind: str, output: str | None) -> None:
    """Check that a format can be written, before any work is done.

    Raises:
        ParseError: it is not text, and no file is named.
        EngineMissing: it needs a program that is not installed.
    """
    form = formats().get(kind)
    name = "w.npz" if kind == "npz" else "" if form is None else form.file_name
    if name and output is None:
        raise ParseError(f"--format {kind} needs a file: add -o {name}")
    if form is not None:
        form.require()


def emit(data: str | bytes, output: str | None) -> None:
    """To stdout, or to a file when one is named.

    Raises:
        OutputError: the file cannot be written.
    """
    if output is None:
        click.echo(data, nl=isinstance(data, str) and not data.endswith("\n"))
        return
    target = Path(output)
    folder = target.parent
    if not folder.is_dir():
        raise OutputError(
            f"{str(folder)!r} is not a folder; create it, or choose another folder with -o"
        )
    write_files(folder, {target.name: data.encode() if isinstance(data, str) else data})


def emit_result(result: Any, kind: str, output: str | None) -> None:
    """The page or the JSON object of a result that has a page with or without pictures."""
    if kind == "json":
        emit_json(result.to_json(), output)
    else:
        emit(render(result.page(pictures=formats()[kind].pictures), kind), output)


def emit_json(record: Mapping[str, Any], output: str | None) -> None:
    """One object."""
    emit(json_text(record), output)


def json_text(record: Mapping[str, Any]) -> str:
    """One object as it is printed."""
    return json.dumps(record, indent=2) + "\n"
