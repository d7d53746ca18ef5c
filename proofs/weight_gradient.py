"""The gradient of the weight is a convolution of the output's gradient with the input.

`grad_w[a] = sum over n of x[n] g[d a + s n - p]` for a < k: stride and dilation are exchanged.
Source: torch's conv_transpose backward.
"""

from symconv.proof import AXIS, M, N, between, d, equal, k, meets, p, s, symbols, tensors, total

i, j, a, n = symbols("i j a n")
x, g = tensors("x g")
at = d * a + s * n - p

theorem = equal(
    given=[AXIS, between(a, 0, k)],
    left=total(x[i] * g[j], over=[i, j], where=[meets(j, i, a), between(j, 0, N)]),
    right=total(x[n] * g[at], over=[n], where=[between(n, 0, M), between(at, 0, N)]),
    forth={"n": i},
    back={"i": n, "j": at},
)
rocq = ("Form.v", "weight_law")
uses = ("swap",)
rocq_covers = (
    "the law of the derivative over any finite index sets, without the formula of the indices"
)
