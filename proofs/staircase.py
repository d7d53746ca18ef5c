"""The unrolled matrix is a staircase: later windows begin in later columns.

For stride 1, no padding, and windows (i, c) in C order over output rows of D - kw + 1, the first
column of a later window is further right. Source: the im2col layout; a step towards full row rank.
"""

from symconv.proof import between, entails, symbols

D, kw, i, c, i2, c2 = symbols("D kw i c i2 c2")
wide = D - kw + 1

theorem = entails(
    given=[
        kw >= 1,
        kw <= D,
        i >= 0,
        i2 >= 0,
        between(c, 0, wide),
        between(c2, 0, wide),
        i * wide + c < i2 * wide + c2,
    ],
    then=[i * D + c < i2 * D + c2],
    have=[i <= i2],
)
