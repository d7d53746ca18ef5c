"""Transposed convolution is multiplication by the transpose of the convolution's matrix.

`convT(y) = W^T y`, with `W[i, j]` the sum of the taps that carry input i to output j, over any
commutative ring. Source: Dumoulin & Visin, section 4.1.
"""

from symconv.proof import in_rocq

theorem = in_rocq(
    "Axis.v",
    "scatterE",
    "convT(y) = W^T y",
    r"\mathrm{convT}(y) = W^T y",
)
uses = ("adjoint_entries",)
rocq_covers = "one axis, one channel, padding a natural number"
