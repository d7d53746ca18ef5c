"""LaTeX mathematics read into a small tree: macros, tokens, chains of relations, grammar."""
