"""Without dilation and output padding, k = 2p + s makes the output exactly s times as long.

Source: the layers of DCGAN (Radford et al. 2015): k = 4, s = 2, p = 1 doubles every length.
"""

from symconv.proof import LENGTHS, M, N, d, entails, k, op, p, s

theorem = entails(given=[LENGTHS, d == 1, op == 0, k == 2 * p + s], then=[s * M == N])

twin = entails(given=[LENGTHS, op == 0, k == 2 * p + s], then=[s * M == N])
twin_says = "k = 2p + s multiplies the length by s for every dilation"
