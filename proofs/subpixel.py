"""Without dilation, the outputs of one phase are a plain convolution with every s-th tap.

`y[s q + r - p] = sum over t of w[r + s t] x[q - t]` for 0 <= r < s: the sub-pixel form.
Source: Shi et al. 2016, "Is the deconvolution layer the same as a convolutional layer?".
"""

from symconv.proof import AXIS, M, N, between, d, equal, k, meets, p, s, symbols, tensors, total

i, j, a, t, q, r = symbols("i j a t q r")
w, x = tensors("w x")

theorem = equal(
    given=[AXIS, d == 1, between(j, 0, N), between(r, 0, s), j + p == s * q + r],
    left=total(w[a] * x[i], over=[i, a], where=[meets(j, i, a)]),
    right=total(
        w[r + s * t] * x[q - t], over=[t], where=[t >= 0, r + s * t < k, between(q - t, 0, M)]
    ),
    forth={"t": q - i},
    back={"i": q - t, "a": r + s * t},
    have_forth=[q - i >= 0],
)
rocq = ("Axis.v", "subpixel")
uses = ("gather",)
rocq_covers = "one axis, dilation 1, padding a natural number"
