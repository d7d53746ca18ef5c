"""Two programs of tensors, equal as polynomials at each shape of a sweep, or not and where.

Both are called with arrays of letters, one letter an entry, and each entry of what they return is a
polynomial in canonical form: equal ones are equal for every value in any commutative ring. Programs
are built of `conv_transpose`, `conv`, `matrix`, slices, flips, sums and products.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from symconv.errors import ParseError, ShapeError, SymconvError
from symconv.evidence import Evidence, Method, Outcome, Semantics, Verdict
from symconv.limits import require_memory
from symconv.polynomial import Polynomial, as_polynomial

Shape = tuple[int, ...]
Program = Callable[..., Any]
MOST_ENTRIES = 20_000
MOST_NAMED = 4


@dataclass(frozen=True, slots=True)
class Identity:
    """Two programs that should agree, and the shapes of their arguments.

    Attributes:
        left, right: functions of the same tensors.
        shapes: one shape an argument, for each step of the sweep.
    """

    left: Program
    right: Program
    shapes: tuple[tuple[Shape, ...], ...]

    def verdict(self) -> Verdict:
        """As `identical` gives it."""
        return identical(self.left, self.right, self.shapes)


def letters(name: str, shape: Shape) -> Any:
    """An array of letters: `x_0_1` at (0, 1)."""
    import numpy as np

    array = np.empty(shape, dtype=object)
    for index in np.ndindex(*shape):
        array[index] = Polynomial.variable("_".join([name, *map(str, index)]))
    return array


def identical(f: Program, g: Program, shapes: Iterable[Sequence[Sequence[int]]]) -> Verdict:
    """Compare two programs at every shape; the verdict speaks of these shapes alone.

    `shapes` lists, for each step, one shape an argument: `[((2, 2), (3, 3)), ...]`.

    Raises:
        ParseError: no shapes, or their number is not that of the arguments.
        ShapeError: a program cannot be called with a shape; says which and why.
    """
    sweep = [tuple(_shape(s) for s in step) for step in shapes]
    names = _names(f, len(sweep[0]) if sweep else 0)
    if not sweep:
        raise ParseError("shapes are needed: [((2, 2), (3, 3))] for a program of two tensors")
    products = 0
    for step in sweep:
        if len(step) != len(names):
            raise ParseError(f"{len(step)} shapes {step} for {len(names)} arguments {names}")
        require_memory(
            200 * sum(_size(s) for s in step), f"letters of shapes {step}", "Way out: smaller ones."
        )
        given = [letters(name, shape) for name, shape in zip(names, step, strict=True)]
        left, right = _called(f, given, step), _called(g, given, step)
        broken = _compared(left, right, step)
        if broken is not None:
            where, expected, actual, cause = broken
            scope = _evidence(f, g, f"shapes {_told(names, step)}")
            return Verdict(Outcome.REFUTED, scope, where, expected, actual, cause=cause)
        products += sum(len(as_polynomial(v).terms) for v in left.ravel().tolist())
    told = "; ".join(_told(names, step) for step in (sweep[0], sweep[-1]))
    scope = _evidence(f, g, f"{len(sweep)} shapes, {told}: {products} products on either side")
    return Verdict(Outcome.HOLDS, scope, cause=NEXT)


NEXT = (
    "for all sizes: state both sides as sums over index sets, with a map between the sets in both "
    "directions, in a file for symconv prove"
)
"""What a proof for all sizes would need beside this."""


def _shape(shape: Sequence[int]) -> Shape:
    found = tuple(shape)
    if not all(type(n) is int and n >= 0 for n in found):
        raise ParseError(f"{shape!r} is no shape; whole numbers of at least 0 are needed")
    if _size(found) > MOST_ENTRIES:
        raise ParseError(f"{shape!r} has more than {MOST_ENTRIES} entries")
    return found


def _size(shape: Shape) -> int:
    total = 1
    for n in shape:
        total *= n
    return total


def _names(f: Program, count: int) -> list[str]:
    """The program's own names for its arguments, or letters."""
    try:
        found = [
            p.name for p in inspect.signature(f).parameters.values()
            if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.default is p.empty
        ]  # fmt: skip
    except (TypeError, ValueError):
        found = []
    return found or [f"t{n}" for n in range(count)]


def _called(program: Program, given: list[Any], step: Sequence[Shape]) -> Any:
    import numpy as np

    name = getattr(program, "__name__", "a program")
    try:
        found = program(*[array.copy() for array in given])
    except SymconvError as error:
        raise ShapeError(f"{name} cannot be called with shapes {step}: {error}") from None
    except Exception as error:  # the user's code may fail in any way
        raise ShapeError(
            f"{name} fails at shapes {step}: {type(error).__name__}: {error}"
        ) from None
    array = np.asarray(found.tolist() if hasattr(found, "tolist") else found, dtype=object)
    for value in array.ravel().tolist():
        if not isinstance(value, (Polynomial, int)) and not hasattr(value, "denominator"):
            raise ShapeError(
                f"{name} returns {type(value).__name__} at shapes {step}; exact numbers and "
                "letters are needed"
            )
    return array


def _compared(left: Any, right: Any, step: Sequence[Shape]) -> tuple[str, str, str, str] | None:
    import numpy as np

    if left.shape != right.shape:
        return "shape", str(left.shape), str(right.shape), f"the results' shapes differ at {step}"
    wrong = [
        index for index in np.ndindex(*left.shape)
        if as_polynomial(left[index]) != as_polynomial(right[index])
    ]  # fmt: skip
    if not wrong:
        return None
    a, b = (as_polynomial(side[wrong[0]]) for side in (left, right))
    place = f"[{', '.join(map(str, wrong[0]))}] at shapes {step}"
    only = [f"{'only left' if sign > 0 else 'only right'}: {_products(a - b, sign)}"
            for sign in (1, -1) if _products(a - b, sign)]  # fmt: skip
    cause = f"{len(wrong)} of {left.size} entries differ; in the first, {'; '.join(only)}"
    return place, str(a), str(b), cause


def _products(gap: Polynomial, sign: int) -> str:
    """The products of one sign in a difference."""
    terms = [(m, c * sign) for m, c in gap.terms if c * sign > 0]
    shown = [str(Polynomial((term,))) for term in terms[:MOST_NAMED]]
    return " + ".join(shown) + (" + ..." if len(terms) > MOST_NAMED else "")


def _told(names: Sequence[str], step: Sequence[Shape]) -> str:
    pairs = zip(names, step, strict=True)
    return ", ".join(f"{name} {'x'.join(map(str, shape))}" for name, shape in pairs)


def _evidence(f: Program, g: Program, domain: str) -> Evidence:
    left, right = (getattr(p, "__name__", "a program") for p in (f, g))
    return Evidence(
        f"{left} and {right} give the same polynomials",
        domain,
        Semantics.RING,
        Method.IDENTICAL,
        ("canonical polynomials (polynomial.py)", "Python's integers and NumPy's arrays",
         "the operators that the programs call"),
        "numbers for the letters, put into both",
    )  # fmt: skip


def as_identity(value: Any) -> Identity:
    """A pair of programs with shapes, however a file writes it.

    Raises:
        ParseError: it is none.
    """
    if isinstance(value, Identity):
        return value
    fits = isinstance(value, (tuple, list)) and len(value) == 3 and all(map(callable, value[:2]))
    if not fits:
        raise ParseError("a pair is (left, right, shapes), or an Identity of them")
    steps: Mapping[str, Any] | Any = value[2]
    return Identity(value[0], value[1], tuple(tuple(map(tuple, step)) for step in steps))
