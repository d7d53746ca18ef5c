"""The tour: the claims of a teaching notebook, derived, judged and cross-checked with torch."""

from symconv.notebook.tour_page import Tour, tour

__all__ = ["Tour", "tour"]
