"""At most one pair of input size and output padding below the stride gives a wanted size.

Two pairs that give the same size are equal. If the output padding may equal the stride, some sizes
are reached twice, as the false twin shows. Source: the role of `output_size` in
torch.nn.ConvTranspose2d.
"""

from symconv.proof import LENGTHS, M, between, entails, op, s, size_law, symbols

M2, op2 = symbols("M2 op2")
same_size = size_law() == size_law(size=M2, output_padding=op2)

theorem = entails(
    given=[LENGTHS, M2 >= 1, between(op, 0, s), between(op2, 0, s), same_size],
    then=[M == M2, op == op2],
    have=[M == M2],
)

twin = entails(
    given=[LENGTHS, M2 >= 1, between(op, 0, s + 1), between(op2, 0, s + 1), same_size],
    then=[M == M2],
)
twin_says = "output padding up to the stride reaches every size in one way"
uses = ("size_excess",)
