"""The output of a sample depends only on that sample.

Source: the batch index is one more index that must be equal in input and output.
"""

from symconv.proof import AXIS, N, between, equal, meets, symbols, tensors, total

B, n, m, i, j, a, t, b = symbols("B n m i j a t b")
w, x = tensors("w x")

theorem = equal(
    given=[AXIS, between(j, 0, N), between(n, 0, B)],
    left=total(w[a] * x[m, i], over=[m, i, a], where=[between(m, 0, B), m == n, meets(j, i, a)]),
    right=total(w[b] * x[n, t], over=[t, b], where=[meets(j, t, b)]),
    forth={"t": i, "b": a},
    back={"m": n, "i": t, "a": b},
)
uses = ("channels_and_groups",)
