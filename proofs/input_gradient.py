"""The gradient of the input is the convolution of the output's gradient, cut to M entries.

`grad_x[i]` is the sum over taps b of `w[b] g[s i + d b - p]`, for i < M. The convolution has more
than M entries exactly when op >= s (size_excess). Source: torch's conv_transpose backward; the
adjoint of the adjoint.
"""

from symconv.proof import (
    AXIS,
    M,
    N,
    between,
    conv_size,
    d,
    entails,
    equal,
    k,
    meets,
    p,
    s,
    symbols,
    tensors,
    total,
)

i, j, a, b, q = symbols("i j a b q")
w, g = tensors("w g")
at = s * i + d * b - p

theorem = equal(
    given=[AXIS, between(i, 0, M)],
    left=total(w[a] * g[j], over=[a, j], where=[meets(j, i, a), between(j, 0, N)]),
    right=total(w[b] * g[at], over=[b], where=[between(b, 0, k), between(at, 0, N)]),
    forth={"b": a},
    back={"a": b, "j": at},
)
rocq = ("Form.v", "input_law")

twin = entails(given=[AXIS, conv_size(q)], then=[q + 1 == M])
twin_says = "the convolution of the output's gradient has the input's length for every op"
uses = ("adjoint", "size_excess")
rocq_covers = (
    "the law of the derivative over any finite index sets, without the formula of the indices"
)
