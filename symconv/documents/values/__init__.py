"""Evaluate formulas exactly, in every reading that a sign between two matrices may have."""
