"""Opaque symbolic entries: elements that support ring arithmetic but reveal no value.

Tensor programs are compared by running them on arrays of these entries. Each result is a
polynomial; equal polynomials are equal for all values in any commutative ring. A question about
an entry (is it zero, is it larger, what is its text) has no answer that holds for all values. It
raises `ValueAsked` and is also recorded, because the program may catch the exception.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from symconv.core.errors import Undecided
from symconv.core.polynomial import Polynomial, Scalar, as_polynomial

_OWN_FOLDER = str(Path(__file__).parents[1])
_STANDARD_LIBRARY = str(Path(os.__file__).parent)


@dataclass(frozen=True, slots=True)
class Question:
    """A request for the value of a symbolic entry.

    Attributes:
        operation: the operation that asked, such as `==` or `hash()`.
        file, line: location in the program, or None if Python has no frame for it.
    """

    operation: str
    file: str | None
    line: int | None

    @property
    def place(self) -> str:
        """File name and line, such as `pair.py:4`; an empty string if unknown."""
        return f"{Path(self.file).name}:{self.line}" if self.file else ""


class ValueAsked(Undecided):
    """A program asked for the value of a symbolic entry."""


@dataclass(slots=True)
class Questions:
    """Requests for values made during one run of a program, in order."""

    asked: list[Question] = field(default_factory=list)

    def record(self, operation: str) -> NoReturn:
        """Record a question, with the innermost line outside of libraries, and raise.

        Raises:
            ValueAsked: always.
        """
        question = Question(operation, *_asking_line())
        self.asked.append(question)
        place = f" at {question.place}" if question.place else ""
        raise ValueAsked(f"{operation} asks for the value of a symbolic entry{place}")


def _asking_line() -> tuple[str, int] | tuple[None, None]:
    """Find the innermost line outside symconv, NumPy and the standard library."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        if not _is_library(name):
            return name, frame.f_lineno
        frame = frame.f_back
    return None, None


def _is_library(file: str) -> bool:
    numpy = sys.modules.get("numpy")
    if numpy is not None and file.startswith(str(Path(numpy.__file__ or "").parent)):
        return True
    if file.startswith(_STANDARD_LIBRARY):
        return "site-packages" not in file
    return file.startswith((_OWN_FOLDER, "<frozen"))


def exact_scalar(value: Any) -> Scalar | None:
    """Return the exact value of an int, Fraction or finite float; None for anything else."""
    if isinstance(value, (int, Fraction)):
        return value + 0  # True counts as 1
    if isinstance(value, float) and math.isfinite(value):
        return Fraction(value)
    return None


class SymbolicEntry:
    """One element of a symbolic tensor: a polynomial that supports only `+`, `-`, `*`, `**`.

    Division by a constant other than 0 is multiplication by its inverse. Everything else asks
    for a value and raises `ValueAsked`.
    """

    __slots__ = ("_polynomial", "_questions")

    def __init__(self, polynomial: Polynomial, questions: Questions) -> None:
        self._polynomial = polynomial
        self._questions = questions

    def _with(self, polynomial: Polynomial) -> SymbolicEntry:
        return SymbolicEntry(polynomial, self._questions)

    def like(self, values: Iterable[Polynomial | Scalar]) -> list[SymbolicEntry]:
        """Create entries with the given values that belong to the same run."""
        return [self._with(as_polynomial(v)) for v in values]

    def _operand(self, other: Any) -> Polynomial | Scalar | None:
        return other._polynomial if isinstance(other, SymbolicEntry) else exact_scalar(other)

    def __add__(self, other: Any) -> SymbolicEntry:
        operand = self._operand(other)
        return NotImplemented if operand is None else self._with(self._polynomial + operand)

    __radd__ = __add__

    def __sub__(self, other: Any) -> SymbolicEntry:
        operand = self._operand(other)
        return NotImplemented if operand is None else self._with(self._polynomial - operand)

    def __rsub__(self, other: Any) -> SymbolicEntry:
        operand = self._operand(other)
        return NotImplemented if operand is None else self._with(operand - self._polynomial)

    def __mul__(self, other: Any) -> SymbolicEntry:
        operand = self._operand(other)
        return NotImplemented if operand is None else self._with(self._polynomial * operand)

    __rmul__ = __mul__

    def __neg__(self) -> SymbolicEntry:
        return self._with(-self._polynomial)

    def __pos__(self) -> SymbolicEntry:
        return self

    def __truediv__(self, other: Any) -> SymbolicEntry:
        scalar = exact_scalar(other)
        if not scalar:
            self._questions.record("division by an entry or by zero")
        return self._with(self._polynomial * (1 / Fraction(scalar)))

    def __pow__(self, exponent: Any) -> SymbolicEntry:
        power = exact_scalar(exponent)
        if not isinstance(power, int) or power < 0:
            self._questions.record("** with an exponent that is not a natural number")
        found = Polynomial.constant(1)
        for _ in range(power):
            found = found * self._polynomial
        return self._with(found)

    def __copy__(self) -> SymbolicEntry:
        return self

    def __deepcopy__(self, memo: Any) -> SymbolicEntry:
        return self


