"""The dtypes of implementations, each with its binary format. Source: IEEE 754-2019, table 3.5.

A dtype is an entry of `DTYPES`; everything else is derived from it. bfloat16 is not an IEEE
format; its range is float32's, its precision 8 bits.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BinaryFormat:
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


@dataclass(frozen=True, slots=True)
class Dtype:
    """A dtype of torch.

    Attributes:
        name: torch's name.
        format: the format of its real numbers or of the parts of its complex ones; None for
            integers.
        complex: whether its numbers are complex.
        numpy: NumPy's name; "" if NumPy lacks the dtype.
        accumulator: the dtype in which kernels may add its products, "" for itself.
        integer_draws: how many draws of integers precede each draw of real numbers in a campaign;
            results of real numbers mostly need exact arithmetic, which is expensive.
        exact_bits: integers up to 2**exact_bits, and their sums, are exact.
        probe_base: base of the digits that decoding packs into one number: 5 for coefficients
            from -2 to 2; 3 for -1 to 1, in dtypes of few bits.
        probes: number of random probes that confirm a decoded form.
    """

    name: str
    format: BinaryFormat | None
    complex: bool = False
    numpy: str = ""
    accumulator: str = ""
    integer_draws: int = 5
    exact_bits: int = 0
    probe_base: int = 5
    probes: int = 5

    @property
    def sums(self) -> BinaryFormat:
        """The format in which kernels may add products."""
        return real_format(self.accumulator or self.name)

    @property
    def half(self) -> bool:
        """Whether kernels may add its products in a wider format."""
        return bool(self.accumulator)


_SINGLE = BinaryFormat("float32", 24, -126, 127)
_DOUBLE = BinaryFormat("float64", 53, -1022, 1023)
DTYPES = {
    dtype.name: dtype
    for dtype in (
        Dtype("float32", _SINGLE, numpy="float32", exact_bits=24),
        Dtype("float64", _DOUBLE, numpy="float64", integer_draws=45, exact_bits=53, probes=2),
        Dtype(
            "float16",
            BinaryFormat("float16", 11, -14, 15),
            numpy="float16",
            accumulator="float32",
            integer_draws=15,
            exact_bits=11,
            probe_base=3,
            probes=20,
        ),
        Dtype(
            "bfloat16",
            BinaryFormat("bfloat16", 8, -126, 127),
            accumulator="float32",
            integer_draws=15,
            exact_bits=8,
            probe_base=3,
            probes=20,
        ),
        Dtype(
            "complex64", _SINGLE, complex=True, numpy="complex64", integer_draws=45, exact_bits=24
        ),
        Dtype(
            "complex128",
            _DOUBLE,
            complex=True,
            numpy="complex128",
            integer_draws=45,
            exact_bits=53,
        ),
        Dtype("int64", None, numpy="int64", exact_bits=62, probes=2),
    )
}
"""Every dtype by its name."""
FLOATING = tuple(name for name, dtype in DTYPES.items() if dtype.format is not None)
"""Real and complex dtypes, in which implementations are judged forward and backward."""
REAL = tuple(name for name, dtype in DTYPES.items() if dtype.format and not dtype.complex)
INTEGER = tuple(name for name, dtype in DTYPES.items() if dtype.format is None)


def real_format(dtype: str) -> BinaryFormat:
    """Return the format of a real dtype, or of the parts of a complex dtype."""
    found = DTYPES[dtype].format
    assert found is not None, f"{dtype} holds integers"
    return found
