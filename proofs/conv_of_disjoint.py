"""Over disjoint blocks without crops, convolving back multiplies by the sum of the squared taps.

`conv(convT(x)) = (sum of w[a]^2) x`: the values come back up to that factor. Source: the Gram
matrix W W^T is that multiple of the identity.
"""

from symconv.proof import in_rocq

theorem = in_rocq(
    "Rank.v",
    "conv_convT",
    "conv(convT(x)) = (sum of w[a]^2) x",
    r"\mathrm{conv}(\mathrm{convT}(x)) = \Big(\sum_a w_a^2\Big)\, x",
)
uses = ("disjoint", "adjoint")
rocq_covers = (
    "finite index sets with three hypotheses that say that blocks do not overlap; that d(k-1) "
    "< s implies them is not stated there"
)
