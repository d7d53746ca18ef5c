"""A bias b adds b times the sum of g to the inner product of the output with g.

`<convT(x) + b, g> = <convT(x), g> + b sum g`. Source: linearity of the inner product.
"""

from symconv.proof import in_rocq

theorem = in_rocq(
    "Form.v",
    "bias_law",
    "<convT(x) + b, g> = <convT(x), g> + b sum of g",
    r"\langle \mathrm{convT}(x) + b, g \rangle = "
    r"\langle \mathrm{convT}(x), g \rangle + b \sum_j g_j",
)
uses = ("linear",)
rocq_covers = "any finite index sets; one bias for all outputs, so one channel at a time"
