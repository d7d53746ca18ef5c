"""The convolution of an output's length gives the input's length and op // s more.

`conv(N) = M + floor(op / s)`: whole strides of output padding come back as extra positions.
Source: Dumoulin & Visin, "A guide to convolution arithmetic", relationship 14, with both paddings.
"""

from symconv.proof import AXIS, M, conv_size, entails, op, quotient, s, symbols

q, more = symbols("q more")

theorem = entails(given=[AXIS, conv_size(q), quotient(more, op, s)], then=[q + 1 == M + more])
rocq = ("Sizes.v", "excess")
rocq_covers = (
    "the same law over the integers, for every padding, kernel and output padding, stride at "
    "least 1"
)
