"""Whether two programs compute the same polynomials at each shape of a sweep, and where not.

Both are called with arrays of opaque symbolic entries. Each entry of their results is a polynomial
in canonical form, so equal results are equal for all values in any commutative ring. Then both are
called with ordinary arrays, where they must return the values of those polynomials: a program that
inspects types, or keeps results between calls, may compute something else there.
Programs are built from `conv_transpose`, `conv`, `matrix`, slices, flips, sums and products.
"""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from fractions import Fraction
from typing import Any

from symconv.core.errors import ParseError, ShapeError, SymconvError
from symconv.core.limits import require_memory
from symconv.core.polynomial import Polynomial, as_polynomial
from symconv.exact.opaque import (
    Question,
    Questions,
    SymbolicEntry,
    exact_scalar,
    polynomial_of_entry,
    symbolic_array,
)
from symconv.results.evidence import Evidence, Method, Outcome, Semantics, Verdict
from symconv.results.reasons import stated

Shape = tuple[int, ...]
Index = tuple[int, ...]
Program = Callable[..., Any]
MOST_ENTRIES = 20_000
MOST_NAMED = 4
ROUNDING = 2.0**-40
"""Error allowed on floating-point arrays, relative to the sum of the absolute products. The random
values are small multiples of 1/8, so float64 rounds only where a program has inexact constants.
"""


@dataclass(frozen=True, slots=True)
class Identity:
    """Two programs that should agree, and the shapes of their arguments.

    Attributes:
        left, right: functions of the same tensors.
        shapes: one shape per argument, for each step of the sweep.

    >>> import symconv
    >>> flipped = symconv.Identity(lambda x: x[::-1], lambda x: x, (((2,),),))
    >>> flipped.verdict().outcome.value
    'refuted'
    """

    left: Program
    right: Program
    shapes: tuple[tuple[Shape, ...], ...]

    def verdict(self) -> Verdict:
        """The verdict that `identical` returns."""
        return identical(self.left, self.right, self.shapes)


class Numbers(Enum):
    """Kinds of ordinary arrays; the value is the name shown in reports."""

    INT64 = "int64"
    FLOAT64 = "float64"
    FRACTION = "Fraction"
    COMPLEX128 = "complex128"


DRAWS = (
    Numbers.INT64,
    Numbers.FLOAT64,
    Numbers.FRACTION,
    Numbers.INT64,
    Numbers.FLOAT64,
    Numbers.COMPLEX128,
)
"""The ordinary arrays drawn for each shape; every second draw calls the right program first."""


@dataclass(frozen=True, slots=True)
class _Difference:
    """Where two results differ, as text for the report."""

    where: str = ""
    left: str = ""
    right: str = ""
    cause: str = ""


@dataclass(frozen=True, slots=True)
class _Step:
    """One step of the sweep: the arguments' names, shapes and variables.

    Attributes:
        variables: for each argument the name of the variable at each entry, in C order. Names
            are `x_0_1` if all of these are distinct, else `x[0, 1]`.
    """

    names: tuple[str, ...]
    shapes: tuple[Shape, ...]
    variables: tuple[tuple[str, ...], ...]

    @staticmethod
    def of(names: Sequence[str], shapes: tuple[Shape, ...]) -> _Step:
        import numpy as np

        places = [list(np.ndindex(*shape)) for shape in shapes]
        joined = tuple(
            tuple("_".join([name, *map(str, index)]) for index in indices)
            for name, indices in zip(names, places, strict=True)
        )
        if len({v for part in joined for v in part}) < sum(map(len, places)):
            joined = tuple(
                tuple(f"{name}[{', '.join(map(str, index))}]" for index in indices)
                for name, indices in zip(names, places, strict=True)
            )
        return _Step(tuple(names), shapes, joined)

    def symbolic(self, questions: Questions) -> list[Any]:
        """One array of symbolic entries per argument."""
        return [
            symbolic_array(
                [SymbolicEntry(Polynomial.variable(v), questions) for v in variables], shape
            )
            for variables, shape in zip(self.variables, self.shapes, strict=True)
        ]

    def drawn(self, kind: Numbers, seed: str) -> tuple[list[Any], dict[str, Any]]:
        """One array of random numbers per argument, and the exact value of every variable."""
        import numpy as np

        source = random.Random(seed)
        arrays: list[Any] = []
        values: dict[str, Any] = {}
        for variables, shape in zip(self.variables, self.shapes, strict=True):
            flat = [_number(kind, source) for _ in variables]
            dtype = object if kind is Numbers.FRACTION else kind.value
            array = np.empty(len(flat), dtype=dtype)
            array[:] = flat
            arrays.append(array.reshape(shape))
            values.update(zip(variables, flat, strict=True))
        return arrays, values

    def __str__(self) -> str:
        pairs = zip(self.names, self.shapes, strict=True)
        return ", ".join(f"{name} {'x'.join(map(str, shape))}" for name, shape in pairs)


