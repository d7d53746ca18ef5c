"""Operands of a case, drawn by its pattern and seed or written explicitly in it.

`whole`: integers within the dtype's budget, so that every order of summation is exact. `normal`,
`small`, `subnormal`: reals of those scales. `special`: small integers, with inf and nan placed in x
and grad. Operands in an expanded layout are constant along their first axis, which shares memory.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
from numpy.random.bit_generator import ISeedSequence

from symconv.campaign.case import DRAWS, Case
from symconv.campaign.contractions import Plan
from symconv.core.errors import GeometryError, ParseError
from symconv.core.limits import require_memory
from symconv.exact.dtypes import DTYPES, INTEGER, real_format
from symconv.targets.tensors import held

Array = np.ndarray[Any, Any]


class _Words(ISeedSequence):
    """Seed words from a hash: NumPy's own mixing takes several times longer."""

    def __init__(self, *seed: int) -> None:
        digest = hashlib.blake2b(repr(seed).encode(), digest_size=32).digest()
        self.words = np.frombuffer(digest, dtype="<u8")

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> Array:
        assert n_words == len(self.words) and dtype is np.uint64, "what PCG64 asks for"
        return self.words


def _generator(*seed: int) -> np.random.Generator:
    words: Any = _Words(*seed)  # PCG64's stub accepts only SeedSequence
    return np.random.Generator(np.random.PCG64(words))


def shapes(case: Case, plan: Plan) -> dict[str, tuple[int, ...]]:
    """Shapes of the operands in their column order, x and grad with a batch axis."""
    batch = max(case.batch, 1)
    found = {
        "x": (batch, *plan.input_shape),
        "w": plan.weight_shape,
        "grad": (batch, *plan.output_shape),
    }
    return found | {"bias": plan.output_shape[:1]} if case.bias else found


@cache
def _budget(dtype: str) -> float:
    if dtype in INTEGER:
        return 2.0 ** min(53, DTYPES[dtype].exact_bits)
    form = real_format(dtype)
    parts = 8 if dtype.startswith("complex") else 1
    return float(min(2.0**form.precision, form.largest / 2) / parts)


def budget(case: Case) -> float:
    """Upper limit for any sum of |x||w| + |b| of integers, so that it is exact."""
    return _budget(case.dtype)


