"""A program that asks for values, followed at a few points: the path that it takes there, exactly.

What it computes at a point can refute it, and names the products. It can never show that it is
right everywhere, since other values may take other paths.
"""

from __future__ import annotations

from fractions import Fraction

from symconv.checking.cases import Layer, from_data
from symconv.checking.replaying import first_fault
from symconv.targets.resolve import Implementation
from symconv.targets.tensors import Layouts
from symconv.targets.trace import Followed, Point, follow
from symconv.targets.trace.refusing import Refused

SCALES = {
    "1": Fraction(1),
    "2^-12": Fraction(1, 2**12),
    "2^-40": Fraction(1, 2**40),
    "2^12": Fraction(2**12),
}
"""Where programs branch: at whole numbers, at small and at large values."""


def at_points(
    target: Implementation, layer: Layer, gradients: bool, dtype: str, layouts: Layouts, seed: int
) -> tuple[Followed | None, str]:
    """What it computes at the first point that refutes it, and on which values; else None, and at
    how many points it is right.
    """
    tried = 0
    for words, scale in SCALES.items():
        point = Point(seed, scale)
        found = follow(
            target,
            layer.geometry,
            batch=layer.batch,
            bias=layer.bias,
            gradients=gradients,
            dtype=dtype,
            point=point,
        )
        if found.differences and _shows(target, layer, gradients, dtype, layouts, point):
            return found, f"whole numbers from -3 to 3 times {words}"
        tried += not (found.refusal or found.fault or found.differences)
    if not tried:
        return None, ""
    return None, f". At {tried} of {len(SCALES)} points it takes a path that is right there"


def _shows(
    target: Implementation,
    layer: Layer,
    gradients: bool,
    dtype: str,
    layouts: Layouts,
    point: Point,
) -> bool:
    """The real function is refuted on the numbers of the point too."""
    g, shapes = layer.geometry, {"x": ("x", (layer.batch, *layer.geometry.input_shape))}
    shapes |= {"w": ("k", g.weight_shape), "grad": ("v", (layer.batch, *g.output_shape))}
    if layer.bias:
        shapes["bias"] = ("b", (g.out_channels,))
    operands = {name: point.array(letter, shape) for name, (letter, shape) in shapes.items()}
    problem = from_data(g, dtype, operands, point.seed, "a point that was followed")
    try:
        return bool(first_fault(target, problem, layouts, gradients))
    except Refused:  # a tensor that the program keeps from the call that was followed
        return False
