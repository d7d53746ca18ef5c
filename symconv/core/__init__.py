"""Exact data and the laws of the operator, which every other package may import."""
