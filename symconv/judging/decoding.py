"""`--by decode`: the bilinear forms of a black box, read from its forward and backward results.

This works for programs that cannot be traced: kernels behind custom operators, on CUDA, in any
dtype that can be decoded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from symconv.core.form import IndexArrays, index_arrays
from symconv.core.geometry import Geometry
from symconv.judging.cases import Layer, replica
from symconv.judging.following import Following, Shown, label
from symconv.judging.rungs import structural
from symconv.results.evidence import Evidence, Method, Outcome, Semantics, Verdict
from symconv.results.reasons import ReasonKind, because
from symconv.targets.bilinear import Decoded, NotBilinear, decode, result_of
from symconv.targets.engine import Implementation
from symconv.targets.environment import describe
from symconv.targets.observing import observe
from symconv.targets.tensors import Array, Layouts
from symconv.tracing import Difference, Followed, difference

Places = tuple[Array, Array, Array]
OPERANDS = {"output": ("x", "k"), "grad_input": ("v", "k"), "grad_weight": ("v", "x")}


def decode_implementation(
    target: Implementation,
    layers: Sequence[Layer],
    *,
    gradients: bool = False,
    dtype: str = "float32",
    device: str = "cpu",
    layouts: Layouts | None = None,
    seed: int = 0,
    command: str = "",
) -> Following:
    """Decode the target at every shape; a bias is not decoded, only checked on numbers.

    Raises:
        LimitError: a shape needs too many calls.
    """
    ways = layouts or Layouts()
    shown = [_layer(target, a, gradients, dtype, device, ways, seed) for a in layers]
    return Following(
        target.name,
        "",
        tuple(shown),
        gradients,
        False,
        "",
        describe(device, {}),
        command,
        True,
    )


def _layer(
    target: Implementation,
    layer: Layer,
    gradients: bool,
    dtype: str,
    device: str,
    ways: Layouts,
    seed: int,
) -> Shown:
    """Decode the target at one shape and compare with the definition."""
    geometry = layer.geometry
    shapes = {
        "x": (layer.batch, *geometry.input_shape),
        "k": geometry.weight_shape,
        "v": (layer.batch, *geometry.output_shape),
    }
    names = tuple(OPERANDS) if gradients else ("output",)
    at = index_arrays(geometry)
    differences: list[Difference] = []
    words, calls = "", 0
    scope = _evidence(target, layer, gradients, dtype, device, ways)
    problem = replica(replace(layer, bias=False), dtype, seed)
    seen = observe(target, problem, ways, gradients, with_kernel=False)
    for j in structural(seen, target.name, problem):
        found_at_once = Verdict(j.verdict.outcome, scope, reasons=j.verdict.reasons)
        return Shown(layer, Followed(fault=j.verdict.cause), found_at_once)
    for name in names:
        left, right = (shapes[n] for n in OPERANDS[name])
        call = result_of(target, geometry, name, shapes, ways)
        try:
            found = decode(call, left, right, dtype, device, seed)
        except NotBilinear as other:
            reason = because(ReasonKind.NOT_DECODED, result=name, refusal=str(other))
            undecided = Verdict(Outcome.UNDECIDED, scope, reasons=(reason,))
            return Shown(layer, Followed(refusal=str(other)), undecided)
        words, calls = found.words, calls + found.calls
        wanted = _wanted(name, at, geometry, layer.batch)
        results = {"output": "v", "grad_input": "x", "grad_weight": "k"}
        differences += _differences(name, found, wanted, shapes, results[name])
    cells = sum(int(np.prod(shapes[n])) for n in ("v", "x", "k")[: len(names)])
    followed = Followed("", "", tuple(differences), cells)
    decoded = (f"{calls:,} calls in {dtype}, each result with {words}",)
    verdict = Verdict(Outcome.HOLDS, scope)
    for first in differences[:1]:
        reason = because(ReasonKind.PRODUCTS_DIFFER, difference=first.told())
        verdict = Verdict(Outcome.REFUTED, scope, where=first.cell(), reasons=(reason,))
    return Shown(layer, followed, verdict, scope.trusted, decoded)


def _evidence(
    target: Implementation, layer: Layer, gradients: bool, dtype: str, device: str, ways: Layouts
) -> Evidence:
    grads = ", and its gradients" if gradients else ""
    return Evidence(
        f"{target.name} computes the products of the transposed convolution{grads}, each once, "
        "and no others",
        f"{label(layer)}, without bias, {dtype} on {device}, {ways}; integers that the dtype adds "
        "exactly",
        Semantics.IEEE,
        Method.DECODED,
        ("the results are linear in each operand beyond the probes", "the form (geometry.py)"),
        "call it with two one-hot operands",
        "every one that is exact on small integers",
    )


def _wanted(name: str, at: IndexArrays, geometry: Geometry, batch: int) -> Places:
    """Flat indices of the left operand, right operand and result of every product."""
    samples = np.arange(batch)[:, None]
    i = (samples * int(np.prod(geometry.input_shape)) + at.input).ravel()
    o = (samples * int(np.prod(geometry.output_shape)) + at.output).ravel()
    k = np.tile(at.weight, batch)
    return {"output": (i, k, o), "grad_input": (o, k, i), "grad_weight": (o, i, k)}[name]


def _differences(
    name: str, found: Decoded, wanted: Places, shapes: dict[str, tuple[int, ...]], result: str
) -> list[Difference]:
    """The cells whose products differ from the definition."""
    letters = OPERANDS[name]

    def product(a: int, b: int) -> tuple[Any, ...]:
        pair = zip(letters, (a, b), strict=True)
        return tuple(sorted((n, tuple(map(int, np.unravel_index(p, shapes[n])))) for n, p in pair))

    got: dict[int, dict[Any, int]] = {}
    due: dict[int, dict[Any, int]] = {}
    for a, b, cell, factor in zip(found.i, found.k, found.o, found.factor, strict=True):
        got.setdefault(int(cell), {})[int(a), int(b)] = int(factor)
    for a, b, cell in zip(*wanted, strict=True):
        due.setdefault(int(cell), {})[int(a), int(b)] = 1
    told = []
    for cell in sorted(got.keys() | due.keys()):
        one, other = got.get(cell, {}), due.get(cell, {})
        if one != other:
            place = tuple(map(int, np.unravel_index(cell, shapes[result])))
            here, there = ({product(*p): f for p, f in side.items()} for side in (one, other))
            told.append(difference(name, place, here, there))
    return told
