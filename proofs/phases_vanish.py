"""Where g divides both stride and dilation, only outputs with g | j + p receive anything.

Every term of y[j] has `j + p = g (S i + D a)`: all other outputs contain only the bias. Source: the
hit, divided by the common factor.
"""

from symconv.proof import LENGTHS, d, entails, meets, p, s, symbols

i, j, a, g, S, D = symbols("i j a g S D")

theorem = entails(
    given=[LENGTHS, meets(j, i, a), s == g * S, d == g * D],
    then=[j + p == g * (S * i + D * a)],
)
