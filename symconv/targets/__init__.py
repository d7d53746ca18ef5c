"""Implementations outside symconv: how they are called and how their results are read."""