def polynomial_of_entry(value: Any) -> Any:
    """Return the polynomial of a symbolic entry; return any other value unchanged.

    For symconv's own operators.
    """
    return value._polynomial if type(value) is SymbolicEntry else value


def _question(operation: str) -> Callable[..., NoReturn]:
    def ask(self: SymbolicEntry, *_: Any, **__: Any) -> NoReturn:
        self._questions.record(operation)

    return ask


QUESTIONS = {
    "__eq__": "==",
    "__ne__": "!=",
    "__lt__": "<",
    "__le__": "<=",
    "__gt__": ">",
    "__ge__": ">=",
    "__bool__": "bool()",
    "__hash__": "hash()",
    "__abs__": "abs()",
    "__int__": "int()",
    "__float__": "float()",
    "__complex__": "complex()",
    "__index__": "use as an index",
    "__repr__": "repr()",
    "__str__": "str()",
    "__format__": "format()",
    "__bytes__": "bytes()",
    "__round__": "round()",
    "__trunc__": "trunc()",
    "__floor__": "floor()",
    "__ceil__": "ceil()",
    "__floordiv__": "//",
    "__rfloordiv__": "//",
    "__mod__": "%",
    "__rmod__": "%",
    "__divmod__": "divmod()",
    "__rdivmod__": "divmod()",
    "__rtruediv__": "division by an entry",
    "__rpow__": "an entry as an exponent",
    "__and__": "&",
    "__rand__": "&",
    "__or__": "|",
    "__ror__": "|",
    "__xor__": "^",
    "__rxor__": "^",
    "__lshift__": "<<",
    "__rlshift__": "<<",
    "__rshift__": ">>",
    "__rrshift__": ">>",
    "__invert__": "~",
    "__reduce_ex__": "pickling",
}
"""Special methods that ask for a value, with the name under which each is reported."""

ASKING_ATTRIBUTES = (
    "real",
    "imag",
    "conjugate",
    "numerator",
    "denominator",
    "is_integer",
    "as_integer_ratio",
    "sqrt",
    "exp",
    "log",
    "sin",
    "cos",
    "tan",
    "tanh",
    "floor",
    "ceil",
    "rint",
    "bit_length",
)
"""Attributes that ask for a value: those of numbers and the methods that NumPy calls on objects."""


def _attribute(name: str) -> property:
    def ask(self: SymbolicEntry) -> NoReturn:
        self._questions.record(f".{name}")

    return property(ask)


def _refuse_questions() -> None:
    for name, operation in QUESTIONS.items():
        setattr(SymbolicEntry, name, _question(operation))
    for name in ASKING_ATTRIBUTES:
        setattr(SymbolicEntry, name, _attribute(name))


_refuse_questions()


def is_symbolic(values: Iterable[Any]) -> bool:
    """Whether any of the values is a symbolic entry."""
    return any(type(v) is SymbolicEntry for v in values)


def symbolic_array(entries: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """Make an object array that treats a question about the array as one about its entries.

    A plain object array answers `.imag` with zeros, as if every entry were real, and `.tobytes()`
    with addresses; here both raise `ValueAsked`.
    """
    import numpy as np

    array = np.empty(len(entries), dtype=object)
    array[:] = entries
    return array.reshape(shape).view(_symbolic_array_class())


@cache
def _symbolic_array_class() -> type[Any]:
    import numpy as np

    def ask(self: Any, operation: str) -> NoReturn:
        for entry in self.ravel().tolist():
            if type(entry) is SymbolicEntry:
                entry._questions.record(operation)
        raise ValueAsked(f"{operation} asks for values of a symbolic array")

    class SymbolicArray(np.ndarray[Any, np.dtype[Any]]):
        """Object array of symbolic entries."""

        real = property(lambda self: ask(self, ".real"))
        imag = property(lambda self: ask(self, ".imag"))

        def tobytes(self, *_: Any, **__: Any) -> NoReturn:
            ask(self, ".tobytes()")

        def __reduce_ex__(self, *_: Any) -> NoReturn:
            ask(self, "pickling")

    return SymbolicArray
