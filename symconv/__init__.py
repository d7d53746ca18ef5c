"""symconv: an exact, independent reference for transposed convolution.

Names are loaded when they are first used, so that `import symconv` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symconv.arithmetic.operators import conv as conv
    from symconv.arithmetic.operators import conv_transpose as conv_transpose
    from symconv.arithmetic.operators import grad_weight as grad_weight
    from symconv.arithmetic.unrolled import matrix as matrix
    from symconv.derivation.page import Derivation as Derivation
    from symconv.derivation.page import derive as derive
    from symconv.dialects.building import conv_geometry as conv_geometry
    from symconv.dialects.building import geometry_from_module as geometry_from_module
    from symconv.dialects.building import torch_geometry as torch_geometry
    from symconv.errors import GeometryError as GeometryError
    from symconv.errors import LimitError as LimitError
    from symconv.errors import ParseError as ParseError
    from symconv.errors import ShapeError as ShapeError
    from symconv.errors import SymconvError as SymconvError
    from symconv.evidence import Evidence as Evidence
    from symconv.evidence import Outcome as Outcome
    from symconv.evidence import Verdict as Verdict
    from symconv.geometry import Axis as Axis
    from symconv.geometry import Geometry as Geometry
    from symconv.identities import Identity as Identity
    from symconv.identities import identical as identical
    from symconv.reading import read_values as read_values
    from symconv.symbolic import SymbolicOperator as SymbolicOperator
    from symconv.tour import take_tour as take_tour

__version__ = "0.1.0"

_HOMES = {
    "Axis": "symconv.geometry",
    "Geometry": "symconv.geometry",
    "torch_geometry": "symconv.dialects.building",
    "conv_geometry": "symconv.dialects.building",
    "geometry_from_module": "symconv.dialects.building",
    "conv_transpose": "symconv.arithmetic.operators",
    "conv": "symconv.arithmetic.operators",
    "grad_weight": "symconv.arithmetic.operators",
    "matrix": "symconv.arithmetic.unrolled",
    "SymbolicOperator": "symconv.symbolic",
    "identical": "symconv.identities",
    "Identity": "symconv.identities",
    "derive": "symconv.derivation.page",
    "Derivation": "symconv.derivation.page",
    "read_values": "symconv.reading",
    "take_tour": "symconv.tour",
    "Evidence": "symconv.evidence",
    "Verdict": "symconv.evidence",
    "Outcome": "symconv.evidence",
    "SymconvError": "symconv.errors",
    "GeometryError": "symconv.errors",
    "ShapeError": "symconv.errors",
    "ParseError": "symconv.errors",
    "LimitError": "symconv.errors",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'symconv' has no attribute {name!r}")
    import importlib

    value: object = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
