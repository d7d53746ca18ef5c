"""A separable kernel can be applied axis by axis.

With `w[a, b] = u[a] v[b]`, the two-dimensional operation is a pass along one axis followed by a
pass along the other. Source: nested sums.
"""

from symconv.proof import LENGTHS, M, between, equal, hit, k, meets, symbols, tensors, total

i, a, i2, a2, j, j2, h, c, h2, c2 = symbols("i a i2 a2 j j2 h c h2 c2")
M2, k2, s2, d2, p2 = symbols("M2 k2 s2 d2 p2")
u, v, x = tensors("u v x")
other = {"size": M2, "kernel_size": k2, "stride": s2, "dilation": d2, "padding": p2}

theorem = equal(
    given=[LENGTHS, M2 >= 1, k2 >= 1, s2 >= 1, d2 >= 1],
    left=total(
        u[a] * v[a2] * x[i, i2],
        over=[i, a, i2, a2],
        where=[meets(j, i, a), meets(j2, i2, a2, **other)],
    ),
    right=total(
        v[c2] * u[c] * x[h, h2],
        over=[h2, c2, h, c],
        where=[
            hit(j2, h2, c2, **other),
            between(h2, 0, M2),
            between(c2, 0, k2),
            hit(j, h, c),
            between(h, 0, M),
            between(c, 0, k),
        ],
    ),
    forth={"h": i, "c": a, "h2": i2, "c2": a2},
    back={"i": h, "a": c, "i2": h2, "a2": c2},
)
uses = ("two_axes",)
