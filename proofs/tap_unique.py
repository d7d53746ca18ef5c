"""An input reaches an output through one tap at most.

The dilation is at least 1, so different taps of one input lie at different outputs.
Source: the hit `j = s i + d a - p`, read for fixed i and j.
"""

from symconv.proof import LENGTHS, entails, meets, symbols

i, j, a, b = symbols("i j a b")

theorem = entails(given=[LENGTHS, meets(j, i, a), meets(j, i, b)], then=[a == b])
