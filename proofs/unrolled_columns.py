"""In the unrolled matrix of a 2-D convolution, a row holds each tap once, inside the row.

For stride 1 without padding, the tap (f, g) of the window at (i, c) is in column
`(i + f) D + c + g`, which is below H D, and different taps are in different columns. Source: the
im2col layout.
"""

from symconv.proof import between, entails, symbols

H, D, kh, kw, i, c, f, g, f2, g2 = symbols("H D kh kw i c f g f2 g2")
WINDOW = [kh <= H, kw <= D, kh >= 1, kw >= 1, between(i, 0, H - kh + 1), between(c, 0, D - kw + 1)]
TAP = [between(f, 0, kh), between(g, 0, kw)]

inside = entails(given=[*WINDOW, *TAP], then=[(i + f) * D + c + g < H * D])
injective = entails(
    given=[*WINDOW, *TAP, between(f2, 0, kh), between(g2, 0, kw), f * D + g == f2 * D + g2],
    then=[f == f2, g == g2],
    have=[f == f2],
)
theorem = (inside, injective)