def whole_draws(case: Case, plan: Plan) -> Array:
    """All draws of a seed at once, as rows of integers; in the second half only -1, 0 and 1."""
    rng = _generator(case.seed)
    wanted, batch = shapes(case, plan), max(case.batch, 1)
    most, summed, allowed = max(plan.most * batch, 1), batch * plan.out_cells, budget(case)
    top = max(1, min(math.isqrt(int(allowed / (2 * most))), int(allowed / summed)))
    complex_ = case.dtype.startswith("complex")
    total = sum(math.prod(s) for s in wanted.values())
    short = np.int16 if top < 2**15 else np.int64
    flat: Array = rng.integers(-top, top + 1, (DRAWS, total), short).astype(np.float64)
    if complex_:
        flat = flat + 1j * rng.integers(-top, top + 1, (DRAWS, total), short)
    # for units even the generous bound of fast algorithms is below 1
    units = flat[DRAWS // 2 :]
    flat[DRAWS // 2 :] = (
        np.sign(units.real) + 1j * np.sign(units.imag) if complex_ else np.sign(units)
    )
    if most * top * top + top > allowed or summed * top > allowed:
        # a narrow format cannot hold the sum of this many units: keep a few
        flat = np.where(rng.random(flat.shape) < 0.5 * allowed / max(most, summed), flat, 0)
    _expand(case, cut(flat, wanted))
    return flat


def real_draw(case: Case, plan: Plan) -> Array:
    """One row of reals, rounded to the dtype."""
    rng = _generator(case.seed, case.draw)
    wanted = shapes(case, plan)
    total = sum(math.prod(shape) for shape in wanted.values())

    def some() -> Array:
        if case.pattern == "special":  # finite cells are exact and fast to compare
            return rng.integers(-3, 4, (1, total)).astype(np.float64)
        return rng.standard_normal((1, total))

    flat: Array = some()
    if case.dtype.startswith("complex"):
        flat = flat + 1j * some()
    operands = cut(flat, wanted)
    for name, part in operands.items():
        if case.pattern == "small":
            part *= 1e-3 if name == "x" else 1e-2
        elif case.pattern == "subnormal" and name != "bias":
            part *= 2.0 ** (real_format(case.dtype).least_exponent // 2)
        elif case.pattern == "special" and name in ("x", "grad"):
            places = rng.permutation(part.size)[: min(3, max(1, part.size // 4))]
            part.flat[places] = np.array([np.inf, -np.inf, np.nan])[: len(places)]
    _expand(case, operands)
    return held(flat, case.dtype)


def spans(wanted: Mapping[str, tuple[int, ...]]) -> dict[str, slice]:
    """The column range of each operand."""
    found, start = {}, 0
    for name, shape in wanted.items():
        stop = start + math.prod(shape)
        found[name] = slice(start, stop)
        start = stop
    return found


def cut(flat: Array, wanted: Mapping[str, tuple[int, ...]]) -> dict[str, Array]:
    """Views of the operands in rows of columns, with a leading axis of rows."""
    return {
        name: flat[:, columns].reshape(len(flat), *wanted[name])
        for name, columns in spans(wanted).items()
    }


def cut_one(flat: Array, row: int, wanted: Mapping[str, tuple[int, ...]]) -> dict[str, Array]:
    """The operands of one row."""
    return {name: values[0] for name, values in cut(flat[row : row + 1], wanted).items()}


def _expand(case: Case, draws: dict[str, Array]) -> None:
    """Make values equal along the axis that an expanded layout shares, the target's first axis."""
    for name, layout in (("x", case.x_layout), ("w", case.w_layout), ("grad", case.grad_layout)):
        if layout == "expanded":
            axis = 1 + int(name != "w" and not case.batch)
            draws[name][...] = draws[name].take([0], axis=axis)


def operands(case: Case, plan: Plan) -> dict[str, Array]:
    """`x`, `w`, `grad` and maybe `bias`, values of the dtype stored as float64 or complex128."""
    wanted = shapes(case, plan)
    if case.values is not None:
        return {name: _explicit(case, name, shape) for name, shape in wanted.items()}
    if case.pattern == "whole":
        return cut_one(whole_draws(case, plan), case.draw, wanted)
    return cut_one(real_draw(case, plan), 0, wanted)


def check_explicit(case: Case) -> None:
    """Check explicit values of a case against its parameters and dtype.

    Raises:
        ParseError: a wrong number of values, a value that the dtype cannot represent, or values
            that differ where an expanded layout shares memory.
        LimitError: the operands do not fit into memory.
    """
    try:
        geometry = case.geometry()
    except GeometryError:
        return  # a case that tests whether illegal parameters are rejected
    g, batch = geometry, max(case.batch, 1)
    cells = batch * (math.prod(g.input_shape) + math.prod(g.output_shape))
    terms = batch * math.prod(g.weight_shape) * math.prod(g.size)
    require_memory(
        64 * (cells + math.prod(g.weight_shape) + terms),
        f"running {case}",
        "Use a smaller case.",
    )
    if case.values is None:
        return
    plan = Plan(geometry)
    wanted = shapes(case, plan)
    for name in case.values:
        if name not in wanted:
            raise ParseError(f"case: there are values of {name}, but the case has no {name}")
    arrays = {name: _explicit(case, name, shape) for name, shape in wanted.items()}
    if case.dtype in INTEGER:
        whole = all(np.isfinite(a).all() and (a == np.rint(a)).all() for a in arrays.values())
        sizes = {name: np.abs(a) for name, a in arrays.items()}
        if not whole or _largest_sum(plan, sizes) > budget(case):
            raise ParseError(
                f"case: {case.dtype} requires integers whose sums stay below {budget(case):g}"
            )
        return
    for name, array in arrays.items():
        if not np.array_equal(held(array, case.dtype), array, equal_nan=True):
            raise ParseError(f"case: {name} has values that {case.dtype} cannot represent")
        if getattr(case, f"{name}_layout", "contiguous") == "expanded":
            rows = array if name == "w" or case.batch else array[0]
            if not np.array_equal(rows, np.broadcast_to(rows[:1], rows.shape), equal_nan=True):
                raise ParseError(
                    f"case: {name} is expanded, so its values must be equal along its first axis"
                )


def _largest_sum(plan: Plan, sizes: dict[str, Array]) -> float:
    found = plan.results(sizes["x"], sizes["w"], sizes.get("bias"), None)
    return max(float(values.max(initial=0.0)) for values in found.values())


def _explicit(case: Case, name: str, shape: tuple[int, ...]) -> Array:
    """Explicit values of an operand in its shape, zeros if the case has none.

    Raises:
        ParseError: their number does not fit the shape, or they are complex in a real dtype.
    """
    assert case.values is not None
    written = case.values.get(name)
    count = math.prod(shape)
    if written is None:
        return np.zeros(shape, dtype=np.complex128 if "complex" in case.dtype else np.float64)
    if len(written) != count:
        raise ParseError(
            f"case: {name} has {len(written)} values, but its shape {shape} requires {count}"
        )
    pairs = [v if isinstance(v, tuple) else (v, 0) for v in written]
    if not case.dtype.startswith("complex") and any(isinstance(v, tuple) for v in written):
        raise ParseError(f"case: {name} has complex values, but its dtype is {case.dtype}")
    real = np.array([float(v[0]) for v in pairs])
    if case.dtype.startswith("complex"):
        return (real + 1j * np.array([float(v[1]) for v in pairs])).reshape(shape)
    return real.reshape(shape)


def written(values: dict[str, Array]) -> dict[str, tuple[Any, ...]]:
    """Operands in the format of `Case.values`."""

    def number(value: float) -> Any:
        if not math.isfinite(value):
            return str(value)
        return int(value) if value == int(value) and abs(value) <= 2**53 else value

    def entry(value: Any) -> Any:
        if isinstance(value, complex):
            return (number(value.real), number(value.imag))
        return number(float(value))

    return {name: tuple(entry(v) for v in array.ravel().tolist()) for name, array in values.items()}
