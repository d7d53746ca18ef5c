"""The main job: the story of one teaching notebook, derived, judged and cross-checked."""

from symconv.notebook.tour_page import Tour, take_tour

__all__ = ["Tour", "take_tour"]
