"""`symconv check`: cases, the run over them, and the page about it."""

from symconv.checking.cases import LAYERS, PAPER, SMALL, Layer
from symconv.checking.run import Report, check_implementation

__all__ = ["LAYERS", "PAPER", "SMALL", "Layer", "Report", "check_implementation"]
