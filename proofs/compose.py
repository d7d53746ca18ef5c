"""Two transposed convolutions equal one if the first crops nothing or the second reaches no crop.

Either `p1 <= 0` or `d2 (k2-1) + op2 - p2 < s2` suffices; the combined kernel is the sum of
`w1[a1] w2[a2]` at `a1 d1 s2 + a2 d2`. If neither holds, terms that the first layer cuts off may be
missing, as the false twin shows. Source: substitution of one sum into the other; the condition was
found by enumeration, and is sufficient, not necessary.
"""

from symconv.proof import (
    M,
    between,
    d,
    either,
    equal,
    hit,
    k,
    meets,
    op,
    p,
    s,
    size_law,
    symbols,
    tensors,
    total,
)

i, j, m, a1, a2, n, b1, b2 = symbols("i j m a1 a2 n b1 b2")
s2, d2, p2, op2, k2 = symbols("s2 d2 p2 op2 k2")
w1, w2, x = tensors("w1 w2 x")
second = {
    "size": size_law(),
    "stride": s2,
    "dilation": d2,
    "padding": p2,
    "output_padding": op2,
    "kernel_size": k2,
}
LENGTHS = [M >= 1, k >= 1, k2 >= 1, s >= 1, s2 >= 1, d >= 1, d2 >= 1, op >= 0, op2 >= 0]
lengths = {"N2": size_law(**second)}
between_ = s * n + d * b1 - p
sides = {
    "left": total(
        w1[a1] * w2[a2] * x[i],
        over=[i, a1, m, a2],
        where=[meets(m, i, a1), meets(j, m, a2, **second)],
    ),
    "right": total(
        w1[b1] * w2[b2] * x[n],
        over=[n, b1, b2],
        where=[
            between(n, 0, M),
            between(b1, 0, k),
            between(b2, 0, k2),
            hit(j, n, d * s2 * b1 + d2 * b2, stride=s * s2, dilation=1, padding=p * s2 + p2),
        ],
    ),
    "forth": {"n": i, "b1": a1, "b2": a2},
    "back": {"i": n, "a1": b1, "a2": b2, "m": between_},
    "have_back": [j == s2 * between_ + d2 * b2 - p2],
}

theorem = equal(
    [*LENGTHS, either(p <= 0, d2 * (k2 - 1) + op2 - p2 < s2), between(j, 0, size_law(**second))],
    **sides,
)

twin = equal([*LENGTHS, between(j, 0, size_law(**second))], **sides)
twin_says = "two transposed convolutions always are one"
uses = ("compose_size",)
