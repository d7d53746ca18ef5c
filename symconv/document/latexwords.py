"""Words in LaTeX: no character of theirs is a command."""

from __future__ import annotations

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
    """Words with LaTeX's special characters made harmless; anything but ASCII is a mistake."""
    words.encode("ascii")
    return "".join(_SPECIAL.get(c, c) for c in words)
