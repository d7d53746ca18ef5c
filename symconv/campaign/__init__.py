"""`symconv fuzz`: cases drawn, run in isolation, judged, shrunk, named and kept."""
