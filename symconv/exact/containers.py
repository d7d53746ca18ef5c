"""Conversion of operands from any container to flat exact data, and back.

A float in a list is the decimal that it is written as: 0.1 is one tenth, as on the command line.
A float in a NumPy array or a torch tensor is the binary fraction that it stores: there 0.1 is
3602879701896397/36028797018963968.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

from symconv.core.errors import ParseError, ShapeError
from symconv.core.polynomial import Polynomial
from symconv.exact.opaque import SymbolicEntry, is_symbolic, symbolic_array


class Container(Enum):
    """Kind of container of an operand; results are returned in the same kind."""

    SYMPY = "sympy"
    NUMPY = "numpy"
    SYMBOLIC = "symbolic"


@dataclass(frozen=True, slots=True)
class Tensor:
    """Exact entries in C order.

    Attributes:
        shape: lengths, in elements.
        flat: ints, Fractions, Polynomials, symbolic entries or SymPy expressions.
        container: kind of container that the entries were read from.
    """

    shape: tuple[int, ...]
    flat: tuple[Any, ...]
    container: Container = Container.SYMPY

    @property
    def rational(self) -> bool:
        """Whether every entry is an int or a Fraction."""
        return all(isinstance(v, (int, Fraction)) for v in self.flat)

    def reshape(self, shape: tuple[int, ...]) -> Tensor:
        """Return the same entries, in the same order, with another shape."""
        assert math.prod(shape) == len(self.flat)
        return Tensor(shape, self.flat, self.container)

    def nested(self) -> Any:
        """Return the entries as nested lists; for rank 0, the entry itself."""
        return nest(self.flat, self.shape)


def nest(flat: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """Nest a flat sequence in C order into lists; for rank 0, return its entry."""
    if not shape:
        return flat[0]
    step = math.prod(shape[1:])
    return [nest(flat[n * step : (n + 1) * step], shape[1:]) for n in range(shape[0])]


def exact(value: Any, name: str, *, decimals: bool = True) -> Any:
    """Convert one entry to an int, a Fraction or a SymPy expression without floats.

    With `decimals`, a Python float is the decimal that it is written as; without, and for NumPy's
    scalars, it is the binary fraction that it stores.

    Polynomials and symbolic entries are returned unchanged.

    Raises:
        ParseError: the entry is not an exact number or expression.
    """
    if type(value) in (int, Polynomial, SymbolicEntry):
        return value
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else value
    if isinstance(value, bool):
        raise ParseError(f"{name} contains the boolean {value}; write 1 or 0")
    if isinstance(value, (float, Decimal)):
        if not math.isfinite(value):
            raise ParseError(f"{name} contains {value}; exact arithmetic requires finite numbers")
        written = type(value) is float and decimals
        return exact(Fraction(repr(value) if written else value), name)
    sympy = sys.modules.get("sympy")
    if sympy is not None and isinstance(value, sympy.Basic):
        if isinstance(value, sympy.Rational):
            return exact(Fraction(int(value.p), int(value.q)), name)
        if isinstance(value, sympy.Expr) and not value.has(sympy.Float, sympy.nan, sympy.zoo):
            return value
        raise ParseError(
            f"{name} contains {value}, which is not exact; write Rational(1, 2) or '1/2' instead"
        )
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        return exact(value.item(), name, decimals=False)
    raise ParseError(
        f"{name} contains {value!r} of type {type(value).__name__}; entries must be ints, "
        "Fractions, floats or SymPy expressions. Use symconv.read_values to read text"
    )


def read_tensor(value: Any, name: str) -> Tensor:
    """Read lists, SymPy matrices and arrays, NumPy arrays or torch tensors as exact data.

    Raises:
        ParseError: the rows are ragged or an entry is not exact.
        ShapeError: there are no entries or no axes.
    """
    if isinstance(value, Tensor):
        return value
    if hasattr(value, "detach") and hasattr(value, "cpu"):
        host = value.detach().cpu()
        value = (host.double() if host.is_floating_point() else host).numpy()
    if hasattr(value, "__array__") and hasattr(value, "tolist") and hasattr(value, "dtype"):
        if value.dtype.kind not in "iufO":
            raise ParseError(
                f"{name} has dtype {value.dtype}; it must be an integer, float or object dtype"
            )
        shape, flat = tuple(value.shape), value.ravel().tolist()
        container = Container.NUMPY
    elif hasattr(value, "shape") and hasattr(value, "tolist"):
        shape, container = tuple(int(n) for n in value.shape), Container.SYMPY
        flat, _ = _flatten(value.tolist(), name)
    else:
        flat, shape = _flatten(value, name)
        container = Container.SYMPY
    if 0 in shape or not shape:
        raise ShapeError(f"{name} has shape {shape}; at least one entry and one axis are required")
    decimals = container is not Container.NUMPY
    if is_symbolic(flat):
        container = Container.SYMBOLIC
    return Tensor(shape, tuple(exact(v, name, decimals=decimals) for v in flat), container)


def _flatten(value: Any, name: str) -> tuple[list[Any], tuple[int, ...]]:
    if not isinstance(value, (list, tuple)):
        return [value], ()
    parts = [_flatten(part, name) for part in value]
    for n, (_, shape) in enumerate(parts):
        if shape != parts[0][1]:
            raise ParseError(
                f"{name} is ragged: row {n} {_described(shape)}, but row 0 "
                f"{_described(parts[0][1])}. All rows must have the same length"
            )
    inner = parts[0][1] if parts else ()
    return [v for flat, _ in parts for v in flat], (len(parts), *inner)


def _described(shape: tuple[int, ...]) -> str:
    if not shape:
        return "is a number"
    return f"has {shape[0]} entries" if len(shape) == 1 else f"has shape {shape}"


def to_container(tensor: Tensor, container: Container) -> Any:
    """Return the entries in the given kind of container.

    SymPy: a Matrix for rank 2, else an ImmutableDenseNDimArray. NumPy and symbolic entries: an
    object array.
    """
    if container is Container.SYMBOLIC:
        return symbolic_array(tensor.flat, tensor.shape)
    if container is Container.NUMPY:
        import numpy as np

        array = np.empty(len(tensor.flat), dtype=object)
        array[:] = tensor.flat
        return array.reshape(tensor.shape)
    import sympy

    entries = [to_sympy(v) for v in tensor.flat]
    if len(tensor.shape) == 2:
        return sympy.Matrix(*tensor.shape, entries)
    return sympy.ImmutableDenseNDimArray(entries, tensor.shape)


def to_sympy(value: Any) -> Any:
    """Convert an int, Fraction or Polynomial to a SymPy expression; return others unchanged."""
    import sympy

    if isinstance(value, int):
        return sympy.Integer(value)
    if isinstance(value, Fraction):
        return sympy.Rational(value.numerator, value.denominator)
    if isinstance(value, Polynomial):
        return sympy.Add(
            *(
                sympy.Mul(to_sympy(c), *(sympy.Symbol(n) for n in monomial))
                for monomial, c in value.terms
            )
        )
    return value
