"""A torch program followed on symbols: what it computes, as exact polynomials, for one shape.

The program runs unchanged on tensors whose entries are handles of polynomials. torch moves the
handles, so views, in-place writes and autograd are torch's own; small handlers do the arithmetic.
What is not known is refused by name, never guessed. Movement is checked, not trusted.
"""

from symconv.tracing.differences import Difference, difference
from symconv.tracing.follow import Followed, follow
from symconv.tracing.point import Point
from symconv.tracing.refusing import Refused

__all__ = ["Difference", "Followed", "Point", "Refused", "difference", "follow"]
