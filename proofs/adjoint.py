"""Convolution and transposed convolution are adjoint, for any rank, channels and groups.

The index sets are arbitrary finite sets and the relation between input, tap and output positions is
arbitrary, so every dimension, group and crop is an instance. Source: both are contractions of one
trilinear form; Zeiler et al. 2010 for the name deconvolution.
"""

from symconv.proof import in_rocq

theorem = in_rocq(
    "Form.v",
    "adjoint",
    "<convT(x), g> = <x, conv(g)>",
    r"\langle \mathrm{convT}(x), g \rangle = "
    r"\langle x, \mathrm{conv}(g) \rangle",
)
uses = ("adjoint_entries",)
rocq_covers = (
    "any finite index sets and any relation between them, over a commutative ring; so any "
    "rank, crop and grouping. That the relation is the hit is not stated there"
)
