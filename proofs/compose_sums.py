"""If an input and a tap meet in at most one place, two layers are one with pairs of taps.

The condition is on the first layer; the index sets are any finite sets. The relation of the single
layer is the product of the two relations. Source: compose, with sums over finite sets in Rocq.
"""

from symconv.proof import in_rocq

theorem = in_rocq(
    "Form.v",
    "compose",
    "convT_w2(convT_w1(x)) = convT_w(x), w = products of the taps",
    r"\mathrm{convT}_{w_2}(\mathrm{convT}_{w_1}(x)) = "
    r"\mathrm{convT}_{w_1 \otimes w_2}(x)",
)
uses = ("compose",)
rocq_covers = "finite index sets where each input and tap meet at most one place in between"
