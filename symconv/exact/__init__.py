"""Exact evaluation of the trilinear form, over any commutative ring and over the rationals."""
