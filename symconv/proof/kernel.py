"""The kernel: what must be believed of a proof for all sizes. It imports nothing of symconv.

A fact is `(">=", P)` for P >= 0 or `("==", P)` for P = 0, with P a polynomial over the integers. A
sequent is a list of facts, the hypotheses, and a fact, the goal. Its certificate refutes the goal's
opposite: for a goal P >= 0 the hypothesis -P - 1 >= 0 is added at the end, and then

    sum of c * (product of hypotheses >= 0) + sum of Q * (hypothesis == 0) = a negative constant

with whole c >= 0 and any polynomials Q is a contradiction (the direction of the Positivstellensatz
of Krivine and Stengle that needs no theorem). A goal P = 0 is P >= 0 and -P >= 0. A certificate may
split on a polynomial Q, since over the integers Q >= 0 or -Q - 1 >= 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

MOST_PRODUCTS = 200_000
"""Of terms, in one multiplication: a hostile certificate costs no more."""


class Rejected(Exception):
    """The certificate does not prove the sequent, or asks for too much work."""


class Poly(dict[tuple[str, ...], int]):
    """A polynomial: `{sorted names, repeated for powers: coefficient other than 0}`."""

    @staticmethod
    def of(value: Poly | int) -> Poly:
        """A number as a polynomial."""
        return value if isinstance(value, Poly) else Poly({(): value} if value else {})

    def __add__(self, other: Poly | int) -> Poly:
        total = Poly(self)
        for monomial, coefficient in Poly.of(other).items():
            total[monomial] = total.get(monomial, 0) + coefficient
            if not total[monomial]:
                del total[monomial]
        return total

    def __neg__(self) -> Poly:
        return Poly({monomial: -coefficient for monomial, coefficient in self.items()})

    def __sub__(self, other: Poly | int) -> Poly:
        return self + -Poly.of(other)

    def __mul__(self, other: Poly | int) -> Poly:
        if len(self) * len(Poly.of(other)) > MOST_PRODUCTS:
            raise Rejected("a product has too many terms")
        total: dict[tuple[str, ...], int] = {}
        for left, a in self.items():
            for right, b in Poly.of(other).items():
                monomial = tuple(sorted(left + right)) if left and right else left or right
                total[monomial] = total.get(monomial, 0) + a * b
        return Poly({monomial: c for monomial, c in total.items() if c})


Fact = tuple[str, Poly]


def check(hypotheses: Sequence[Fact], goal: Fact | None, certificate: Mapping[str, Any]) -> None:
    """Accept a proof, or raise; a goal of None is a contradiction.

    Raises:
        Rejected: the certificate proves something else, or nothing.
    """
    known = list(hypotheses)
    if goal is not None and goal[0] == "==":
        check(known, (">=", goal[1]), certificate["ge"])
        check(known, (">=", -goal[1]), certificate["le"])
        return
    if goal is not None:
        known.append((">=", -goal[1] - 1))
    if "split" in certificate:
        where = certificate["split"]
        check([*known, (">=", where)], None, certificate["pos"])
        check([*known, (">=", -where - 1)], None, certificate["neg"])
        return
    total = Poly()
    for factor, places in certificate["products"]:
        if type(factor) is not int or factor < 0:
            raise Rejected(f"the factor {factor!r} is no whole number of at least 0")
        product = Poly.of(factor)
        for place in places:
            if known[place][0] != ">=":
                raise Rejected(f"hypothesis {place} is an equation, used as an inequality")
            product = product * known[place][1]
        total = total + product
    for multiple, place in certificate["equalities"]:
        if known[place][0] != "==":
            raise Rejected(f"hypothesis {place} is an inequality, used as an equation")
        total = total + multiple * known[place][1]
    if set(total) != {()} or total[()] >= 0:
        raise Rejected("the sum is no negative constant")
