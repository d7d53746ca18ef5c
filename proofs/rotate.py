"""Without output padding, reversing the input and the kernel reverses the output.

`flip(convT(x, w)) = convT(flip x, flip w)`. With output padding it does not, as the false twin
shows, because the extra rows are at one end only. Source: symmetry of the hit under i -> M-1-i, a
-> k-1-a, j -> N-1-j.
"""

from symconv.proof import AXIS, M, N, between, equal, k, meets, op, symbols, tensors, total

i, j, a, t, b = symbols("i j a t b")
w, x = tensors("w x")
sides = {
    "left": total(w[a] * x[i], over=[i, a], where=[meets(N - 1 - j, i, a)]),
    "right": total(w[k - 1 - b] * x[M - 1 - t], over=[t, b], where=[meets(j, t, b)]),
    "forth": {"t": M - 1 - i, "b": k - 1 - a},
    "back": {"i": M - 1 - t, "a": k - 1 - b},
}

theorem = equal(given=[AXIS, op == 0, between(j, 0, N)], **sides)

twin = equal(given=[AXIS, between(j, 0, N)], **sides)
twin_says = "the output turns round with its operands, output padding or not"
