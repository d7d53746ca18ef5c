"""Transposed convolution is a stride-1 correlation of the input with zeros between its elements.

Insert s-1 zeros, pad d(k-1)-p on the left (crop where negative) and op more on the right, correlate
with the flipped kernel of dilation d. The false twin pads k-1-p, as texts without dilation do.
Source: Dumoulin & Visin, relationship 13, with dilation and output padding added.
"""

from symconv.proof import AXIS, M, N, between, d, equal, k, meets, op, p, s, symbols, tensors, total

i, j, a, b, h = symbols("i j a b h")
w, x = tensors("w x")
stretched = s * (M - 1) + 1


def correlation(pad):
    inside = j + d * b - pad
    return total(
        w[k - 1 - b] * x[h],
        over=[b, h],
        where=[
            between(b, 0, k),
            between(j + d * b, 0, stretched + 2 * pad + op),
            between(inside, 0, stretched),
            between(h, 0, M),
            inside == s * h,
        ],
    )


scatter = total(w[a] * x[i], over=[i, a], where=[meets(j, i, a)])
maps = {"forth": {"b": k - 1 - a, "h": i}, "back": {"a": k - 1 - b, "i": h}}
theorem = equal([AXIS, between(j, 0, N)], scatter, correlation(d * (k - 1) - p), **maps)
rocq = ("Axis.v", "zero_insertion")

twin = equal([AXIS, between(j, 0, N)], scatter, correlation(k - 1 - p), **maps)
twin_says = "the padding of the equivalent correlation is k - 1 - p for every dilation"
uses = ("gather", "zero_insertion_size")
rocq_covers = "one axis, padding a natural number, no output padding, the input continued by zeros"
