"""Detect text around a formula by which the formula claims nothing.

The text may deny or suppose the formula, ask about it, or use another arithmetic such as a modulus.
"""

from __future__ import annotations

import re

_END = re.compile(r"[.!?](?=\s|$)|\n[ \t]*\n")
_DENIED = re.compile(
    r"(?i)\b(not true|not the case|not right|isn't|is not|untrue|false|falsch|wrong|wrongly|mistake"
    r"|mistakenly|incorrect|fallacy|impossible|contradiction|absurd|na[iï]ve|na[iï]vely|paradox"
    r"|would (?:give|be|make|yield|get|have)|find the (?:error|mistake)|true or false"
    r"|(?:pupils|people|students) (?:write|think)|zero ring)\b"
)
_SUPPOSED = re.compile(
    r"(?i)\b(if|suppose|assume|assuming|whether|unless|does|is it|pretend|imagine|let)\b"
    r"(?:\s+(?:for (?:a )?contradiction|that))*[\s,:*_]*$"
)
_OTHERWISE = re.compile(
    r"(?i)\b(modulo|mod|boolean|u?int(?:8|16|32|64)?|float(?:16|32|64)?|overflows?|wraps? around"
    r"|binary|octal|hexadecimal|tropical|o'clock|gf|as strings|define|defines)\b"
    r"|\\(mathbb|mathbf)\s*\{?\s*[FZ]"
)


_SECTION = re.compile(
    r"(?i)\b(modulo|mod)\s+\$?\d|\b(clock arithmetic|\d+-hour clock|Boolean algebra"
    r"|arithmetic in (?:binary|octal|hexadecimal)|true or false|find the (?:error|mistake))\b"
    r"|\b(base)\s+\$?(?:[2-9]|1[1-6])\b|\\math(?:bb|bf)\s*\{?\s*([FZ])\s*\}?\s*_"
)


def other_arithmetic(text: str) -> str:
    """The word in a text that announces another arithmetic; empty if there is none.

    A modulus or base applies to the rest of the section, not only to one sentence, so that no
    formula of the section claims anything in ordinary arithmetic.
    """
    found = _SECTION.search(text)
    return next(filter(None, found.groups())) if found else ""


def claims_nothing(before: str, after: str) -> str:
    """The word in the surrounding sentence by which a formula is not a claim; empty if none."""
    head = _END.split(before)[-1]
    tail = _END.split(after)[0]
    asked = after[len(tail) : len(tail) + 1] == "?"
    for found in (
        _DENIED.search(head),
        _DENIED.search(tail),
        _SUPPOSED.search(head),
        _OTHERWISE.search(head),
        _OTHERWISE.search(tail),
    ):
        if found:
            return str(next(filter(None, found.groups())))
    follows = re.match(r"[.!?]\s+(Contradiction|Impossible|No\b|Wrong|False)", after[len(tail) :])
    return follows[1] if follows else ("?" if asked else "")
