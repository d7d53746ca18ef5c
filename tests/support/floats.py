"""Floating-point numbers on which exactness fails first, and independent rounding by Fractions."""

import math
from fractions import Fraction

import numpy as np

KINDS = ("normal", "wide", "subnormal", "edge", "integers", "float32", "zeros")


def floats(rng: np.random.Generator, shape: tuple, kind: str) -> np.ndarray:
    """Finite float64 data of one of `KINDS`."""
    x = rng.standard_normal(shape)
    if kind == "wide":
        x = np.ldexp(x, rng.integers(-300, 300, shape))
    elif kind == "subnormal":
        x = np.ldexp(x, -1060)
    elif kind == "edge":  # just below powers of two: one bit short of the next digit
        x = np.sign(x) * (1 - np.ldexp(1.0, -rng.integers(1, 54, shape)))
    elif kind == "integers":
        x = rng.integers(-9, 10, shape).astype(np.float64)
    elif kind == "float32":
        x = x.astype(np.float32).astype(np.float64)
    elif kind == "zeros":
        x = x * (rng.random(shape) < 0.3)
    return x


def rounded(value: Fraction, precision: int, quantum: int, largest: float) -> float:
    """Round to nearest, ties to even, by the definition.

    `precision` is in bits, `quantum` is the exponent of the smallest subnormal number, and results
    above `largest` become inf.
    """
    if value == 0:
        return 0.0
    size = abs(value)
    exponent = size.numerator.bit_length() - size.denominator.bit_length()
    while Fraction(2) ** exponent > size:
        exponent -= 1
    while Fraction(2) ** (exponent + 1) <= size:
        exponent += 1
    step = Fraction(2) ** max(exponent - precision + 1, quantum)
    whole, rest = divmod(size / step, 1)
    if rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole % 2):
        whole += 1
    result = whole * step
    found = math.inf if result > Fraction(largest) else float(result)
    return -found if value < 0 else found
