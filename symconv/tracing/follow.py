"""Trace one call on symbols and compare the result with the definition, product by product."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import torch

from symconv.core.form import IndexArrays, index_arrays
from symconv.core.geometry import Geometry
from symconv.targets.engine import Implementation
from symconv.targets.tensors import steps_of
from symconv.tracing.differences import Difference, difference
from symconv.tracing.handlers import HANDLERS
from symconv.tracing.handlers.convolutions import Asked
from symconv.tracing.point import Point
from symconv.tracing.questions import heard
from symconv.tracing.refusing import Refused, ValuesAsked
from symconv.tracing.table import Array, PolynomialTable
from symconv.tracing.tensor import Symbols
from symconv.tracing.tracer import Tracer

MINUS = Fraction(-1)


@dataclass(frozen=True)
class Followed:
    """What a program computes at one shape.

    Attributes:
        refusal: why it could not be traced, with the line of code; empty if it was.
        fault: why what it returned is not a valid result, such as a wrong shape; empty if it is.
        differences: elements whose polynomial differs from the definition, result by result.
        cells: number of elements compared.
        operations: how often each aten operation was executed.
        trusted: formulas and other assumptions that the comparison relies on.
        circular: uses of transposed convolution itself, the operation under test.
        asked: the convolutions that the program called, with their arguments.
        rounded: dtypes to which values were converted; the comparison ignores that rounding.
        values_asked: it was refused because it needs values that depend on the inputs.
    """

    refusal: str = ""
    fault: str = ""
    differences: tuple[Difference, ...] = ()
    cells: int = 0
    operations: Mapping[str, int] = field(default_factory=dict)
    trusted: tuple[str, ...] = ()
    circular: tuple[str, ...] = ()
    asked: tuple[Asked, ...] = ()
    values_asked: bool = False
    rounded: tuple[str, ...] = ()


class _Fault(Exception):
    """The program returned something that is not a valid result, or changed its inputs."""


def follow(
    target: Implementation,
    geometry: Geometry,
    *,
    batch: int = 1,
    bias: bool = False,
    gradients: bool = False,
    dtype: str = "float64",
    against: Implementation | None = None,
    point: Point | None = None,
) -> Followed:
    """Run the unchanged function on symbols, forward and, with `gradients`, backward.

    The result is compared with the definition, or with what `against` computes. `dtype` is what
    the programs see; the arithmetic is exact in any case. At a `point`, operations that need values
    receive the values there, and only elements that differ there are reported as differences.
    """
    tracer, kind = Tracer(HANDLERS, point), getattr(torch, dtype)
    shapes = {"x": (batch, *geometry.input_shape), "k": geometry.weight_shape}
    if bias:
        shapes["b"] = (geometry.out_channels,)
    if gradients:
        shapes["v"] = (batch, *geometry.output_shape)
    variables = {n: tracer.table.variables(n, shape) for n, shape in shapes.items()}
    try:
        found = _run(tracer, target, geometry, variables, kind)
        circular = tuple(sorted(tracer.circular))
        if against is None:
            wanted = _definition(tracer.table, geometry, batch, variables)
        else:
            wanted = _run(tracer, against, geometry, variables, kind)
        operations = dict(tracer.operations)
        unit = Fraction(torch.finfo(kind).eps) / 2
        differences = _compared(tracer.table, found, wanted, point, unit)
    except Refused as refused:
        asked_values = isinstance(refused, ValuesAsked)
        return Followed(str(refused), operations=dict(tracer.operations), values_asked=asked_values)
    except _Fault as fault:
        return Followed(fault=str(fault), operations=dict(tracer.operations))
    cells = sum(h.size for h in found.values())
    rounded = tuple(sorted(tracer.rounded))
    left_out = {f"rounding to {dtype} is left out" for dtype in rounded}
    return Followed(
        differences=differences,
        cells=cells,
        operations=operations,
        trusted=tuple(sorted(tracer.trusted | left_out)),
        circular=circular,
        asked=tuple(tracer.asked),
        rounded=rounded,
    )


def _require_same_answers(
    tracer: Tracer,
    target: Implementation,
    geometry: Geometry,
    shape: tuple[int, ...],
    dtype: torch.dtype,
    gradients: bool,
    bias: bool,
) -> None:
    """Require that torch answers questions about constants as exact arithmetic did.

    Raises:
        Refused: it does not, so the program takes another path on numbers.
    """
    answers, asked = list(tracer.answers), tracer.answered
    tracer.answers.clear()
    tracer.answered = False
    if asked and answers != heard(target, geometry, shape, dtype, gradients=gradients, bias=bias):
        kind = str(dtype).removeprefix("torch.")
        refused = Refused(
            f"it tests constants, and torch in {kind} answers differently from exact arithmetic"
        )
        refused.where = ""  # no single line is responsible
        raise refused


def _run(
    tracer: Tracer,
    target: Implementation,
    geometry: Geometry,
    variables: Mapping[str, Array],
    dtype: torch.dtype,
) -> dict[str, Array]:
    """Trace one call and return the handles of every result.

    Raises:
        Refused: it cannot be traced.
        _Fault: what it returns is not a valid result, or it changes its inputs.
    """
    gradients = "v" in variables
    names = [n for n in variables if n != "v"]
    given = {n: tracer.given(variables[n].copy(), dtype, gradients) for n in names}
    out = (len(variables["x"]), *geometry.output_shape)
    try:
        with tracer:
            y = target.call(given["x"], given["k"], given.get("b"), **steps_of(geometry))
            if tracer.refusal is not None:  # the program caught it and took another path
                raise tracer.refusal
            _require_result(y, out, dtype)
            for name, tensor in given.items():
                if not np.array_equal(tensor.handles.numpy(), variables[name]):
                    raise _Fault(f"it changed its input {name} in place")
            y.refresh()
            results = {"output": y.handles.numpy()}
            # autograd of a convolution is a transposed convolution by torch's own rule, so
            # only uses in the forward pass are circular
            forward = set(tracer.circular)
            if gradients:
                v = tracer.given(variables["v"].copy(), dtype)
                if not y.requires_grad:
                    raise _Fault("its result is detached from its inputs' gradients")
                grads = torch.autograd.grad(y, list(given.values()), v, allow_unused=True)
                results |= _gradients(given, grads)
        if tracer.refusal is not None:
            raise tracer.refusal
    except (Refused, _Fault):
        raise
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # an error on symbols says nothing about numbers
        hidden = error.__cause__ or error.__context__
        if isinstance(hidden, Refused):
            raise hidden from None
        first = (str(error).splitlines() or [""])[0][:160]
        if "data pointer" in first:
            raise Refused("it asks for the address of a tensor's memory") from None
        raise Refused(f"it raised {type(error).__name__} on symbols: {first}") from None
    tracer.circular = forward
    _require_same_answers(tracer, target, geometry, out[:1], dtype, gradients, "b" in variables)
    return {name: np.ascontiguousarray(handles) for name, handles in results.items()}


def _require_result(y: Any, out: tuple[int, ...], dtype: torch.dtype) -> None:
    if not isinstance(y, torch.Tensor):
        raise _Fault(f"it returned {type(y).__name__}, but a tensor is required")
    if tuple(y.shape) != out:
        raise _Fault(f"it returned shape {tuple(y.shape)}, but {out} is required")
    if not isinstance(y, Symbols):
        raise Refused("the result does not come from torch operations on the inputs")
    if y.dtype != dtype:
        raise _Fault(f"it returned dtype {y.dtype}, but {dtype} is required")


def _gradients(given: Mapping[str, Symbols], grads: Any) -> dict[str, Array]:
    results = ("grad_input", "grad_weight", "grad_bias")
    found = {}
    for result, (name, leaf), grad in zip(results, given.items(), grads, strict=False):
        if grad is None or grad.shape != leaf.shape:
            got = "none" if grad is None else f"of shape {tuple(grad.shape)}"
            raise _Fault(
                f"the gradient of {name} is {got}, but shape {tuple(leaf.shape)} is required"
            )
        if not isinstance(grad, Symbols):
            raise Refused(f"the gradient of {name} does not come from torch operations")
        grad.refresh()
        found[result] = grad.handles.numpy()
    return found


def _compared(
    table: PolynomialTable,
    found: Mapping[str, Array],
    wanted: Mapping[str, Array],
    point: Point | None,
    unit: Fraction,
) -> tuple[Difference, ...]:
    """Elements whose polynomials differ and, at a point, whose values differ there too."""
    differences = []
    for name, handles in found.items():
        flat, right = handles.reshape(-1), wanted[name].reshape(-1)
        left = table.added(flat, right, MINUS)
        for cell in np.flatnonzero(left).tolist():
            if point is not None and not point.value(table, int(left[cell])):
                continue
            place = tuple(int(n) for n in np.unravel_index(cell, handles.shape))
            got, due = (table.terms(int(side[cell])) for side in (flat, right))
            differences.append(difference(name, place, got, due, unit))
    return tuple(differences)


def _definition(
    table: PolynomialTable, geometry: Geometry, batch: int, variables: Mapping[str, Array]
) -> dict[str, Array]:
    """The results by the definition, the trilinear form, as flat handles."""
    i, k, o = _batched(index_arrays(geometry), geometry, batch)
    x, w = variables["x"].reshape(-1), variables["k"].reshape(-1)
    y = table.combine(o, x[i], w[k], count=batch * math.prod(geometry.output_shape))
    each = math.prod(geometry.out_size)
    bias = variables.get("b")
    if bias is not None:
        y = table.added(y, np.tile(np.repeat(bias, each), batch))
    found = {"output": y}
    if "v" not in variables:
        return found
    v = variables["v"].reshape(-1)
    found["grad_input"] = table.combine(i, v[o], w[k], count=len(x))
    found["grad_weight"] = table.combine(k, v[o], x[i], count=len(w))
    if bias is not None:
        channel = np.tile(np.repeat(np.arange(geometry.out_channels), each), batch)
        found["grad_bias"] = table.combine(channel, v, count=geometry.out_channels)
    return found


def _batched(at: IndexArrays, geometry: Geometry, batch: int) -> tuple[Array, Array, Array]:
    """The index arrays of the form, extended to every sample of the batch."""
    samples = np.arange(batch)[:, None]
    i = samples * math.prod(geometry.input_shape) + at.input
    o = samples * math.prod(geometry.output_shape) + at.output
    return i.ravel(), np.tile(at.weight, batch), o.ravel()
