"""Input and kernel may be exchanged if stride and dilation are exchanged too.

`convT(x, w; s, d) = convT(w, x; d, s)`. Source: the relation j = s i + d a - p is symmetric in
(i, s) and (a, d).
"""

from symconv.proof import AXIS, M, N, between, d, equal, hit, k, meets, s, symbols, tensors, total

i, j, a, m, t = symbols("i j a m t")
w, x = tensors("w x")

theorem = equal(
    given=[AXIS, between(j, 0, N)],
    left=total(w[a] * x[i], over=[i, a], where=[meets(j, i, a)]),
    right=total(
        w[m] * x[t],
        over=[m, t],
        where=[hit(j, m, t, stride=d, dilation=s), between(m, 0, k), between(t, 0, M)],
    ),
    forth={"m": a, "t": i},
    back={"i": t, "a": m},
)

twin = equal(
    given=[AXIS, between(j, 0, N)],
    left=total(w[a] * x[i], over=[i, a], where=[meets(j, i, a)]),
    right=total(w[m] * x[t], over=[m, t], where=[hit(j, m, t), between(m, 0, k), between(t, 0, M)]),
    forth={"m": a, "t": i},
    back={"i": t, "a": m},
)
twin_says = "input and kernel may change places with stride and dilation as they are"
