"""The usual size laws as polynomials in the words of torch, each with what it may leave out.

The law of transposed convolution is the house's own (`geometry.OUT_SIZE`). Sources of the others:
the shape section of torch.nn.Conv2d's documentation; Dumoulin & Visin, "A guide to convolution
arithmetic for deep learning" (arXiv 1603.07285), sections 2, 4 and 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from symconv.audit.sizes.roles import BOTH_SIDES
from symconv.geometry import OUT_SIZE
from symconv.polynomial import Polynomial, Scalar

_V = Polynomial.variable
LEFT_OUT: dict[str, Scalar] = {"stride": 1, "dilation": 1, "padding": 0, "output_padding": 0}
"""What a formula means by not naming a quantity."""

TRANSPOSED = "the output size of a transposed convolution"
CONVOLUTION = "the output size of a convolution"


@dataclass(frozen=True, slots=True)
class Law:
    """`floor(numerator / denominator)`, or the numerator where nothing is divided.

    Attributes:
        name: what it gives.
        numerator: a polynomial in torch's words.
        denominator: a polynomial, 1 where nothing is divided.
        remark: a convention that it takes.
        gives_padding: it gives a padding, not a size.
    """

    name: str
    numerator: Polynomial
    denominator: Polynomial
    remark: str = ""
    gives_padding: bool = False

    def special(self, present: frozenset[str]) -> tuple[Polynomial, Polynomial] | None:
        """With the quantities that are not present left out; None if one cannot be."""
        names = {*self.numerator.variables, *self.denominator.variables}
        absent = names - present
        if not present <= names or not absent <= set(LEFT_OUT):
            return None
        values = {n: _V(n) if n in present else Polynomial.constant(LEFT_OUT[n]) for n in names}
        one = Polynomial.constant(1)
        above = self.numerator.evaluate(values) + 0 * one
        below = self.denominator.evaluate(values) + 0 * one
        return above, below

    def specials(self, count: int) -> list[tuple[frozenset[str], Polynomial, Polynomial]]:
        """What is left of it with so many quantities, whichever are left out."""
        names = frozenset({*self.numerator.variables, *self.denominator.variables})
        found = []
        for gone in combinations(sorted(names & set(LEFT_OUT)), max(len(names) - count, 0)):
            special = self.special(names - set(gone))
            if special is not None and len(names) >= count:
                found.append((names - set(gone), *special))
        return found


@lru_cache(maxsize=1)
def laws() -> tuple[Law, ...]:
    """All that are known, the plainest convention first."""
    n, k, s, p, d = map(_V, ("size", "kernel_size", "stride", "padding", "dilation"))
    op, one = _V("output_padding"), Polynomial.constant(1)
    found = []
    conventions = (
        (p, p, ""),
        (p, Polynomial(), BOTH_SIDES),
        (_V("padding_begin"), _V("padding_end"), "with a padding for each side"),
    )
    for begin, end, remark in conventions:
        values = {"size": n, "kernel_size": k, "stride": s, "dilation": d}
        crops = {"crop_begin": begin, "crop_end": end - op}
        found.append(Law(TRANSPOSED, OUT_SIZE.evaluate({**values, **crops}), one, remark))
        room = n + begin + end - d * (k - 1) - 1
        found.append(Law(CONVOLUTION, room + s, s, remark))
    return (
        *found,
        Law("the extent of a dilated kernel", d * (k - 1) + 1, one),
        Law("the size of an input with zeros inserted", s * (n - 1) + 1, one),
        Law(
            "the padding of the convolution that does the same",
            d * (k - 1) - p,
            one,
            gives_padding=True,
        ),
        Law(
            "the padding that keeps the size",
            d * (k - 1),
            Polynomial.constant(2),
            gives_padding=True,
        ),
        Law("the output size of a padded (same) convolution", n + s - 1, s),
    )
