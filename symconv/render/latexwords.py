"""Plain text in LaTeX, with special characters escaped."""

from __future__ import annotations

import textwrap

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\^{}",
    "~": r"\~{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",
}


def text(words: str) -> str:
    """The text with LaTeX's special characters escaped and non-ASCII replaced (`ascii_only`)."""
    return "".join(_SPECIAL.get(c, c) for c in ascii_only(words))


def ascii_only(words: str) -> str:
    r"""The text with non-ASCII characters as escapes such as `\xe9`.

    pdflatex cannot set most of them without further packages.
    """
    return words.encode("ascii", "backslashreplace").decode("ascii")


def cut(code: str, columns: int = 80) -> str:
    """The code as ASCII, with lines longer than `columns` wrapped and their rest indented."""
    wrap = textwrap.TextWrapper(
        columns,
        subsequent_indent=" " * 8,
        break_on_hyphens=False,
        drop_whitespace=False,
        replace_whitespace=False,
        expand_tabs=False,
    )
    lines = ascii_only(code).splitlines()
    return "\n".join("\n".join(wrap.wrap(line) or [""]) for line in lines)
