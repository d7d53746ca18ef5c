"""The main job: the story of one teaching notebook, derived, judged and cross-checked."""

from symconv.tour.page import Tour, take_tour

__all__ = ["Tour", "take_tour"]
