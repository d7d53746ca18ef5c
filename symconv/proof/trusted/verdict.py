"""The only module that calls a statement proved: given its certificates and a witness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from symconv.proof.trusted.kernel import Poly, Rejected, check
from symconv.proof.trusted.obligations import cases, obligations
from symconv.proof.trusted.statement import Entails, Equal, Fact, Floor, Malformed, statement


def proved(
    data: Sequence[Any], known: Mapping[str, Any], witness: Sequence[Any]
) -> list[Entails | Equal]:
    """Check statements and return them as they were read; all of them are proved.

    Args:
        data: statements as nested lists, see `statement`.
        known: certificates by the key of their sequents.
        witness: for each statement, numbers that satisfy its hypotheses and, for equal sums, the
            guards of the left sum, so that the statement is not vacuous.

    Raises:
        Malformed: an item is not a statement, or there are no statements or too few witnesses.
        Open: a sequent has no certificate.
        Rejected: a certificate does not prove its sequent, or a witness does not fit.
    """
    if not data or len(witness) != len(data):
        raise Malformed("no statement, or not as many witnesses")
    found = [statement(part) for part in data]
    for part, numbers in zip(found, witness, strict=True):
        for sequent in obligations(part):
            if sequent.key not in known:
                raise Open(f"{sequent.name}: no certificate")
            try:
                check(sequent.hypotheses, sequent.goal, known[sequent.key])
            except Rejected as error:
                raise Rejected(f"{sequent.name}: the certificate is rejected: {error}") from None
        if not _fits(part, numbers):
            raise Rejected("the witness does not satisfy the hypotheses")
    return found


class Open(Rejected):
    """A sequent has no certificate."""


def _fits(part: Entails | Equal, numbers: Any) -> bool:
    if type(numbers) is not dict or not all(type(v) is int for v in numbers.values()):
        return False
    inside: list[Fact | Floor] = []
    if isinstance(part, Equal):
        inside += [*part.left.lets, *part.left.guards]
    try:
        return any(
            all(_holds(item, numbers) for item in [*given, *inside])
            for _, given in cases(part.given)
        )
    except KeyError:
        return False


def _holds(item: Fact | Floor, numbers: Mapping[str, int]) -> bool:
    if isinstance(item, Floor):
        positive = Fact(">=", item.denominator - 1)
        return all(_holds(fact, numbers) for fact in (positive, *item.facts))
    value = _value(item.poly, numbers)
    return value >= 0 if item.relation == ">=" else value == 0


def _value(poly: Poly, numbers: Mapping[str, int]) -> int:
    total = 0
    for monomial, product in poly.items():
        for name in monomial:
            product *= numbers[name]
        total += product
    return total
