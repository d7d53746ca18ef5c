"""Why a case fails: a known mistake that gives the same numbers, or the products that differ."""

from symconv.fuzz.diagnosis.catalogue import Mistake
from symconv.fuzz.diagnosis.cause import cause_of, covered, explains

__all__ = ["Mistake", "cause_of", "covered", "explains"]
