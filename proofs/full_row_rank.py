"""Without padding, a kernel that is not zero gives W full row rank over a field.

The first non-zero entry of each row is further right than that of the row before, so only the zero
combination of rows vanishes. With padding there are counterexamples. Source: the staircase; linear
algebra.
"""

from symconv.proof import in_rocq

theorem = in_rocq(
    "Rank.v",
    "full_row_rank",
    "p = 0 and w != 0 imply rank W = M",
    r"p = 0,\ w \ne 0 \;\Rightarrow\; "
    r"\mathrm{rank}\, W = M",
)
uses = ("staircase", "unrolled_columns")
rocq_covers = "one axis without padding, over a field, every output inside; not several axes"
