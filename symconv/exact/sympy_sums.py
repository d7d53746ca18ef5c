"""Sums of products of SymPy expressions, equal (`==`) to those that plain arithmetic builds.

Nearly all the time of a symbolic output is spent in `Symbol*Symbol` and in sorting sums. If the
factors are distinct plain symbols, the canonical order follows from their names and the objects
can be assembled directly: by private constructors (`Mul._from_args`, `Add._from_args`, used only
in `_private`) or by public ones. Each way is compared with plain arithmetic before its first use
and is not used if it differs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Indices = np.ndarray[Any, np.dtype[np.int64]]

Way = Callable[[], tuple[Callable[[Any, Any], Any], Callable[[list[Any]], Any]]]
"""Returns two functions: a product of two symbols in canonical order, a sum of sorted products."""


def _private() -> tuple[Callable[[Any, Any], Any], Callable[[list[Any]], Any]]:
    import sympy

    mul, add = sympy.Mul._from_args, sympy.Add._from_args
    return (
        lambda u, v: mul((u, v), is_commutative=True),
        lambda terms: add(tuple(terms), is_commutative=True),
    )


def _public() -> tuple[Callable[[Any, Any], Any], Callable[[list[Any]], Any]]:
    import sympy

    mul, add = sympy.Mul, sympy.Add
    return lambda u, v: mul(u, v, evaluate=False), lambda terms: add(*terms)


def sums_of_products(
    a: Sequence[Any], at_a: Indices, b: Sequence[Any], at_b: Indices, to: Indices, size: int
) -> list[Any]:
    """Sum `a[at_a[t]] * b[at_b[t]]` into cell `to[t]` for all t; cells without products are 0."""
    from symconv.exact.containers import to_sympy

    left, right = [to_sympy(v) for v in a], [to_sympy(v) for v in b]
    for way in (_private, _public):
        if agrees_with_plain(way):
            cells = assembled(way, left, at_a, right, at_b, to, size)
            if cells is not None:
                return cells
    return plainly(left, at_a, right, at_b, to, size)


def plainly(
    a: Sequence[Any], at_a: Indices, b: Sequence[Any], at_b: Indices, to: Indices, size: int
) -> list[Any]:
    """Compute the sums for any expressions: evaluated products, one `Add` per cell."""
    import sympy

    terms: list[list[Any]] = [[] for _ in range(size)]
    for i, k, o in zip(at_a.tolist(), at_b.tolist(), to.tolist(), strict=True):
        terms[o].append(a[i] * b[k])
    return [sympy.Add(*group) for group in terms]


def _name_order(a: Sequence[Any], b: Sequence[Any]) -> tuple[bool, list[int], list[int]] | None:
    """Return `(whether a comes first in products, rank of each a, rank of each b)`, or None.

    None unless all entries are distinct plain commutative symbols with the same assumptions, and
    all names of one side come before those of the other: only then is SymPy's order of arguments
    the order of the names.
    """
    import sympy

    both = [*a, *b]
    if any(type(v) is not sympy.Symbol for v in both) or len(set(both)) != len(both):
        return None
    assumptions = both[0].assumptions0
    if not both[0].is_commutative or any(v.assumptions0 != assumptions for v in both):
        return None
    a_names, b_names = [v.name for v in a], [v.name for v in b]
    if not (max(a_names) < min(b_names) or max(b_names) < min(a_names)):
        return None
    rank_a = {name: n for n, name in enumerate(sorted(a_names))}
    rank_b = {name: n for n, name in enumerate(sorted(b_names))}
    return a_names[0] < b_names[0], [rank_a[n] for n in a_names], [rank_b[n] for n in b_names]


def assembled(
    way: Way,
    a: Sequence[Any],
    at_a: Indices,
    b: Sequence[Any],
    at_b: Indices,
    to: Indices,
    size: int,
) -> list[Any] | None:
    """Assemble the sums in canonical order; return None if that order is not known."""
    import numpy as np
    import sympy

    order_known = _name_order(a, b)
    if order_known is None:
        return None
    a_first, rank_a, rank_b = order_known
    if not a_first:
        a, at_a, rank_a, b, at_b, rank_b = b, at_b, rank_b, a, at_a, rank_a
    order = np.lexsort((np.array(rank_b)[at_b], np.array(rank_a)[at_a], to))
    product, total = way()
    products = [
        product(a[i], b[k]) for i, k in zip(at_a[order].tolist(), at_b[order].tolist(), strict=True)
    ]
    cells, start = [], 0
    for end in np.cumsum(np.bincount(to, minlength=size)).tolist():
        group = products[start:end]
        if len(group) > 1:
            cells.append(total(group))
        else:
            cells.append(group[0] if group else sympy.S.Zero)
        start = end
    return cells


@cache
def agrees_with_plain(way: Way) -> bool:
    """Whether a small case assembled this way equals plain arithmetic, argument by argument."""
    try:
        import numpy as np
        import sympy

        x = sympy.symbols("x_0 x_1 x_10 x_2")
        k = sympy.symbols("k_0 k_10 k_2")
        at = [(i, t, i + t) for i in range(4) for t in range(3)]
        at_x, at_k, to = (np.array(column, dtype=np.int64) for column in zip(*at, strict=True))
        ours = assembled(way, x, at_x, k, at_k, to, 7)
        plain = plainly(x, at_x, k, at_k, to, 7)
        return ours is not None and all(
            u == v and u.args == v.args and hash(u) == hash(v) and type(u) is type(v)
            for u, v in zip(ours, plain, strict=True)
        )
    except (AttributeError, TypeError):
        return False
