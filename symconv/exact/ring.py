"""The trilinear form over any commutative ring: contract two of x, w, v into the third.

Rational numbers are converted to integers over a common denominator: int64 arrays if a bound
shows that no sum can overflow, Python integers otherwise. Polynomials and SymPy expressions are
summed as they are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from symconv.core.form import index_arrays
from symconv.core.geometry import Geometry
from symconv.core.polynomial import Polynomial
from symconv.exact.opaque import SymbolicEntry, polynomial_of_entry
from symconv.exact.sympy_sums import sums_of_products

if TYPE_CHECKING:
    import numpy as np

    Indices = np.ndarray[Any, np.dtype[np.int64]]

INT64_SAFE = 2**62
"""Sums whose absolute bound is below this are exact in int64, with a margin."""


def transposed(geometry: Geometry, x: Sequence[Any], w: Sequence[Any]) -> list[Any]:
    """Compute the transposed convolution dT/dv; flat operands, result flat `output_shape`."""
    at = index_arrays(geometry)
    return contract(x, at.input, w, at.weight, at.output, math.prod(geometry.output_shape))


def convolved(geometry: Geometry, v: Sequence[Any], w: Sequence[Any]) -> list[Any]:
    """Compute the convolution dT/dx; flat operands, result flat `input_shape`."""
    at = index_arrays(geometry)
    return contract(v, at.output, w, at.weight, at.input, math.prod(geometry.input_shape))


def weight_gradient(geometry: Geometry, x: Sequence[Any], v: Sequence[Any]) -> list[Any]:
    """Compute the weight gradient dT/dw; flat operands, result flat `weight_shape`."""
    at = index_arrays(geometry)
    return contract(x, at.input, v, at.output, at.weight, math.prod(geometry.weight_shape))


def contract(
    a: Sequence[Any], at_a: Indices, b: Sequence[Any], at_b: Indices, to: Indices, size: int
) -> list[Any]:
    """Compute `result[to[t]] += a[at_a[t]] * b[at_b[t]]` over all t, exactly.

    The entries of the result are ints or Fractions if those of both operands are, else symbolic
    entries, Polynomials or SymPy expressions. A cell without products is 0.
    """
    if all(isinstance(v, (int, Fraction)) for part in (a, b) for v in part):
        return _contract_rationals(a, at_a, b, at_b, to, size)
    symbolic = next((v for part in (a, b) for v in part if type(v) is SymbolicEntry), None)
    if symbolic is not None:
        left, right = ([polynomial_of_entry(v) for v in part] for part in (a, b))
        return symbolic.like(contract(left, at_a, right, at_b, to, size))
    if any(isinstance(v, Polynomial) for part in (a, b) for v in part):
        products: list[list[Any]] = [[] for _ in range(size)]
        for i, k, o in zip(at_a.tolist(), at_b.tolist(), to.tolist(), strict=True):
            products[o].append(a[i] * b[k])
        return [Polynomial.sum(terms) for terms in products]
    return sums_of_products(a, at_a, b, at_b, to, size)


def over_common_denominator(values: Sequence[int | Fraction]) -> tuple[list[int], int]:
    """Return integers `n` and a denominator `d` with `values[i] == n[i] / d`."""
    d = math.lcm(*{v.denominator for v in values}) if values else 1
    return [v.numerator * (d // v.denominator) for v in values], d


def sum_bound(a: Sequence[int], b: Sequence[int], to: Indices) -> int:
    """Bound the absolute value of every partial sum of the contraction, in any order.

    The bound is `max|a| * max|b| * (most products in one cell)`, a Python integer.
    """
    import numpy as np

    most = int(np.bincount(to).max()) if len(to) else 0
    return max(map(abs, a), default=0) * max(map(abs, b), default=0) * most


def _contract_rationals(
    a: Sequence[int | Fraction],
    at_a: Indices,
    b: Sequence[int | Fraction],
    at_b: Indices,
    to: Indices,
    size: int,
) -> list[Any]:
    import numpy as np

    (left, d1), (right, d2) = over_common_denominator(a), over_common_denominator(b)
    largest = max(map(abs, left + right), default=0)
    fits = largest < INT64_SAFE and sum_bound(left, right, to) < INT64_SAFE
    dtype = np.int64 if fits else object
    total = np.zeros(size, dtype=dtype)
    products = np.array(left, dtype=dtype)[at_a] * np.array(right, dtype=dtype)[at_b]
    np.add.at(total, to, products)
    d = d1 * d2
    if d == 1:
        return [int(v) for v in total.tolist()]
    fractions = (Fraction(v, d) for v in total.tolist())
    return [f.numerator if f.denominator == 1 else f for f in fractions]
