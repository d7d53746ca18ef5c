"""The convolution's size inverts the size law exactly when the output padding is below the stride.

`conv(N) = M` if and only if `op < s`. torch accepts `op < max(s, d)`, which is not enough: the
false twin below is what its documentation seems to promise. Source: torch.nn.ConvTranspose2d,
"Shape".
"""

from symconv.proof import AXIS, M, conv_size, d, either, entails, op, s, symbols

(q,) = symbols("q")

if_ = entails(given=[AXIS, op < s, conv_size(q)], then=[q + 1 == M])
only_if = entails(given=[AXIS, conv_size(q), q + 1 == M], then=[op < s])
theorem = (if_, only_if)
rocq = ("Sizes.v", "size_inverse")

twin = entails(given=[AXIS, either(op < s, op < d), conv_size(q)], then=[q + 1 == M])
twin_says = "conv restores the size whenever torch accepts the output padding"
uses = ("size_excess",)
rocq_covers = "the same equivalence over the integers, stride at least 1, output padding at least 0"
