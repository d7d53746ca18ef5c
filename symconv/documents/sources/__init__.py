"""Documents as blocks: formulas, text, code and printed outputs, each with its line."""
