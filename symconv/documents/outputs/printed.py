"""Compare two printed outputs: as text, then by numbers in place, then only by their numbers."""

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
"""The ellipsis that NumPy and torch print instead of omitted numbers."""
RESIDUE = 1e-6
"""Largest rounding residue in place of an exact 0, relative to the largest number of an output."""
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
MOST_DIGITS = 400
MOST_EXPONENT = 3
"""Largest number of digits of an exponent."""


def plain(text: str) -> str:
    """An output without whitespace and without tensor attributes such as dtype and device."""
    return re.sub(r"\s+", "", _bare(text)).replace(",)", ")")


def _bare(text: str) -> str:
    """Remove dtypes and other attributes; `np.float64(3.0)` of NumPy 2 becomes `3.0`."""
    return _SCALAR.sub(r"\1", _EXTRAS.sub("", text))


def numbers(text: str) -> list[str]:
    """The numbers in an output, as text."""
    return _NUMBER.findall(_bare(text))


def same(printed: str, found: str) -> str | None:
    """Describe how two outputs agree; None if they do not."""
    mine, other = plain(printed), plain(found)
    if mine == other:
        return "the same text"
    if _NUMBER.sub("#", mine) == _NUMBER.sub("#", other) and _close(mine, other):
        return "the same numbers in the same places"
    if numbers(printed) and _close(_bare(printed), _bare(found)):
        return "the same numbers, formatted differently"
    return None


def _close(printed: str, found: str) -> bool:
    mine, others = _NUMBER.findall(printed), _NUMBER.findall(found)
    return len(mine) == len(others) and all(map(near, mine, others))


def near(printed: str, found: str) -> bool:
    """Whether two printed numbers differ by at most half a unit in the last place of the coarser.

    Two numbers without a decimal point must be equal.
    """
    if printed == found:
        return True
    a, b = _value(printed), _value(found)
    if a is None or b is None:
        return False
    return abs(a - b) * 2 <= max(_unit(printed), _unit(found))


def same_but_for_residues(printed: str, found: str) -> bool:
    """Whether each pair of numbers agrees or is negligible.

    Negligible means at most `RESIDUE` times the largest number of the outputs, or times 1 if all
    are smaller.
    """
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
    """One unit in the last place of a printed number; 0 if it has no decimal point."""
    digits, _, exponent = text.lower().partition("e")
    places = len(digits.partition(".")[2])
    return Fraction(10) ** (int(exponent or 0) - places) if "." in digits else Fraction(0)


def difference(printed: str, found: str) -> str:
    """Describe the first number that differs, with its index in the printed tensor."""
    text = _bare(printed)
    mine, others = list(_NUMBER.finditer(text)), numbers(found)
    if len(mine) != len(others):
        return (
            f"{len(mine)} numbers are printed, but running gives {len(others)}: {shortened(found)}"
        )
    for match, other in zip(mine, others, strict=True):
        if not near(match[0], other):
            place = _place(text, match.start())
            where = f" at {place}" if place else ""
            return f"printed {match[0]}{where}, running gives {other}"
    return f"running gives {shortened(found)}"


def shortened(text: str) -> str:
    """A text on one line of at most 80 characters."""
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:77] + "..."


def _place(text: str, end: int) -> str:
    """The index of a number, such as `[1,0]`, from the brackets and commas before it."""
    index: list[int] = []
    for sign in text[text.find("[") if "[" in text else 0 : end]:
        if sign == "[":
            index.append(0)
        elif sign == "]" and index:
            index.pop()
        elif sign == "," and index:
            index[-1] += 1
    return f"[{','.join(map(str, index))}]" if index else ""