def _number(kind: Numbers, source: random.Random) -> Any:
    """A small random number; zeros and repetitions are frequent."""
    n = source.randint(-4, 4)
    if kind is Numbers.INT64:
        return n
    if kind is Numbers.COMPLEX128:
        return complex(n, source.randint(-4, 4))
    if kind is Numbers.FRACTION:
        return Fraction(n, source.randint(1, 6))
    return (2 * n + 1) / 8


def identical(f: Program, g: Program, shapes: Iterable[Sequence[Sequence[int]]]) -> Verdict:
    """Compare two programs at every shape; the verdict covers these shapes only.

    Args:
        f, g: functions of the same tensors. They receive NumPy arrays, first of symbolic entries,
            which can be added, subtracted and multiplied, then of ordinary numbers.
        shapes: for each step one shape per argument: `[((2, 2), (3, 3)), ...]`.

    Returns:
        HOLDS: equal polynomials at every shape, and results equal to their values on int64,
        float64 and Fraction arrays (and complex128 where the programs accept it).
        REFUTED: different polynomials, and numbers on which the programs differ.
        UNDECIDED: a program asked for the value of an entry, or behaves differently on numbers
        than on symbols.

    Raises:
        ParseError: no shapes are given, or not one for each argument.
        ShapeError: a program cannot be called with one of the shapes.

    >>> import symconv
    >>> verdict = symconv.identical(lambda x, w: x * w, lambda x, w: w * x, [((2,), (2,))])
    >>> verdict.outcome.value, verdict.badge
    ('holds', 'IDENTICAL at this shape')
    """
    sweep = [tuple(_shape(s) for s in step) for step in shapes]
    names = _names(f, len(sweep[0]) if sweep else 0)
    if not sweep:
        raise ParseError("give shapes, such as [((2, 2), (3, 3))] for a program of two tensors")
    products = 0
    kinds: dict[Numbers, None] = {}
    for shapes_here in sweep:
        if len(shapes_here) != len(names):
            raise ParseError(
                f"{len(shapes_here)} shapes {shapes_here} were given for {len(names)} arguments "
                f"{names}"
            )
        require_memory(
            400 * sum(_size(s) for s in shapes_here),
            f"symbolic entries of shapes {shapes_here}",
            "Use smaller shapes.",
        )
        step = _Step.of(names, shapes_here)
        judged = _judge_step(f, g, step)
        if judged.outcome is not Outcome.HOLDS:
            scope, found = _evidence(f, g, f"shapes {step}"), judged.difference
            return Verdict(
                judged.outcome,
                scope,
                found.where,
                found.left,
                found.right,
                reasons=stated(found.cause),
            )
        kinds.update(dict.fromkeys(judged.kinds))
        products += judged.products
    first, last = (str(_Step.of(names, shapes_here)) for shapes_here in (sweep[0], sweep[-1]))
    shown = f"1 shape, {first}" if len(sweep) == 1 else f"{len(sweep)} shapes, {first} to {last}"
    scope = _evidence(
        f,
        g,
        f"{shown}: {products} products on either side; both "
        f"return these polynomials' values on {', '.join(k.value for k in kinds)} arrays",
    )
    return Verdict(Outcome.HOLDS, scope, reasons=stated(NEXT))


