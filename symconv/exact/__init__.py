"""Exact evaluation of the form: over any commutative ring, and over the rationals."""
