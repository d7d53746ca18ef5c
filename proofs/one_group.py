"""A channel belongs to one group: the operator is block diagonal in the channels.

With groups of A channels, a channel in both [g A, g A + A) and [h A, h A + A) implies g = h.
Source: the grouping in torch's documentation.
"""

from symconv.proof import between, entails, symbols

c, g, h, A = symbols("c g h A")

theorem = entails(
    given=[A >= 1, between(c, g * A, g * A + A), between(c, h * A, h * A + A)], then=[g == h]
)
