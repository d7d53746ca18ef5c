"""Convolution is multiplication by the matrix W.

`conv(x) = W x`, with `W[i, j]` the sum of the taps that meet at input position i and output
position j. Source: Dumoulin & Visin, section 4.1.
"""

from symconv.proof import in_rocq

theorem = in_rocq(
    "Axis.v",
    "convE",
    "conv(x) = W x",
    r"\mathrm{conv}(x) = W x",
)
uses = ("adjoint_entries",)
rocq_covers = "one axis, one channel, padding a natural number"