NEXT = (
    "for all sizes: state both sides as sums over index sets, with a map between the sets in both "
    "directions, in a file for symconv prove"
)
"""What a proof for all sizes requires in addition."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """Result of one step of the sweep.

    Attributes:
        outcome: the verdict at this shape.
        difference: what refutes the identity, or leaves it undecided.
        products: number of terms of the left program's polynomials.
        kinds: the kinds of ordinary arrays on which both returned the polynomials' values.
    """

    outcome: Outcome
    difference: _Difference = _Difference()
    products: int = 0
    kinds: tuple[Numbers, ...] = ()


def _judge_step(f: Program, g: Program, step: _Step) -> _Judged:
    """Compare on symbols, then on numbers; only numbers refute, since anyone can try them."""
    results: list[Any] = []
    for program in (f, g):
        questions = Questions()
        try:
            results.append(_called(program, step.symbolic(questions), step.shapes))
        except SymconvError:
            if not questions.asked:
                raise
        if questions.asked:
            cause = _asked(program, questions.asked[0])
            return _Judged(Outcome.UNDECIDED, _Difference(cause=cause))
    left, right = results
    symbols, replay = _compared(left, right, step), _replay(f, g, step, (left, right))
    numbers = replay.difference
    if numbers is not None and replay.refutes:
        if symbols is None:
            return _Judged(Outcome.REFUTED, numbers)
        cause = f"{symbols.cause}. In numbers: {numbers.cause}"
        return _Judged(Outcome.REFUTED, replace(symbols, cause=cause))
    if numbers is not None:
        cause = f"behaves differently on numbers than on symbols: {numbers.cause}"
        return _Judged(Outcome.UNDECIDED, _Difference(cause=cause))
    if symbols is not None:
        cause = (
            "the polynomials differ, but the programs agree on numbers up to rounding: "
            f"{symbols.where}, {symbols.cause}"
        )
        return _Judged(Outcome.UNDECIDED, _Difference(cause=cause))
    products = sum(len(as_polynomial(v).terms) for v in left.ravel().tolist())
    return _Judged(Outcome.HOLDS, products=products, kinds=replay.kinds)


def _asked(program: Program, question: Question) -> str:
    place = f" at {question.place}" if question.place else ""
    return (
        f"{_program_name(program)} asks for the value of an entry{place} ({question.operation}), "
        "so what it computes may depend on values that symbols do not have"
    )


def _program_name(program: Program) -> str:
    return getattr(program, "__name__", "a program")


def _shape(shape: Sequence[int]) -> Shape:
    found = tuple(shape)
    if not all(type(n) is int and n >= 0 for n in found):
        raise ParseError(f"{shape!r} is not a shape; give integers of at least 0")
    if _size(found) > MOST_ENTRIES:
        raise ParseError(f"{shape!r} has more than {MOST_ENTRIES} entries")
    return found


def _size(shape: Shape) -> int:
    total = 1
    for n in shape:
        total *= n
    return total


def _names(f: Program, count: int) -> list[str]:
    """The names of the program's required positional arguments; t0, t1, ... if it has none."""
    try:
        found = [
            p.name
            for p in inspect.signature(f).parameters.values()
            if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.default is p.empty
        ]
    except (TypeError, ValueError):
        found = []
    return found or [f"t{n}" for n in range(count)]


def _called(program: Program, given: list[Any], shapes: Sequence[Shape]) -> Any:
    """The result as an object array of Polynomials and exact numbers; complex stays complex.

    Raises:
        ShapeError: the program fails on these arguments, or returns something else.
    """
    import numpy as np

    name = _program_name(program)
    try:
        found = program(*given)
        nested = found.tolist() if hasattr(found, "tolist") else found
        array = np.asarray(nested, dtype=object)
        if not array.size:
            raise ShapeError("it returns no entries, so there is nothing to compare")
    except SymconvError as error:
        raise ShapeError(f"{name} cannot be called with shapes {shapes}: {error}") from None
    except (Exception, SystemExit) as error:  # the user's code may fail in any way
        raise ShapeError(
            f"{name} fails at shapes {shapes}: {type(error).__name__}: {error}"
        ) from None
    flat = [_exact(value, name, shapes) for value in array.ravel().tolist()]
    exact = np.empty(len(flat), dtype=object)
    exact[:] = flat
    return exact.reshape(array.shape)


