"""A dilated kernel equals an undilated kernel with d - 1 zeros between its taps.

Source: "a trous" kernels; Yu & Koltun 2015.
"""

from symconv.proof import AXIS, M, N, between, d, equal, k, meets, p, s, symbols, tensors, total

i, j, a, t, e, b = symbols("i j a t e b")
w, x = tensors("w x")

theorem = equal(
    given=[AXIS, between(j, 0, N)],
    left=total(w[a] * x[i], over=[i, a], where=[meets(j, i, a)]),
    right=total(
        w[b] * x[t],
        over=[t, e, b],
        where=[
            j == s * t + e - p,
            between(t, 0, M),
            between(e, 0, d * (k - 1) + 1),
            e == d * b,
            between(b, 0, k),
        ],
    ),
    forth={"t": i, "e": d * a, "b": a},
    back={"i": t, "a": b},
)

twin = equal(
    given=[AXIS, between(j, 0, N)],
    left=total(w[a] * x[i], over=[i, a], where=[meets(j, i, a)]),
    right=total(
        w[b] * x[t],
        over=[t, e, b],
        where=[
            j == s * t + e - p,
            between(t, 0, M),
            between(e, 0, d * (k - 1)),
            e == d * b,
            between(b, 0, k),
        ],
    ),
    forth={"t": i, "e": d * a, "b": a},
    back={"i": t, "a": b},
)
twin_says = "the kernel with zeros between its taps has d(k - 1) entries"
