"""Split documents into blocks: formulas, text, code and printed outputs, each with its line."""
