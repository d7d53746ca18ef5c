"""Points at which a program that needs values can be traced.

The program takes one path at a point, and that path is compared with the definition there.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from symconv.tracing.table import Name, PolynomialTable


@lru_cache(maxsize=65536)
def _drawn(seed: int, name: Name) -> int:
    letter, index = name
    return random.Random(f"{seed} {letter} {index}").choice((-3, -2, -1, 1, 2, 3))


@dataclass(frozen=True, slots=True)
class Point:
    """A value for every variable: a small nonzero integer times `scale`.

    Attributes:
        seed: seed of the integers, which are drawn from -3 to 3 without 0.
        scale: a power of two, so that floating-point numbers hold the values exactly.
    """

    seed: int
    scale: Fraction

    def of(self, name: Name) -> Fraction:
        """The value of a variable."""
        return _drawn(self.seed, name) * self.scale

    def array(self, letter: str, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
        """The values of all variables of an operand, in float64."""
        values = [float(self.of((letter, index))) for index in np.ndindex(*shape)]
        return np.array(values).reshape(shape)

    def value(self, table: PolynomialTable, handle: int) -> Fraction:
        """The value of a polynomial at this point."""
        total = Fraction(0)
        for variables, coefficient in table.terms(handle).items():
            product = Fraction(coefficient)
            for name in variables:
                product *= self.of(name)
            total += product
        return total
