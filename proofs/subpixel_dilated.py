"""If dilation and stride are coprime, each phase is still a convolution with every s-th tap.

Let `c d = 1 + e s`. In the phase `j + p = s q + r` the first tap is `a0 = r c mod s`, and
`y[j] = sum over t of w[a0 + s t] x[q - z - d t]` with `s z = a0 d - r`. Source: the sub-pixel form
of Shi et al. 2016, extended to dilation by a Bezout identity.
"""

from symconv.proof import AXIS, M, N, between, d, equal, k, meets, p, s, symbols, tensors, total

i, j, a, t, q, r, c, e, a0, z = symbols("i j a t q r c e a0 z")
w, x = tensors("w x")
step = c * (q - i - z) - e * (a - a0)

theorem = equal(
    given=[
        AXIS,
        between(j, 0, N),
        c * d == 1 + e * s,
        j + p == s * q + r,
        between(r, 0, s),
        between(a0, 0, s),
        a0 * d - r == s * z,
    ],
    left=total(w[a] * x[i], over=[i, a], where=[meets(j, i, a)]),
    right=total(
        w[a0 + s * t] * x[q - z - d * t],
        over=[t],
        where=[t >= 0, a0 + s * t < k, between(q - z - d * t, 0, M)],
    ),
    forth={"t": step},
    back={"i": q - z - d * t, "a": a0 + s * t},
    have_forth=[a - a0 == s * step],
)
uses = ("subpixel", "phases_vanish")
