"""A tap carries one input at most to an output.

The stride is at least 1. Source: the hit `j = s i + d a - p`, read for fixed a and j.
"""

from symconv.proof import LENGTHS, entails, meets, symbols

i, j, h, a = symbols("i j h a")

theorem = entails(given=[LENGTHS, meets(j, i, a), meets(j, h, a)], then=[i == h])
