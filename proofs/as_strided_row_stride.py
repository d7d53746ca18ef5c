"""Windows of a matrix by strides: the row stride is the row length, and stays in memory.

Entry (u, v) of the window at (r, c) of an A x D matrix is stored at `r D + c + u D + v`. Using the
number of rows A as row stride is right only for square matrices, as soon as a window has a second
row, as the false twin shows. Source: numpy.lib.stride_tricks.as_strided's documentation, on
C-ordered arrays.
"""

from symconv.proof import between, entails, symbols

A, D, h, wide, r, c, u, v = symbols("A D h wide r c u v")
WINDOW = [
    A >= 1,
    D >= 1,
    r >= 0,
    c >= 0,
    r + h <= A,
    c + wide <= D,
    between(u, 0, h),
    between(v, 0, wide),
]
place = r * D + c + u * D + v

right = entails(given=WINDOW, then=[place == (r + u) * D + c + v, place < A * D])
wrong = entails(
    given=[*WINDOW, u == 1, r * D + c + u * A + v == (r + u) * D + c + v], then=[A == D]
)
theorem = (right, wrong)

twin = entails(given=WINDOW, then=[r * D + c + u * A + v == (r + u) * D + c + v])
twin_says = "the row stride is the number of rows"
