"""Transposed convolution is linear in the input and in the weight.

Source: the trilinear form is a sum of products with one factor from each.
"""

from symconv.proof import in_rocq

theorem = in_rocq(
    "Form.v",
    "linear",
    "convT_w(x + c x') = convT_w(x) + c convT_w(x'), and so for w",
    r"\begin{aligned} \mathrm{convT}_w(x + c\, x') &= \mathrm{convT}_w(x) + "
    r"c\, \mathrm{convT}_w(x') \\ \mathrm{convT}_{w + c w'}(x) &= "
    r"\mathrm{convT}_w(x) + c\, \mathrm{convT}_{w'}(x) \end{aligned}",
)
rocq_covers = "any finite index sets and any relation between them, over a commutative ring"
