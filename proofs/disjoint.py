"""When the dilated kernel is not longer than the stride, placed blocks do not overlap.

For `d (k-1) < s` an output has at most one term; `<=` is not enough, as the false twin shows.
Source: the condition that excludes extreme checkerboard artifacts.
"""

from symconv.proof import LENGTHS, d, entails, k, meets, s, symbols

i, j, h, a, b = symbols("i j h a b")
two = [meets(j, i, a), meets(j, h, b)]

theorem = entails(given=[LENGTHS, d * (k - 1) < s, two], then=[a == b, i == h], have=[i == h])

twin = entails(given=[LENGTHS, d * (k - 1) <= s, two], then=[a == b, i == h])
twin_says = "blocks do not overlap when the dilated kernel is one longer than the stride"
uses = ("tap_unique",)
