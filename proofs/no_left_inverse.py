"""Nothing linear gets the values back from a shorter output: a wide matrix has no left inverse.

For an m x n matrix with m < n over a field there is no V with V W = I. Source: rank-nullity.
"""

from symconv.proof import in_rocq

theorem = in_rocq(
    "Rank.v",
    "no_left_inverse",
    "m < n implies V W != I for every V",
    r"m < n \;\Rightarrow\; \forall V\; V W \ne I_n",
)
rocq_covers = "any matrix with fewer rows than columns, over a field"
