"""With stride and dilation 1 and nothing cropped, the output is the product of two polynomials.

`y[j] = sum over u of w[u] x[j - u]`. Source: the convolution product; Knuth, TAOCP 2, section 4.6.
"""

from symconv.proof import AXIS, M, N, between, d, equal, k, meets, op, p, s, symbols, tensors, total

i, j, a, u = symbols("i j a u")
w, x = tensors("w x")

theorem = equal(
    given=[AXIS, s == 1, d == 1, p == 0, op == 0, between(j, 0, N)],
    left=total(w[a] * x[i], over=[i, a], where=[meets(j, i, a)]),
    right=total(w[u] * x[j - u], over=[u], where=[between(u, 0, k), between(j - u, 0, M)]),
    forth={"u": a},
    back={"a": u, "i": j - u},
)
uses = ("generating_function",)
