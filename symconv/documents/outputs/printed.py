"""Two printed outputs compared: text, then numbers in their places, then numbers alone."""

from __future__ import annotations

import re
from fractions import Fraction

_EXTRAS = re.compile(
    r"(?:,\s*+)?+(?:grad_fn=<[^<>]{0,100}>|requires_grad=True|dtype=[\w.]+"
    r"|device='[^'\n]{0,40}'|size=\([\d, ]{0,100}\))"
)
_SCALAR = re.compile(
    r"\b(?:np|numpy)\.(?:float|int|uint|complex|bool|longdouble|str)\w*\(([^()]*)\)"
)
SHORTENED = "..."
"""What NumPy and torch print for numbers that they leave out."""
RESIDUE = 1e-6
"""Of the largest number of an output: what rounding may leave where the exact value is 0."""
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
MOST_DIGITS = 400
MOST_EXPONENT = 3
"""Digits of an exponent."""


def plain(text: str) -> str:
    """An output without spaces and without what a tensor says beside its numbers."""
    return re.sub(r"\s+", "", _bare(text)).replace(",)", ")")


def _bare(text: str) -> str:
    """Without dtypes and the like; `np.float64(3.0)` of NumPy 2 is `3.0`, as NumPy 1 prints it."""
    return _SCALAR.sub(r"\1", _EXTRAS.sub("", text))


def numbers(text: str) -> list[str]:
    """The numbers in an output."""
    return _NUMBER.findall(_bare(text))


def same(printed: str, found: str) -> str | None:
    """How two outputs agree, None if they do not."""
    mine, other = plain(printed), plain(found)
    if mine == other:
        return "the same text"
    if _NUMBER.sub("#", mine) == _NUMBER.sub("#", other) and _close(mine, other):
        return "the same numbers in the same places"
    if numbers(printed) and _close(_bare(printed), _bare(found)):
        return "the same numbers, laid out differently"
    return None


def _close(printed: str, found: str) -> bool:
    mine, others = _NUMBER.findall(printed), _NUMBER.findall(found)
    return len(mine) == len(others) and all(map(near, mine, others))


def near(printed: str, found: str) -> bool:
    """Whether two numbers differ by half a unit in the last digit that both print."""
    if printed == found:
        return True
    a, b = _value(printed), _value(found)
    if a is None or b is None:
        return False
    return abs(a - b) * 2 <= max(_unit(printed), _unit(found))


def same_but_for_residues(printed: str, found: str) -> bool:
    """Every number agrees, or both are tiny beside the largest, or beside 1."""
    mine, others = numbers(printed), numbers(found)
    values = [_value(v) for v in (*mine, *others)]
    if len(mine) != len(others) or not mine or None in values:
        return False
    sizes = [Fraction(1), *(abs(v) for v in values if v is not None)]
    tiny = Fraction(RESIDUE) * max(sizes)
    return all(
        near(a, b) or all(abs(_value(v) or Fraction(0)) <= tiny for v in (a, b))
        for a, b in zip(mine, others, strict=True)
    )


def _value(text: str) -> Fraction | None:
    exponent = re.search(r"[eE][-+]?0*(\d*)", text)
    if len(text) > MOST_DIGITS or (exponent and len(exponent[1]) > MOST_EXPONENT):
        return None
    return Fraction(text.rstrip(".")) if text[-1:] == "." else Fraction(text)


def _unit(text: str) -> Fraction:
    """One unit in the last printed digit."""
    digits, _, exponent = text.lower().partition("e")
    places = len(digits.partition(".")[2])
    return Fraction(10) ** (int(exponent or 0) - places) if "." in digits else Fraction(0)


def difference(printed: str, found: str) -> str:
    """The first number that differs, with its place in the printed tensor."""
    text = _bare(printed)
    mine, others = list(_NUMBER.finditer(text)), numbers(found)
    if len(mine) != len(others):
        return f"{len(mine)} numbers are printed, running gives {len(others)}: {shortened(found)}"
    for match, other in zip(mine, others, strict=True):
        if not near(match[0], other):
            place = _place(text, match.start())
            where = f" at {place}" if place else ""
            return f"printed {match[0]}{where}, running gives {other}"
    return f"running gives {shortened(found)}"


def shortened(text: str) -> str:
    """On one line."""
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:77] + "..."


def _place(text: str, end: int) -> str:
    """`[1,0]`: the index of a number by the brackets and commas before it."""
    index: list[int] = []
    for sign in text[text.find("[") if "[" in text else 0 : end]:
        if sign == "[":
            index.append(0)
        elif sign == "]" and index:
            index.pop()
        elif sign == "," and index:
            index[-1] += 1
    return f"[{','.join(map(str, index))}]" if index else ""
