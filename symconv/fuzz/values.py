"""The operands of a case, from its pattern and seed or as they are written in it.

`whole`: integers that use the dtype's budget, so that every order of summation is exact.
`normal`, `small`, `subnormal`: reals of those scales. `special`: small whole numbers, with inf and
nan placed in x and grad. Operands in an expanded layout are equal along their first axis, since
memory is shared.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from symconv.arithmetic.formats import real_format
from symconv.errors import ParseError
from symconv.fuzz.case import DRAWS, Case
from symconv.fuzz.plan import Plan
from symconv.targets.tensors import held

Array = np.ndarray[Any, Any]

NUMPY = {"float32": np.float32, "float64": np.float64, "float16": np.float16,
         "complex64": np.complex64, "complex128": np.complex128, "int64": np.int64}  # fmt: skip


def shapes(case: Case, plan: Plan) -> dict[str, tuple[int, ...]]:
    """Of the operands, x and grad with a batch axis."""
    batch = max(case.batch, 1)
    found = {"x": (batch, *plan.input_shape), "w": plan.weight_shape}
    if case.bias:
        found["bias"] = (plan.output_shape[0],)
    return found | {"grad": (batch, *plan.output_shape)}


def budget(case: Case) -> float:
    """No sum of |x||w| + |b| of whole numbers may be above this."""
    if case.dtype == "int64":
        return 2.0**53
    form = real_format(case.dtype)
    parts = 8 if case.dtype.startswith("complex") else 1
    return float(min(2.0**form.precision, form.largest / 2) / parts)


def whole_draws(case: Case, plan: Plan) -> dict[str, Array]:
    """All draws of a seed at once: arrays `(DRAWS, *shape)` of whole numbers; the later ones of
    units alone.
    """
    rng = np.random.default_rng(case.seed)
    wanted, batch = shapes(case, plan), max(case.batch, 1)
    most, summed, allowed = max(plan.most * batch, 1), batch * plan.out_cells, budget(case)
    top = max(1, min(math.isqrt(int(allowed / (2 * most))), int(allowed / summed)))
    complex_ = case.dtype.startswith("complex")
    total = sum(math.prod(s) for s in wanted.values())
    flat: Array = rng.integers(-top, top + 1, (DRAWS, total)).astype(np.float64)
    if complex_:
        flat = flat + 1j * rng.integers(-top, top + 1, (DRAWS, total))
    # units besides: for them even the generous bound of fast algorithms is below 1
    units = flat[DRAWS // 2 :]
    flat[DRAWS // 2 :] = (
        np.sign(units.real) + 1j * np.sign(units.imag) if complex_ else np.sign(units)
    )
    if most * top * top + top > allowed or summed * top > allowed:
        # even ones are too many for a narrow format: keep a few
        flat = np.where(rng.random(flat.shape) < 0.5 * allowed / max(most, summed), flat, 0)
    found, start = {}, 0
    for name, shape in wanted.items():
        stop = start + math.prod(shape)
        found[name] = flat[:, start:stop].reshape(DRAWS, *shape)
        start = stop
    for name, layout in (("x", case.x_layout), ("w", case.w_layout), ("grad", case.grad_layout)):
        if layout == "expanded":
            # the axis that is expanded is the first one that the target sees
            inner = int(name != "w" and not case.batch)
            one = found[name][:, :, :1] if inner else found[name][:, :1]
            found[name][...] = one.copy()
    return found


def operands(case: Case, plan: Plan) -> dict[str, Array]:
    """`x`, `w`, `grad` and maybe `bias`, values that the dtype holds, in float64 or complex128."""
    wanted = shapes(case, plan)
    if case.values is not None:
        return {name: _explicit(case, name, shape) for name, shape in wanted.items()}
    if case.pattern == "whole":
        return {name: draws[case.draw] for name, draws in whole_draws(case, plan).items()}
    rng = np.random.default_rng([case.seed, case.draw])
    found = {
        name: held(_real(case, name, shape, rng), case.dtype) for name, shape in wanted.items()
    }
    for name, layout in (("x", case.x_layout), ("w", case.w_layout), ("grad", case.grad_layout)):
        if layout == "expanded":
            one = found[name][:, :1] if name != "w" and not case.batch else found[name][:1]
            found[name][...] = one.copy()
    return found


def _real(case: Case, name: str, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    def some() -> Array:
        if case.pattern == "special":  # its finite cells are exact, so that comparing is fast
            return rng.integers(-3, 4, shape).astype(np.float64)
        return rng.standard_normal(shape)

    values: Array = some()
    if case.dtype.startswith("complex"):
        values = values + 1j * some()
    if case.pattern == "small":
        values = values * (1e-3 if name == "x" else 1e-2)
    elif case.pattern == "subnormal" and name != "bias":
        values = values * 2.0 ** (real_format(case.dtype).least_exponent // 2)
    elif case.pattern == "special" and name in ("x", "grad"):
        flat = values.reshape(-1)
        places = rng.permutation(flat.size)[: min(3, max(1, flat.size // 4))]
        flat[places] = np.array([np.inf, -np.inf, np.nan])[: len(places)]
    return values


def _explicit(case: Case, name: str, shape: tuple[int, ...]) -> Array:
    """Values written in the case, checked against its shapes.

    Raises:
        ParseError: their number is another.
    """
    assert case.values is not None
    written = case.values.get(name)
    count = math.prod(shape)
    if written is None:
        return np.zeros(shape, dtype=np.complex128 if "complex" in case.dtype else np.float64)
    if len(written) != count:
        raise ParseError(f"case: {name} has {len(written)} values, its shape {shape} needs {count}")
    pairs = [v if isinstance(v, tuple) else (v, 0) for v in written]
    real = np.array([float(v[0]) for v in pairs])
    if case.dtype.startswith("complex"):
        return (real + 1j * np.array([float(v[1]) for v in pairs])).reshape(shape)
    return real.reshape(shape)


def written(values: dict[str, Array]) -> dict[str, tuple[Any, ...]]:
    """Operands as a case writes them down."""

    def number(value: float) -> Any:
        if not math.isfinite(value):
            return str(value)
        return int(value) if value == int(value) and abs(value) <= 2**53 else value

    def entry(value: Any) -> Any:
        if isinstance(value, complex):
            return (number(value.real), number(value.imag))
        return number(float(value))

    return {name: tuple(entry(v) for v in array.ravel().tolist()) for name, array in values.items()}
