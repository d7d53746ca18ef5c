"""What a page says about sizes: general formulas, and sentences with numbers."""
