"""Words in LaTeX: no character of theirs is a command."""

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
    """Words with LaTeX's special characters made harmless."""
    return "".join(_SPECIAL.get(c, c) for c in ascii_only(words))


def ascii_only(words: str) -> str:
    """Characters beyond ASCII as escapes, since no package for them is asked for."""
    return words.encode("ascii", "backslashreplace").decode("ascii")


def cut(code: str, columns: int = 80) -> str:
    """Lines that a page is too narrow for go on below, indented."""
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
