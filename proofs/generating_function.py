"""An output is a coefficient of the product of two polynomials with stretched exponents.

`y[j]` is the coefficient of `z^(j+p)` in `w(z^d) x(z^s)`. Source: generating functions; the
polynomial oracle of this project computes exactly this.
"""

from symconv.proof import in_rocq

theorem = in_rocq(
    "Axis.v",
    "generating_function",
    "y[j] = coefficient of z^(j+p) in w(z^d) x(z^s)",
    r"y_j = [z^{j+p}]\; w(z^d)\, x(z^s)",
)
rocq_covers = "one axis, one channel, padding a natural number"
