"""Search for certificates by linear programming over products of hypotheses. Untrusted.

The columns of the linear program are products of up to three hypotheses >= 0, and monomials times a
hypothesis == 0. SciPy's HiGHS looks for a combination of columns that is -1; the system restricted
to the columns that it uses is then solved exactly, in fractions.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import lcm
from typing import Any

from symconv.core.elimination import reduced_echelon
from symconv.core.errors import EngineMissing
from symconv.proof.trusted.kernel import Fact, Poly, Rejected, check
from symconv.proof.trusted.obligations import Obligation

MOST_COLUMNS = 6000
MOST_TERMS = 150_000
MOST_EXACT = 2**53
LEVELS = ((1, 0), (1, 1), (2, 0), (2, 1), (2, 2), (3, 1), (3, 2))
"""The degrees to try: `(of products of inequalities, of multipliers of equations)`."""
Certificate = dict[str, Any]


def find(obligation: Obligation) -> Certificate | None:
    """A certificate of the obligation that the kernel accepts; None if none is found.

    Raises:
        EngineMissing: SciPy is not installed.
    """
    found = _find(obligation.hypotheses, obligation.goal, obligation.split)
    if found is not None:
        try:
            check(obligation.hypotheses, obligation.goal, found)
        except Rejected:
            return None
    return found


def contradiction(facts: Sequence[Fact]) -> Certificate | None:
    """A certificate that no integers satisfy all of the facts; None if none is found.

    Raises:
        EngineMissing: SciPy is not installed.
    """
    return _refuted(list(facts))


def _find(
    hypotheses: Sequence[Fact], goal: Fact | None, splits: Sequence[Poly]
) -> Certificate | None:
    if goal is not None and goal[0] == "==":
        above = _find(hypotheses, (">=", goal[1]), splits)
        below = _find(hypotheses, (">=", -goal[1]), splits) if above else None
        return {"ge": above, "le": below} if above and below else None
    known = list(hypotheses)
    if goal is not None:
        known.append((">=", -goal[1] - 1))
    found = _refuted(known)
    if found is not None or not splits:
        return found
    where, *rest = splits
    above = _find([*known, (">=", where)], None, rest)
    below = _find([*known, (">=", -where - 1)], None, rest) if above else None
    return {"split": where, "pos": above, "neg": below} if above and below else None


def _refuted(known: list[Fact]) -> Certificate | None:
    for degree, multiples in LEVELS:
        columns = _limited(_columns(known, degree, multiples))
        if columns is None:
            continue
        found = _solved(columns)
        if found is not None:
            return found
    return None


def _limited(made: Iterator[tuple[Poly, Any]]) -> list[tuple[Poly, Any]] | None:
    """The columns as a list; None if they exceed `MOST_COLUMNS`, `MOST_TERMS` or kernel limits."""
    columns, terms = [], 0
    try:
        for column in made:
            columns.append(column)
            terms += len(column[0])
            if len(columns) > MOST_COLUMNS or terms > MOST_TERMS:
                return None
    except Rejected:  # a product beyond the kernel's own limit
        return None
    return columns


def _columns(known: list[Fact], degree: int, multiples: int) -> Iterator[tuple[Poly, Any]]:
    """Yield the columns as `(polynomial, origin)`.

    The origin is the tuple of the multiplied hypotheses' positions in `known`, or `(monomial,
    position)` for a multiple of an equation.
    """
    above = [n for n, (relation, _) in enumerate(known) if relation == ">="]
    for size in range(1, degree + 1):
        for places in itertools.combinations_with_replacement(above, size):
            product = Poly.of(1)
            for place in places:
                product = product * known[place][1]
            if product and (set(product) != {()} or product[()] < 0):
                yield product, places
    names = sorted({name for _, p in known for m in p for name in m})
    for place in (n for n, (relation, _) in enumerate(known) if relation == "=="):
        for size in range(multiples + 1):
            for monomial in itertools.combinations_with_replacement(names, size):
                yield Poly({monomial: 1}) * known[place][1], (monomial, place)


def _is_product(how: Any) -> bool:
    return all(isinstance(part, int) for part in how)


def _solved(columns: list[tuple[Poly, Any]]) -> Certificate | None:
    try:
        import numpy as np
        from scipy.optimize import linprog
        from scipy.sparse import csr_matrix
    except ImportError:
        raise EngineMissing(
            "searching for a proof requires scipy, which is not installed; install it with: "
            "pip install 'symconv[prove]'"
        ) from None
    rows: dict[tuple[str, ...], int] = {(): 0}
    entries: list[tuple[int, int, int]] = []
    for n, (polynomial, _) in enumerate(columns):
        for monomial, coefficient in polynomial.items():
            entries.append((rows.setdefault(monomial, len(rows)), n, coefficient))
    if not entries or any(abs(v) > MOST_EXACT for _, _, v in entries):
        return None
    row, column, values = zip(*entries, strict=True)
    matrix = csr_matrix((values, (row, column)), shape=(len(rows), len(columns)))
    wanted = np.zeros(len(rows))
    wanted[0] = -1
    products = [_is_product(how) for _, how in columns]
    cost = [len(how) if p else 0 for (_, how), p in zip(columns, products, strict=True)]
    bounds = [(0, None) if p else (None, None) for p in products]
    answer = linprog(cost, A_eq=matrix, b_eq=wanted, bounds=bounds, method="highs-ds")
    if answer.status != 0:
        return None
    support = [n for n in range(len(columns)) if abs(answer.x[n]) > 1e-9]
    exact = _exactly([columns[n][0] for n in support])
    if exact is None or any(products[n] and x < 0 for n, x in zip(support, exact, strict=True)):
        return None
    scale = lcm(*(x.denominator for x in exact))
    found: Certificate = {"products": [], "equalities": []}
    multiples: dict[int, Poly] = {}
    for n, x in zip(support, exact, strict=True):
        how, factor = columns[n][1], int(x * scale)
        if factor and products[n]:
            found["products"].append((factor, how))
        elif factor:
            monomial, place = how
            multiples[place] = multiples.get(place, Poly()) + Poly({monomial: factor})
    found["equalities"] = [(multiple, place) for place, multiple in multiples.items()]
    return found


def _exactly(columns: list[Poly]) -> list[Fraction] | None:
    """Exact factors with which the columns add up to -1, by elimination; None if there are none.

    Factors that the system leaves free are 0.
    """
    monomials = sorted({m for p in columns for m in p} | {()})
    rows = [
        [Fraction(p.get(m, 0)) for p in columns] + [Fraction(-1 if m == () else 0)]
        for m in monomials
    ]
    table, pivots = reduced_echelon(rows, len(columns))
    if any(line[-1] for line in table[len(pivots) :]):
        return None
    found = [Fraction(0)] * len(columns)
    for row, n in enumerate(pivots):
        found[n] = table[row][-1]
    return found
