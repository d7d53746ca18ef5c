"""Words after a number that change its value: units, and words for powers of ten."""

from __future__ import annotations

import re

POWERS_OF_TEN = {
    "hundred": 2,
    "thousand": 3,
    "thousands": 3,
    "tsd": 3,
    "k": 3,
    "million": 6,
    "millions": 6,
    "mil": 6,
    "mio": 6,
    "mln": 6,
    "m": 6,
    "billion": 9,
    "billions": 9,
    "bn": 9,
    "trillion": 12,
}
"""Exponents of ten by word, in lower case; after a number, only upper-case `K` and `M` scale it."""
UNITS = frozenset(
    """
    % percent dozen doz g t kb mb gb tb kib mib gib tib byte bytes bit bits hour hours h hr hrs
    minute minutes min second seconds sec s ms us ns day days week weeks month months year years
    decade decades century km cm mm nm um kg mg gram grams kilogram kilograms ton tons tonne
    litre litres liter liters ml metre metres meter meters inch inches foot feet yard yards mile
    miles degree degrees radian radians o'clock per flops gflops mflops tflops macs hz khz mhz ghz
    volt volts watt watts joule joules newton newtons kelvin celsius dollar dollars cent cents
    euro euros pound pounds usd eur gbp yen mebi kibi gibi score gross pair pairs group groups
    """.split()
)
"""Units: with one of these, the quantity is not the bare number that is printed."""
LATIN = frozenset("etc cf vs resp viz al".split())
_WORD = re.compile(r"\s*\\?([^\W\d_][\w']*|%)(.?)")


def is_unit(word: str, after: str = "") -> bool:
    """Whether a word after a number may be its unit: a known unit, an abbreviation or a name.

    An unknown word in lower case is a counted noun (`13 apples`) or continues the sentence.
    """
    low = word.lower()
    if low in UNITS or low in POWERS_OF_TEN:
        return True
    abbreviated = (
        after[:1] == "."
        and len(word) <= 4
        and low not in LATIN
        and after[1:2].isspace()
        and after[1:].lstrip()[:1].islower()
    )
    return word[:1].isupper() or abbreviated


def has_unit(after: str) -> bool:
    """Whether a unit follows a formula, as in `$3/4 = 75$%`, `= 2$ million` or `= 4$K`."""
    if after[:1].isalpha() or after[:1] == "%":
        return True
    bare = after.lstrip(" \t")
    if bare[:2] in ("\\%", "%"):
        return True
    match = _WORD.match(after) if "\n" not in after[: len(after) - len(bare)] else None
    if match is None:
        return False
    ends = re.match(r"\s*[A-Z][a-z]+\s", after) is not None  # a new sentence without a full stop
    return not ends and is_unit(match[1], after[match.end(1) :])


def power_of_ten(after: str) -> int | None:
    """The exponent of a power of ten named after a number: 6 for `Mil` or `million`; else None."""
    match = _WORD.match(after)
    if match is None or "\n" in after[: match.start(1)]:
        return None
    word = match[1]
    if len(word) == 1 and not word.isupper():
        return None
    return POWERS_OF_TEN.get(word.lower())
