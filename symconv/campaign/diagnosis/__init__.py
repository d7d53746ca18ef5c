"""Why a case fails: a known mistake that predicts the same numbers, or the products that differ."""

from symconv.campaign.diagnosis.cause import cause_of, covered, explains
from symconv.campaign.diagnosis.mistakes import Mistake

__all__ = ["Mistake", "cause_of", "covered", "explains"]
