"""If the stride divides the kernel size, every phase has the same number of taps.

Without dilation the phase r has `floor((k-1-r)/s) + 1` taps; for `k = s m` that is m for every r.
Source: Odena et al. 2016, "Deconvolution and checkerboard artifacts".
"""

from symconv.proof import between, entails, k, quotient, s, symbols

r, m, q = symbols("r m q")

theorem = entails(
    given=[s >= 1, k >= 1, k == s * m, between(r, 0, s), quotient(q, k - 1 - r, s)],
    then=[q + 1 == m],
)
