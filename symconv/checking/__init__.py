"""`symconv check`: cases, the run over them, and the page about it."""

from symconv.checking.cases import LAYERS, SMALL, Layer
from symconv.checking.run import Report, check_implementation

__all__ = ["LAYERS", "SMALL", "Layer", "Report", "check_implementation"]
