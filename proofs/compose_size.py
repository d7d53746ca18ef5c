"""Two transposed convolutions in a row have the length of one with the combined parameters.

`S = s1 s2`, `P = p1 s2 + p2`, `OP = op1 s2 + op2`, kernel of `d1 s2 (k1-1) + d2 (k2-1) + 1` taps.
Source: the size law, substituted into itself.
"""

from symconv.proof import M, d, entails, k, op, p, s, size_law, symbols

s2, d2, p2, op2, k2 = symbols("s2 d2 p2 op2 k2")
first = size_law()
second = size_law(
    size=first, stride=s2, dilation=d2, padding=p2, output_padding=op2, kernel_size=k2
)
one = size_law(
    stride=s * s2,
    dilation=1,
    padding=p * s2 + p2,
    output_padding=op * s2 + op2,
    kernel_size=d * s2 * (k - 1) + d2 * (k2 - 1) + 1,
)

theorem = entails(given=[M >= 1], then=[second == one])

twin = entails(
    given=[M >= 1, s >= 1, d >= 1, s2 >= 1],
    then=[
        second
        == size_law(
            stride=s * s2,
            dilation=1,
            padding=p + p2,
            output_padding=op * s2 + op2,
            kernel_size=d * s2 * (k - 1) + d2 * (k2 - 1) + 1,
        )
    ],
)
twin_says = "the paddings of two layers add up"
