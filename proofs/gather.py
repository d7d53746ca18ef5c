"""An output collects, for every tap, the one input that the stride allows.

`y[j]` is the sum of `w[a] x[(j + p - d a) / s]` over the taps a with `s | j + p - d a`. Each output
is computed separately, so no two threads write to the same place. Source: the gather form of the
col2im kernels in torch and Caffe.
"""

from symconv.proof import (
    AXIS,
    M,
    N,
    between,
    d,
    equal,
    image,
    k,
    meets,
    p,
    quotient,
    s,
    symbols,
    tensors,
    total,
)

i, j, a, b, q = symbols("i j a b q")
w, x = tensors("w x")

theorem = equal(
    given=[AXIS, between(j, 0, N)],
    left=total(w[a] * x[i], over=[i, a], where=[meets(j, i, a)]),
    right=total(
        w[b] * x[q],
        over=[b],
        where=[
            quotient(q, j + p - d * b, s),
            between(b, 0, k),
            j + p - d * b == q * s,
            between(q, 0, M),
        ],
    ),
    forth={"b": a},
    back={"i": q, "a": b},
    have_forth=[image(q) == i],
)
rocq = ("Axis.v", "gatherE")
uses = ("input_unique",)
rocq_covers = "one axis, padding a natural number; negative padding is left to the kernel's proof"
