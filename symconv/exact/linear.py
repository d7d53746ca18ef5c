"""Rank, null space and minimum-norm preimage over the rationals, by SymPy's exact matrices.

Null vectors and preimages are checked by an exact product before they are returned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symconv.core.errors import SymconvError
from symconv.core.polynomial import Polynomial, as_polynomial
from symconv.exact.ring import over_common_denominator
from symconv.exact.unrolled import Unrolled

Rational = int | Fraction


class RankDeficient(SymconvError, ValueError):
    """W does not have full row rank, so W W^T has no inverse."""


@dataclass(frozen=True, slots=True)
class Rank:
    """A rank, or an interval that contains it.

    Attributes:
        at_least: lower bound.
        at_most: upper bound; equal to `at_least` if the rank is known.
        generic: whether it holds for almost all values of the symbols rather than for all.
        reason: how the bounds were obtained, as text.
    """

    at_least: int
    at_most: int
    generic: bool
    reason: str

    @property
    def known(self) -> bool:
        """Whether both bounds coincide."""
        return self.at_least == self.at_most

    def __str__(self) -> str:
        kind = "generic rank" if self.generic else "rank"
        if self.known:
            return f"{kind} {self.at_least}"
        return f"{kind} between {self.at_least} and {self.at_most}"


def _domain_matrix(matrix: Unrolled) -> Any:
    from sympy import QQ
    from sympy.polys.matrices import DomainMatrix
    from sympy.polys.matrices.sdm import SDM

    rows: dict[int, dict[int, Any]] = {}
    for (r, c), v in matrix.entries.items():
        if v:
            rows.setdefault(r, {})[c] = QQ(v.numerator, v.denominator)
    return DomainMatrix.from_rep(SDM(rows, matrix.shape, QQ))


def _to_fraction(value: Any) -> Rational:
    fraction = Fraction(int(value.numerator), int(value.denominator))
    return fraction.numerator if fraction.denominator == 1 else fraction


def rank(matrix: Unrolled) -> int:
    """Compute the rank over the rationals."""
    return int(_domain_matrix(matrix).rank())


def generic_rank(matrix: Unrolled) -> Rank:
    """Bound the rank of a matrix whose entries may contain symbols.

    Substituting numbers gives a lower bound, since the rank can only drop at special values.
    The smaller of the numbers of non-zero rows and columns is an upper bound. If both bounds
    coincide, the generic rank is known.
    """
    letters = any(isinstance(v, Polynomial) and v.variables for v in matrix.entries.values())
    names = {n for v in matrix.entries.values() for n in as_polynomial(v).variables}
    # powers of one prime modulo another: fixed values, so that the result is reproducible
    values = {name: pow(1009, n + 1, 10007) for n, name in enumerate(sorted(names))}
    numbers = {p: as_polynomial(v).evaluate(values) for p, v in matrix.entries.items()}
    found = rank(Unrolled(matrix.shape, numbers))
    if not letters:
        return Rank(found, found, False, "exact elimination over the rationals")
    held = [place for place, v in matrix.entries.items() if v]
    limit = min(len({r for r, _ in held}), len({c for _, c in held}))
    reason = "attained by one substitution; the nonzero rows and columns allow no more"
    if found < limit:
        reason = "lower bound from one substitution, upper bound from the nonzero rows and columns"
    return Rank(found, limit, True, reason)


def null_space(matrix: Unrolled) -> list[list[int]]:
    """Compute a basis of the vectors n with `matrix n = 0`, with integer entries."""
    basis = []
    for row in _domain_matrix(matrix).nullspace().to_list():
        vector, _ = over_common_denominator([_to_fraction(v) for v in row])
        assert any(vector) and not any(matrix.times(vector)), "null vector fails its check"
        basis.append(vector)
    return basis


def null_vector(matrix: Unrolled) -> list[int] | None:
    """Return a non-zero integer vector n with `matrix n = 0`, or None if there is none."""
    basis = null_space(matrix)
    return basis[0] if basis else None


def minimum_norm_preimage(matrix: Unrolled, y: Sequence[Rational]) -> list[Rational]:
    """Compute `W^T (W W^T)^-1 y`, the x of minimum Euclidean norm with `W x = y`.

    Raises:
        RankDeficient: W does not have full row rank.
    """
    from sympy import QQ
    from sympy.polys.matrices import DomainMatrix

    w = _domain_matrix(matrix)
    if int(w.rank()) < matrix.shape[0]:
        raise RankDeficient(
            f"W is {matrix.shape[0]}x{matrix.shape[1]} of rank {int(w.rank())}; a preimage of "
            "every y requires full row rank"
        )
    column = [[QQ(v.numerator, v.denominator)] for v in y]
    right = DomainMatrix(column, (len(y), 1), QQ)
    gram = (w * w.transpose()).to_dense()
    solved = w.transpose().to_dense() * gram.lu_solve(right)
    x = [_to_fraction(v) for v in solved.to_list_flat()]
    assert matrix.times(x) == list(y), "preimage fails its check"
    return x
