"""Parse LaTeX mathematics: macros, tokens, chains of relations, and the formula grammar."""
