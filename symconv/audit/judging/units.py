"""Whether what follows a formula scales its last number."""

from __future__ import annotations

from symconv.audit.tex.lexer import SCALES


def has_unit(after: str) -> bool:
    """`$3/4 = 75$%`, `= 2$ million`, `= 4$K`: the number is not the one that is printed."""
    if after[:1].isalpha():
        return True
    word = after[:24].split(maxsplit=1)
    first = word[0].lower().lstrip("\\").rstrip(".,;:)") if word else ""
    return first in SCALES or first.startswith("%")
