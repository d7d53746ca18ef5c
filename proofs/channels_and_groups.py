"""Channels and groups are instances of the one relation: an output channel sums its group's inputs.

With positions (channel, place), taps (in, out, place) and the relation that asks for both channels
and a hit, the general operator is the sum over input channels. Source: the index form of torch's
documentation.
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
