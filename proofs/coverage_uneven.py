"""If the stride does not divide the kernel size, the first phase has one tap more than the last.

For `k = s m + e` with 0 < e < s the phases 0 and s - 1 have m + 1 and m taps, which causes
checkerboard artifacts. Source: Odena et al. 2016.
"""

from symconv.proof import entails, k, quotient, s, symbols

m, e, first, last = symbols("m e first last")

theorem = entails(
    given=[
        s >= 1,
        k >= 1,
        k == s * m + e,
        e >= 1,
        e < s,
        quotient(first, k - 1, s),
        quotient(last, k - s, s),
    ],
    then=[first + 1 == m + 1, last + 1 == m],
)

twin = entails(
    given=[s >= 1, k >= s, quotient(first, k - 1, s), quotient(last, k - s, s)],
    then=[first == last],
)
twin_says = "a kernel at least as long as the stride covers all phases alike"
uses = ("coverage_uniform",)
