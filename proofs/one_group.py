"""A channel belongs to one group: the operator is block diagonal in the channels.

Groups of A channels each: a channel in [g A, g A + A) and in [h A, h A + A) means g = h. Source:
the grouping of torch's documentation.
"""

from symconv.proof import between, entails, symbols

c, g, h, A = symbols("c g h A")

theorem = entails(
    given=[A >= 1, between(c, g * A, g * A + A), between(c, h * A, h * A + A)], then=[g == h]
)
