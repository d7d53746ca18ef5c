"""Transposed convolution on one axis in torch's parameters, for use in files of statements.

Lengths are in elements: `M` inputs, `k` taps, stride `s`, dilation `d`, padding `p`, output padding
`op`, `N` outputs. The hit is that of `core.geometry`, the size and the conditions are those of
`core.dialects.torch`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from symconv.core import laws
from symconv.core.dialects.torch import TORCH_CONDITIONS
from symconv.proof.language import Expr, between, quotient, symbols
from symconv.proof.trusted.kernel import Poly
from symconv.proof.trusted.statement import Either, Fact, Floor

M, k, s, d, p, op = symbols("M k s d p op")
TORCH: Mapping[str, Expr] = MappingProxyType(
    {"size": M, "kernel_size": k, "stride": s, "dilation": d, "padding": p, "output_padding": op}
)


def size_law(**changed: Any) -> Expr:
    """The output length; keyword arguments replace parameters of torch, such as `stride=1`."""
    return _expr(laws.torch_out_size(**{**TORCH, **changed}))


def hit(j: Any, i: Any, a: Any, **changed: Any) -> Fact:
    """The fact that input `i` and tap `a` meet in output `j`."""
    parameters = {**TORCH, **changed}
    crops = laws.torch_crops(
        padding=parameters["padding"], output_padding=parameters["output_padding"]
    )
    place = laws.hit(
        i=i,
        k=a,
        stride=parameters["stride"],
        dilation=parameters["dilation"],
        crop_begin=crops["crop_begin"],
    )
    found: Fact = _expr(place) == j
    return found


def _expr(value: Any) -> Expr:
    return value if isinstance(value, Expr) else Expr(Poly.of(value))


Hypotheses = tuple[Fact | Either, ...]


def _conditions() -> Mapping[str, Hypotheses]:
    found: dict[str, list[Fact | Either]] = {}
    for condition in TORCH_CONDITIONS:
        atoms = []
        for atom in condition.atoms:
            value = _expr(atom.polynomial.evaluate(TORCH))
            atoms.append(value >= 0 if atom.relation == ">=" else value == 0)
        fact = atoms[0] if len(atoms) == 1 else Either(tuple(atoms))
        found.setdefault(condition.about, []).append(fact)
    return MappingProxyType({about: tuple(facts) for about, facts in found.items()})


CONDITIONS = _conditions()
"""torch's conditions on one axis, by the parameter that they restrict."""


N = size_law()
LENGTHS: Hypotheses = tuple(
    fact for name in ("size", "kernel_size", "stride", "dilation") for fact in CONDITIONS[name]
)
"""Input size, kernel size, stride and dilation are at least 1; padding may have any sign."""
AXIS: Hypotheses = (*LENGTHS, CONDITIONS["output_padding"][0])
"""`LENGTHS`, and output padding is at least 0, without an upper limit."""
TORCH_ACCEPTS: Hypotheses = (
    *AXIS,
    *CONDITIONS["padding"],
    *CONDITIONS["output_padding"][1:],
    *CONDITIONS["out_size"],
)
"""All conditions that torch imposes on one axis."""


def meets(j: Any, i: Expr, a: Expr, **changed: Any) -> tuple[Any, ...]:
    """The facts that `i` is an input, `a` is a tap, and they meet in output `j`."""
    inputs, taps = changed.get("size", M), changed.get("kernel_size", k)
    return hit(j, i, a, **changed), between(i, 0, inputs), between(a, 0, taps)


def conv_size(q: Expr, length: Any = N) -> Floor:
    """The definition of `q` such that the convolution of an axis of `length` has `q + 1` outputs.

    `q` is the floor of the quotient in the size law of the convolution.
    """
    span = laws.conv_span(size=length, kernel_size=k, padding_begin=p, padding_end=p, dilation=d)
    return quotient(q, span, s)
