"""Why a case fails: a known mistake that predicts the same numbers, or the products that differ."""

from symconv.campaign.diagnosis.catalogue import Mistake
from symconv.campaign.diagnosis.cause import cause_of, covered, explains

__all__ = ["Mistake", "cause_of", "covered", "explains"]