def _exact(value: Any, name: str, shapes: Sequence[Shape]) -> Any:
    if type(value) is SymbolicEntry:
        return polynomial_of_entry(value)
    if isinstance(value, complex):
        return value
    found = exact_scalar(value)
    if found is None:
        raise ShapeError(
            f"{name} returns {type(value).__name__} at shapes {shapes}; exact numbers or "
            "symbolic entries are required"
        )
    return found


def _compared(left: Any, right: Any, step: _Step) -> _Difference | None:
    import numpy as np

    if left.shape != right.shape:
        return _other_shapes(left.shape, right.shape, step)
    wrong = [
        index
        for index in np.ndindex(*left.shape)
        if as_polynomial(left[index]) != as_polynomial(right[index])
    ]
    if not wrong:
        return None
    a, b = (as_polynomial(side[wrong[0]]) for side in (left, right))
    only = [
        f"{'only left' if sign > 0 else 'only right'}: {_products(a - b, sign)}"
        for sign in (1, -1)
        if _products(a - b, sign)
    ]
    cause = f"{len(wrong)} of {left.size} entries differ; in the first, {'; '.join(only)}"
    return _Difference(_place(wrong[0], step), str(a), str(b), cause)


def _other_shapes(left: Shape, right: Shape, step: _Step) -> _Difference:
    cause = f"the results' shapes differ at {step.shapes}"
    return _Difference("shape", str(left), str(right), cause)


def _place(index: Index, step: _Step) -> str:
    return f"[{', '.join(map(str, index))}] at shapes {step.shapes}"


def _products(gap: Polynomial, sign: int) -> str:
    """The terms of one sign in a difference, as text."""
    terms = [(m, c * sign) for m, c in gap.terms if c * sign > 0]
    shown = [str(Polynomial((term,))) for term in terms[:MOST_NAMED]]
    return " + ".join(shown) + (" + ..." if len(terms) > MOST_NAMED else "")


@dataclass(frozen=True, slots=True)
class _Replay:
    """Result of calling both programs on ordinary arrays.

    Attributes:
        kinds: the kinds of arrays on which both returned the polynomials' values.
        difference: the first result that differs from the value of its polynomial, or None.
        refutes: whether the programs also differ from each other there.
    """

    kinds: tuple[Numbers, ...]
    difference: _Difference | None = None
    refutes: bool = False


def _replay(f: Program, g: Program, step: _Step, symbolic: tuple[Any, Any]) -> _Replay:
    """Call both programs on numbers; each must return the values of its polynomials."""
    kinds: dict[Numbers, None] = {}
    for number, kind in enumerate(DRAWS):
        seed = f"{step.shapes} {number}"
        order = (1, 0) if number % 2 else (0, 1)
        results: list[Any] = [None, None]
        try:
            for side in order:
                arrays, values = step.drawn(kind, seed)
                results[side] = _called((f, g)[side], arrays, step.shapes)
        except SymconvError as error:
            if kind is Numbers.COMPLEX128:
                continue  # programs need not accept complex numbers
            found = _Difference(cause=f"on {kind.value} arrays, {error}")
            return _Replay(tuple(kinds), found)
        found_pair = _differing(results, symbolic, values, kind, step)
        if found_pair is not None:
            return _Replay(tuple(kinds), *found_pair)
        kinds[kind] = None
    return _Replay(tuple(kinds))


