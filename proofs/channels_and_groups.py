"""Channels and groups are instances of the one relation: an output channel sums its group's inputs.

Let positions be (channel, place) and taps (in, out, place), and let the relation require matching
channels and a hit. Then the general operator is the sum over input channels. Source: the index form
of torch's documentation.
"""

from symconv.proof import in_rocq

theorem = in_rocq(
    "Form.v",
    "channels",
    "y[o, j] = sum over c in the group of o of convT_w[c, o](x[c])[j]",
    r"y_{o,j} = \sum_{c \in \mathrm{group}(o)} "
    r"\mathrm{convT}_{w_{c,o}}(x_c)_j",
)
uses = ("one_group",)
rocq_covers = "any relations between positions and between channels, over a commutative ring"
