"""An input reaches an output through at most one tap.

The dilation is at least 1, so different taps carry one input to different outputs. Source: the
relation j = s i + d a - p, for fixed i and j.
"""

from symconv.proof import LENGTHS, entails, meets, symbols

i, j, a, b = symbols("i j a b")

theorem = entails(given=[LENGTHS, meets(j, i, a), meets(j, i, b)], then=[a == b])