def _differing(
    results: Sequence[Any],
    symbolic: tuple[Any, Any],
    values: Mapping[str, Any],
    kind: Numbers,
    step: _Step,
) -> tuple[_Difference, bool] | None:
    """The first difference between the results, else the first from the polynomials.

    Returns the difference and whether the results differ from each other; None if all agree.
    """
    import numpy as np

    left, right = results
    if left.shape != right.shape:
        return _other_shapes(left.shape, right.shape, step), True
    for program, (result, polynomials) in enumerate(zip(results, symbolic, strict=True)):
        if result.shape != polynomials.shape:
            cause = (
                f"the {('left', 'right')[program]} program returns shape {result.shape} on "
                f"{kind.value} arrays, {polynomials.shape} on symbols"
            )
            return _Difference("shape", str(polynomials.shape), str(result.shape), cause), False
    from_polynomial: tuple[_Difference, bool] | None = None
    for index in np.ndindex(*left.shape):
        sides = [as_polynomial(p[index]) for p in symbolic]
        expected, scale = zip(*(_value(p, values) for p in sides), strict=True)
        if not _equal(left[index], right[index], max(scale)):
            cause = (
                f"on these {kind.value} arrays, {_first_numbers(step, values)}, entry "
                f"{list(index)} is {left[index]} on the left and {right[index]} on the right"
            )
            place = _place(index, step)
            return _Difference(place, str(left[index]), str(right[index]), cause), True
        for program, result in enumerate((left[index], right[index])):
            if from_polynomial is None and not _equal(result, expected[program], scale[program]):
                cause = (
                    f"on {kind.value} arrays, {_first_numbers(step, values)}, the "
                    f"{('left', 'right')[program]} program returns {result} at {list(index)}, "
                    f"where its polynomial {sides[program]} is worth {expected[program]}"
                )
                where = _place(index, step)
                texts = str(expected[program]), str(result)
                from_polynomial = _Difference(where, *texts, cause), False
    return from_polynomial


def _value(polynomial: Polynomial, values: Mapping[str, Any]) -> tuple[Any, float]:
    """The exact value, and the sum of the absolute values of its terms."""
    total: Any = 0
    scale = 0.0
    for monomial, coefficient in polynomial.terms:
        product: Any = coefficient
        for name in monomial:
            value = values[name]
            product = product * (Fraction(value) if isinstance(value, float) else value)
        total = total + product
        scale += abs(complex(product))
    return total, scale


def _equal(a: Any, b: Any, scale: float) -> bool:
    """Whether two numbers are equal up to `ROUNDING * scale`; polynomials must be exactly equal."""
    if a == b:
        return True
    return (
        not isinstance(a, Polynomial)
        and not isinstance(b, Polynomial)
        and (abs(complex(a) - complex(b)) <= ROUNDING * scale)
    )


def _first_numbers(step: _Step, values: Mapping[str, Any]) -> str:
    """The first values of each argument as text, at most 8: `x = [1, 2], w = [3]`."""
    parts = []
    for name, variables in zip(step.names, step.variables, strict=True):
        shown = ", ".join(str(values[v]) for v in variables[:8])
        parts.append(f"{name} = [{shown}{', ...' if len(variables) > 8 else ''}]")
    return ", ".join(parts)


def _evidence(f: Program, g: Program, domain: str) -> Evidence:
    left, right = _program_name(f), _program_name(g)
    return Evidence(
        f"{left} and {right} give the same polynomials",
        domain,
        Semantics.RING,
        Method.IDENTICAL,
        (
            "canonical polynomials (polynomial.py)",
            "Python's integers and NumPy's arrays",
            "the operators that the programs call",
        ),
        "numbers for the symbols, put into both",
    )


def as_identity(value: Any) -> Identity:
    """Convert `(left, right, shapes)` to an Identity; an Identity is returned unchanged.

    Raises:
        ParseError: `value` is neither.
    """
    if isinstance(value, Identity):
        return value
    fits = isinstance(value, (tuple, list)) and len(value) == 3 and all(map(callable, value[:2]))
    if not fits:
        raise ParseError("a pair must be (left, right, shapes), or an Identity of them")
    steps: Mapping[str, Any] | Any = value[2]
    return Identity(value[0], value[1], tuple(tuple(map(tuple, step)) for step in steps))
