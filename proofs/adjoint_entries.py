"""The matrices of the two operators are each other's transpose, entry by entry.

The entry of convT at output j and input i is the sum of the taps that connect i to j; so is the
entry of conv at input j and output i. Source: the relation j = s i + d a - p, read from either
side.
"""

from symconv.proof import AXIS, M, N, between, d, equal, k, p, s, symbols, tensors, total

i, j, a, b = symbols("i j a b")
w, v = tensors("w v")

theorem = equal(
    given=[AXIS, between(i, 0, M), between(j, 0, N)],
    left=total(w[a], over=[a], where=[j == s * i + d * a - p, between(a, 0, k)]),
    right=total(w[b], over=[b], where=[between(b, 0, k), s * i == j + p - d * b]),
    forth={"b": a},
    back={"a": b},
)
