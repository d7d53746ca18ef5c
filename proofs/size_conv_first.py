"""A convolution's input length comes back when op is the remainder of its strided division.

For `H + 2p >= d(k-1) + 1`, `M = conv(H)` and `op = (H + 2p - d(k-1) - 1) mod s`, the transposed
convolution gives H. With op = 0 it does not: the false twin is a sentence common in textbooks, that
the same hyperparameters give back the shape. Source: Dumoulin & Visin, relationship 14.
"""

from symconv.proof import conv_size, d, entails, k, p, s, size_law, symbols

H, q = symbols("H q")
rest = H + 2 * p - d * (k - 1) - 1
LENGTHS = [s >= 1, d >= 1, k >= 1, rest >= 0]
remainder = rest - q * s

theorem = entails(
    given=[*LENGTHS, conv_size(q, H)],
    then=[size_law(size=q + 1, output_padding=remainder) == H, remainder >= 0, remainder < s],
)

twin = entails(
    given=[*LENGTHS, conv_size(q, H)], then=[size_law(size=q + 1, output_padding=0) == H]
)
twin_says = "the same hyperparameters give back the convolution's input size"
uses = ("size_inverse",)
