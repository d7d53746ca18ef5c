"""The correlation over inserted zeros has the transposed convolution's length.

`s(M-1) + 1 + 2(d(k-1) - p) + op - d(k-1) = N`. Source: Dumoulin & Visin, relationship 13.
"""

from symconv.proof import AXIS, M, N, d, entails, k, op, p, s

padded = s * (M - 1) + 1 + 2 * (d * (k - 1) - p) + op

theorem = entails(given=[AXIS], then=[padded - d * (k - 1) == N])

twin = entails(given=[AXIS], then=[s * M + 2 * (d * (k - 1) - p) + op - d * (k - 1) == N])
twin_says = "zeros also follow the last input"
