"""Binary floating-point formats: precision and exponent range. Source: IEEE 754-2019, table 3.5.

bfloat16 is not an IEEE format; its range is float32's, its precision 8 bits.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Format:
    """A binary floating-point format with subnormals.

    Attributes:
        name: torch's name of the dtype.
        precision: number of significand bits, including the hidden bit.
        least_exponent: the smallest normal number is 2**least_exponent.
        most_exponent: exponent of the leading bit of the largest number.
    """

    name: str
    precision: int
    least_exponent: int
    most_exponent: int

    @property
    def unit(self) -> float:
        """The unit roundoff u = 2**-precision of rounding to nearest."""
        return 2.0**-self.precision

    @property
    def quantum_exponent(self) -> int:
        """Exponent of the smallest subnormal: all numbers are multiples of 2**quantum_exponent."""
        return self.least_exponent - self.precision + 1

    @property
    def largest(self) -> float:
        """The largest finite number."""
        return (2.0 - 2.0 ** (1 - self.precision)) * 2.0**self.most_exponent


FORMATS = {
    f.name: f
    for f in (
        Format("float16", 11, -14, 15),
        Format("bfloat16", 8, -126, 127),
        Format("float32", 24, -126, 127),
        Format("float64", 53, -1022, 1023),
    )
}
PART = {"complex64": "float32", "complex128": "float64"}
"""Real dtype of the two parts of a complex dtype."""


def real_format(dtype: str) -> Format:
    """Return the format of a real dtype, or of the parts of a complex dtype."""
    return FORMATS[PART.get(dtype, dtype)]
