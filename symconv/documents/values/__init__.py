"""Formulas evaluated exactly, in every reading that an open sign between two matrices has."""
