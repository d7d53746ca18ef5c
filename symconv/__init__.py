"""symconv: an exact, independent reference for transposed convolution.

Names are loaded when they are first used, so that `import symconv` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symconv.core.dialects.building import conv_geometry as conv_geometry
    from symconv.core.dialects.building import geometry_from_module as geometry_from_module
    from symconv.core.dialects.building import torch_geometry as torch_geometry
    from symconv.core.errors import GeometryError as GeometryError
    from symconv.core.errors import LimitError as LimitError
    from symconv.core.errors import ParseError as ParseError
    from symconv.core.errors import ShapeError as ShapeError
    from symconv.core.errors import SymconvError as SymconvError
    from symconv.core.geometry import Axis as Axis
    from symconv.core.geometry import Geometry as Geometry
    from symconv.derivation.derivation import Derivation as Derivation
    from symconv.derivation.derivation import derive as derive
    from symconv.exact.operators import conv as conv
    from symconv.exact.operators import conv_transpose as conv_transpose
    from symconv.exact.operators import grad_weight as grad_weight
    from symconv.exact.symbolic import SymbolicOperator as SymbolicOperator
    from symconv.exact.unrolled import matrix as matrix
    from symconv.notebook import take_tour as take_tour
    from symconv.reading import read_values as read_values
    from symconv.results.evidence import Evidence as Evidence
    from symconv.results.evidence import Outcome as Outcome
    from symconv.results.evidence import Verdict as Verdict
    from symconv.tracing.identities import Identity as Identity
    from symconv.tracing.identities import identical as identical

__version__ = "0.1.0"

_HOMES = {
    "Axis": "symconv.core.geometry",
    "Geometry": "symconv.core.geometry",
    "torch_geometry": "symconv.core.dialects.building",
    "conv_geometry": "symconv.core.dialects.building",
    "geometry_from_module": "symconv.core.dialects.building",
    "conv_transpose": "symconv.exact.operators",
    "conv": "symconv.exact.operators",
    "grad_weight": "symconv.exact.operators",
    "matrix": "symconv.exact.unrolled",
    "SymbolicOperator": "symconv.exact.symbolic",
    "identical": "symconv.tracing.identities",
    "Identity": "symconv.tracing.identities",
    "derive": "symconv.derivation.derivation",
    "Derivation": "symconv.derivation.derivation",
    "read_values": "symconv.reading",
    "take_tour": "symconv.notebook",
    "Evidence": "symconv.results.evidence",
    "Verdict": "symconv.results.evidence",
    "Outcome": "symconv.results.evidence",
    "SymconvError": "symconv.core.errors",
    "GeometryError": "symconv.core.errors",
    "ShapeError": "symconv.core.errors",
    "ParseError": "symconv.core.errors",
    "LimitError": "symconv.core.errors",
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
