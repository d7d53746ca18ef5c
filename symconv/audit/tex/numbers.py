"""Numbers as printed: exact, with thousands separators, their digits counted."""

from __future__ import annotations

import re
from fractions import Fraction

from symconv.audit.tex.nodes import NotUnderstood, Number

MOST_DIGITS = 400


def number(text: str, place: int = 0) -> Number:
    """`1,728` is 1728 or, where a comma is the decimal point, 1.728."""
    if len(text) < 16 and text.isdecimal():
        return Number((int(text),), None, place)
    if len(text) > MOST_DIGITS:
        raise NotUnderstood(f"a number of more than {MOST_DIGITS} digits")
    plain = text.replace("{,}", ",").replace("\\,", ",")
    whole, _, digits = plain.partition(".")
    if "," in whole and not re.fullmatch(r"\d{1,3}(,\d{3})+", whole):
        return number(plain.replace(",", "."), place)
    if "," in whole:
        joined = whole.replace(",", "")
        values = [_exact(joined, digits)]
        if whole.count(",") == 1 and not digits and "\\" not in text:
            values.append(_exact(*whole.split(",")))
        return Number(tuple(values), len(digits) or None, place)
    values = [_exact(whole or "0", digits)]
    if len(digits) == 3 and len(whole) < 4 and whole.lstrip("0"):
        values.append(int(whole + digits))
    return Number(tuple(values), len(digits) or None, place)


def _exact(whole: str, digits: str) -> int | Fraction:
    if not digits:
        return int(whole)
    value = Fraction(int(whole + digits), 10 ** len(digits))
    return value.numerator if value.denominator == 1 else value
