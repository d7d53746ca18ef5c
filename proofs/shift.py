"""An input delayed by c gives an output delayed by c s, as long as nothing falls off the end.

Source: translation covariance; one input step is s output steps. The false twin ignores the stride.
"""

from symconv.proof import AXIS, M, N, between, d, equal, k, meets, p, s, symbols, tensors, total

i, j, a, t, b, c = symbols("i j a t b c")
w, x = tensors("w x")
delayed = total(
    w[a] * x[i - c], over=[i, a], where=[j == s * i + d * a - p, between(i, c, M), between(a, 0, k)]
)


def moved(by):
    return total(w[b] * x[t], over=[t, b], where=[meets(j - by, t, b, size=M - c)])


maps = {"forth": {"t": i - c, "b": a}, "back": {"i": t + c, "a": b}}
theorem = equal([AXIS, c >= 0, between(j, 0, N)], delayed, moved(c * s), **maps)

twin = equal([AXIS, c >= 0, between(j, 0, N)], delayed, moved(c), **maps)
twin_says = "an input delayed by c delays the output by c, whatever the stride"
