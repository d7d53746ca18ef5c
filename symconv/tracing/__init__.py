"""Tracing: what a torch program computes at one shape, as exact polynomials.

The program runs unchanged on tensors whose elements are handles of polynomials. torch moves the
handles, so views, in-place writes and autograd are torch's own; small handlers do the arithmetic.
An unsupported operation is refused by name, never guessed. Operations that move elements are
checked to do nothing else.
"""

from symconv.tracing.differences import Difference, difference
from symconv.tracing.follow import Followed, follow
from symconv.tracing.point import Point
from symconv.tracing.refusing import Refused

__all__ = ["Difference", "Followed", "Point", "Refused", "difference", "follow"]
