"""Exact data and the laws of the operator: what every other package may import."""
