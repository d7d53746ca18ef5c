"""The kernel: checks certificates of sequents over the integers. It imports nothing from symconv.

A fact is `(">=", P)` for P >= 0 or `("==", P)` for P = 0, with P a polynomial over the integers. A
sequent is a list of facts, the hypotheses, and a fact, the goal. Its certificate refutes the
negation of the goal: for a goal P >= 0 the hypothesis -P - 1 >= 0 is added at the end, and then

    sum of c * (product of hypotheses >= 0) + sum of Q * (hypothesis == 0) = a negative constant

with integers c >= 0 and any polynomials Q is a contradiction (the easy direction of the
Positivstellensatz of Krivine and Stengle, which needs no theorem). A goal P = 0 is split into
P >= 0 and -P >= 0. A certificate may split on a polynomial Q, since over the integers Q >= 0 or
-Q - 1 >= 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn, cast

MOST_PRODUCTS = 200_000
"""The most products of terms in one multiplication, a limit for hostile certificates."""


class Rejected(Exception):
    """The certificate does not prove the sequent, or requires too much work."""


class Poly(dict[tuple[str, ...], int]):
    """A polynomial: `{sorted names, repeated for powers: coefficient other than 0}`.

    Polynomials are immutable: a file of statements that could change a shared polynomial would
    change what the next file states.
    """

    __slots__ = ()

    def __init__(self, terms: Mapping[tuple[str, ...], int] | Iterable[Any] = ()) -> None:
        if self:
            raise TypeError("a polynomial cannot be changed")
        super().__init__(terms)

    def _changed(self, *arguments: Any, **named: Any) -> NoReturn:
        raise TypeError("a polynomial cannot be changed")

    __setitem__ = __delitem__ = __ior__ = _changed
    clear = pop = popitem = setdefault = update = _changed

    @staticmethod
    def of(value: Poly | int) -> Poly:
        """An integer as a constant polynomial; a polynomial unchanged."""
        return value if isinstance(value, Poly) else Poly({(): value} if value else {})

    def __add__(self, other: Poly | int) -> Poly:
        total = dict(self)
        for monomial, coefficient in Poly.of(other).items():
            total[monomial] = total.get(monomial, 0) + coefficient
            if not total[monomial]:
                del total[monomial]
        return Poly(total)

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


def require_integer(poly: Any) -> Poly:
    """Return the argument if its type is `Poly` with sorted names and nonzero integer coefficients.

    Raises:
        Rejected: it is anything else.
    """
    fits = type(poly) is Poly and all(
        type(m) is tuple
        and all(type(n) is str for n in m)
        and list(m) == sorted(m)
        and type(c) is int
        and c != 0
        for m, c in poly.items()
    )
    if not fits:
        raise Rejected("a polynomial must have nonzero integer coefficients and sorted names")
    return cast(Poly, poly)


def check(hypotheses: Sequence[Fact], goal: Fact | None, certificate: Mapping[str, Any]) -> None:
    """Check that the certificate proves the sequent; a goal of None means a contradiction.

    Raises:
        Rejected: the certificate does not prove the sequent.
    """
    for relation, poly in (*hypotheses, *([goal] if goal is not None else [])):
        require_integer(poly)
        if relation not in (">=", "=="):
            raise Rejected(f"{relation!r} is not a relation of the kernel: >= or ==")
    try:
        _check(hypotheses, goal, certificate)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise Rejected(f"not a certificate: {error!r}") from None


def _check(hypotheses: Sequence[Fact], goal: Fact | None, certificate: Mapping[str, Any]) -> None:
    known = list(hypotheses)
    if goal is not None and goal[0] == "==":
        _check(known, (">=", goal[1]), certificate["ge"])
        _check(known, (">=", -goal[1]), certificate["le"])
        return
    if goal is not None:
        known.append((">=", -goal[1] - 1))
    if "split" in certificate:
        where = require_integer(certificate["split"])
        _check([*known, (">=", where)], None, certificate["pos"])
        _check([*known, (">=", -where - 1)], None, certificate["neg"])
        return
    total = Poly()
    for factor, places in certificate["products"]:
        if type(factor) is not int or factor < 0:
            raise Rejected(f"the factor {factor!r} is not an integer of at least 0")
        product = Poly.of(factor)
        for place in places:
            if known[place][0] != ">=":
                raise Rejected(f"hypothesis {place} is an equation, used as an inequality")
            product = product * known[place][1]
        total = total + product
    for multiple, place in certificate["equalities"]:
        if known[place][0] != "==":
            raise Rejected(f"hypothesis {place} is an inequality, used as an equation")
        total = total + require_integer(multiple) * known[place][1]
    if set(total) != {()} or total[()] >= 0:
        raise Rejected("the sum is not a negative constant")
