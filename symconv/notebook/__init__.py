"""The tour: the claims of a teaching notebook, derived, judged and cross-checked with torch."""

from symconv.notebook.tour_page import Tour, take_tour

__all__ = ["Tour", "take_tour"]
