"""W^T W x = x for every x exactly when W^T W is the identity.

So the transposed convolution undoes the convolution only for orthonormal columns. Source: linear
algebra.
"""

from symconv.proof import in_rocq

theorem = in_rocq(
    "Rank.v",
    "transpose_restores_iff",
    "(W^T W x = x for all x) iff W^T W = I",
    r"(\forall x\; W^T W x = x) \;\Leftrightarrow\; W^T W = I",
)
uses = ("no_left_inverse",)
rocq_covers = "any matrix over a commutative ring"
