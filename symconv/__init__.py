"""symconv: an exact, independent reference for transposed convolution.

Names are loaded when they are first used, so that `import symconv` costs next to nothing.
"""

from __future__ import annotations

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
