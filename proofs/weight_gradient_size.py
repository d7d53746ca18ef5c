"""The weight gradient's convolution has k + op // d entries, so the cut to k matters iff op >= d.

This is the size law with stride and dilation exchanged. Source: size_excess, read for the weight.
"""

from symconv.proof import AXIS, M, N, d, entails, k, op, p, quotient, s, symbols

q, more = symbols("q more")

theorem = entails(
    given=[AXIS, quotient(q, N + 2 * p - s * (M - 1) - 1, d), quotient(more, op, d)],
    then=[q + 1 == k + more],
)
rocq = ("Sizes.v", "weight_gradient_size")

twin = entails(given=[AXIS, op < s, quotient(q, N + 2 * p - s * (M - 1) - 1, d)], then=[q + 1 == k])
twin_says = "an output padding below the stride leaves the weight's gradient its size"
uses = ("size_excess",)
rocq_covers = "the same equivalence over the integers, dilation at least 1"
