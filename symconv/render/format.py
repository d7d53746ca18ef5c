"""What a format of pages is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from symconv.render.lines import Limits
from symconv.render.tree import Document


@dataclass(frozen=True, slots=True)
class PageFormat:
    """A format that pages can be written in.

    Attributes:
        name: the name for `--format`.
        suffixes: suffixes of files in this format, such as `.md`.
        limits: how wide and high formulas may be.
        write: makes the file's content, text or bytes, of a page.
        appends: several pages may follow each other in one file.
        file_name: a name to suggest for formats that are bytes; "" for text.
        require: checks that the programs that it needs are installed, before any other work.
        pictures: pages of results include pictures.
    """

    name: str
    suffixes: tuple[str, ...]
    limits: Limits
    write: Callable[[Document, Limits], str | bytes]
    appends: bool = True
    file_name: str = ""
    require: Callable[[], object] = lambda: None
    pictures: bool = True
