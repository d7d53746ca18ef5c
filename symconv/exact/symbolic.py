"""Symbols for the entries of operands, and SymPy views of an operator applied to them.

The views are computed on demand.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symconv.core.errors import ParseError
from symconv.core.form import Index, unflatten
from symconv.core.geometry import Geometry
from symconv.core.names import LETTER, RESERVED, entry_name
from symconv.core.polynomial import Polynomial, natural_key
from symconv.exact import ring
from symconv.exact.containers import Tensor
from symconv.exact.unrolled import unroll


def entry_names(letter: str, shape: tuple[int, ...], shown: tuple[int, ...]) -> list[str]:
    """Name every entry of `shape` by its index in `shown`, the same shape without hidden axes."""
    return [entry_name(letter, unflatten(n, shown)) for n in range(math.prod(shape))]


def letters(letter: str, shape: tuple[int, ...], shown: tuple[int, ...] | None = None) -> Tensor:
    """Create a tensor of variables named after their index."""
    names = entry_names(letter, shape, shown if shown is not None else shape)
    return Tensor(shape, tuple(Polynomial.variable(n) for n in names))


def polynomial_of(expression: Any, what: str) -> Polynomial:
    """Convert a SymPy expression to a polynomial over the rationals with printable symbols.

    Raises:
        ParseError: the expression is not such a polynomial, or the name of a symbol is not allowed.
    """
    import sympy

    symbols = sorted(expression.free_symbols, key=str)
    for symbol in symbols:
        if not re.match(LETTER, symbol.name) or re.match(RESERVED, symbol.name):
            raise ParseError(
                f"{what} has a symbol named {symbol.name[:40]!r}; use a name such as a, alpha, t1 "
                "or t_1 (x_0, k_0, b_0, y_0 are reserved for entries)"
            )
    try:
        return from_sympy(expression)
    except sympy.PolynomialError:
        raise ParseError(
            f"{what} contains {str(expression)[:60]}; entries on a page must be polynomials with "
            "rational coefficients"
        ) from None


def from_sympy(expression: Any) -> Polynomial:
    """Convert a polynomial SymPy expression over the rationals to a Polynomial.

    Raises:
        sympy.PolynomialError: the expression is not a polynomial.
    """
    import sympy

    symbols = sorted(expression.free_symbols, key=str)
    terms = sympy.Poly(expression, *symbols, domain=sympy.QQ).terms() if symbols else []
    if not symbols:
        return Polynomial.constant(_rational(sympy.Rational(expression)))
    return Polynomial.sum(
        Polynomial(((monomial, _rational(coefficient)),))
        for exponents, coefficient in terms
        for monomial in [
            tuple(
                sorted(
                    (s.name for s, e in zip(symbols, exponents, strict=True) for _ in range(e)),
                    key=natural_key,
                )
            )
        ]
    )


def _rational(value: Any) -> int | Fraction:
    fraction = Fraction(int(value.p), int(value.q))
    return fraction.numerator if fraction.denominator == 1 else fraction


@dataclass(frozen=True, slots=True)
class SymbolicOperator:
    """An operator applied to SymPy symbols `x_...`, `k_...`; everything is computed on demand.

    Attributes:
        geometry: the operator.
        paper: whether to omit channel indices from the names (one channel in, one out).

    >>> import symconv
    >>> geometry = symconv.torch_geometry((2,), (2,), stride=2)
    >>> symconv.SymbolicOperator(geometry, paper=True).output()
    [k_0*x_0, k_1*x_0, k_0*x_1, k_1*x_1]
    """

    geometry: Geometry
    paper: bool = False

    def _symbols(self, letter: str, shape: tuple[int, ...], channel_axes: int) -> list[Any]:
        import sympy

        shown = shape[channel_axes:] if self.paper else shape
        return [sympy.Symbol(n) for n in entry_names(letter, shape, shown)]

    @property
    def x(self) -> list[Any]:
        """The symbols of the input, flat."""
        return self._symbols("x", self.geometry.input_shape, 1)

    @property
    def w(self) -> list[Any]:
        """The symbols of the weight, flat."""
        return self._symbols("k", self.geometry.weight_shape, 2)

    def entries(self) -> list[Any]:
        """Compute all outputs as SymPy expressions, flat in C order of `geometry.output_shape`."""
        return ring.transposed(self.geometry, self.x, self.w)

    def output(self) -> Any:
        """Compute the output: a Matrix for rank 2, else an ImmutableDenseNDimArray."""
        import sympy

        shape = self.geometry.output_shape
        shown: Sequence[int] = shape[1:] if self.paper else shape
        if len(shown) == 2:
            return sympy.Matrix(*shown, self.entries())
        return sympy.ImmutableDenseNDimArray(self.entries(), tuple(shown))

    def entry(self, place: Index) -> Any:
        """Compute only the output at `place = (out_channel, *position)`."""
        import sympy

        geometry = self.geometry
        x, w = self.x, self.w
        hits = [
            [(i, k) for i in range(a.size) for k in range(a.kernel_size) if a.hit(i, k) == o]
            for a, o in zip(geometry.axes, place[1:], strict=True)
        ]
        products = []
        for c, m, out in geometry.channel_pairs():
            if out != place[0]:
                continue
            pairs: list[tuple[int, int]] = [(c, c * geometry.weight_shape[1] + m)]
            for axis, options in zip(geometry.axes, hits, strict=True):
                pairs = [
                    (p * axis.size + i, q * axis.kernel_size + k)
                    for p, q in pairs
                    for i, k in options
                ]
            products += [x[p] * w[q] for p, q in pairs]
        return sympy.Add(*products)

    def matrix(self) -> Any:
        """Build W as an ImmutableSparseMatrix; its transpose applied to x is the output."""
        import sympy

        unrolled = unroll(self.geometry, self.w)
        return sympy.ImmutableSparseMatrix(*unrolled.shape, dict(unrolled.entries))
