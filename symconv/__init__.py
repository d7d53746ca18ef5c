"""symconv: an exact, independent reference for transposed convolution.

Names are loaded when they are first used, so that `import symconv` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symconv.campaign.fuzz import fuzz as fuzz
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
    from symconv.derivation.sizing import size as size
    from symconv.documents import audit as audit
    from symconv.exact.operators import conv as conv
    from symconv.exact.operators import conv_transpose as conv_transpose
    from symconv.exact.operators import grad_weight as grad_weight
    from symconv.exact.symbolic import SymbolicOperator as SymbolicOperator
    from symconv.exact.unrolled import matrix as matrix
    from symconv.judging.check import check as check
    from symconv.notebook import tour as tour
    from symconv.proof.prove import prove as prove
    from symconv.reading import read_values as read_values
    from symconv.results.evidence import Evidence as Evidence
    from symconv.results.evidence import Outcome as Outcome
    from symconv.results.evidence import Verdict as Verdict
    from symconv.tracing.identities import Identity as Identity
    from symconv.tracing.identities import identical as identical

__version__ = "0.2.0.dev0"

_HOMES = {
    "derive": "derivation.derivation",
    "matrix": "exact.unrolled",
    "size": "derivation.sizing",
    "check": "judging.check",
    "fuzz": "campaign.fuzz",
    "prove": "proof.prove",
    "audit": "documents",
    "tour": "notebook",
    "conv_transpose": "exact.operators",
    "conv": "exact.operators",
    "grad_weight": "exact.operators",
    "identical": "tracing.identities",
    "Identity": "tracing.identities",
    "SymbolicOperator": "exact.symbolic",
    "Derivation": "derivation.derivation",
    "read_values": "reading",
    "Axis": "core.geometry",
    "Geometry": "core.geometry",
    "torch_geometry": "core.dialects.building",
    "conv_geometry": "core.dialects.building",
    "geometry_from_module": "core.dialects.building",
    "Evidence": "results.evidence",
    "Verdict": "results.evidence",
    "Outcome": "results.evidence",
    "SymconvError": "core.errors",
    "GeometryError": "core.errors",
    "ShapeError": "core.errors",
    "ParseError": "core.errors",
    "LimitError": "core.errors",
}
"""The module of each public name, below `symconv`."""

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'symconv' has no attribute {name!r}")
    import importlib

    value: object = getattr(importlib.import_module(f"symconv.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
