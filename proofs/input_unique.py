"""Through a given tap, at most one input reaches an output.

This holds because the stride is at least 1. Source: j = s i + d a - p, for fixed a and j.
"""

from symconv.proof import LENGTHS, entails, meets, symbols

i, j, h, a = symbols("i j h a")

theorem = entails(given=[LENGTHS, meets(j, i, a), meets(j, h, a)], then=[i == h])
