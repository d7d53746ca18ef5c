"""A kernel of one tap copies inputs to every s-th output, times the tap.

Source: the relation j = s i + d a - p with k = 1, so a = 0.
"""

from symconv.proof import AXIS, M, N, between, equal, k, meets, p, s, symbols, tensors, total

i, j, a, t = symbols("i j a t")
w, x = tensors("w x")

theorem = equal(
    given=[AXIS, k == 1, between(j, 0, N)],
    left=total(w[a] * x[i], over=[i, a], where=[meets(j, i, a)]),
    right=total(w[0] * x[t], over=[t], where=[between(t, 0, M), s * t == j + p]),
    forth={"t": i},
    back={"i": t, "a": 0},
)
