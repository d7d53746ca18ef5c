"""An equality of sums on one axis also holds on several: here zero insertion in two dimensions.

The maps on each axis combine to a map of pairs (the rule of products, proved in Rocq); this
instance is also written out and checked. Source: the operator's relation is the conjunction over
the axes.
"""

from symconv.proof import (
    AXIS,
    M,
    N,
    between,
    d,
    equal,
    k,
    meets,
    on_axes,
    p,
    s,
    symbols,
    tensors,
    total,
)

i, j, a, b, h = symbols("i j a b h")
w, x = tensors("w x")

one_axis = equal(
    given=[AXIS, between(j, 0, N)],
    left=total(w[a] * x[i], over=[i, a], where=[meets(j, i, a)]),
    right=total(
        w[k - 1 - b] * x[h],
        over=[b, h],
        where=[between(b, 0, k), between(h, 0, M), j + d * b - d * (k - 1) + p == s * h],
    ),
    forth={"b": k - 1 - a, "h": i},
    back={"a": k - 1 - b, "i": h},
)
theorem = on_axes(one_axis, 2)
rocq = ("Sums.v", "bij_prod")
uses = ("zero_insertion",)
rocq_covers = (
    "the rule that bijections of two pairs of sets make one of their products; not this instance"
)
