"""The readings of a sign between two matrices; a page is right if any of them gives its result.

The convolutions are computed from the terms of the trilinear form (`symconv.core.form`).
"""

from __future__ import annotations

from collections.abc import Callable

from symconv.documents.tex.nodes import NotUnderstood
from symconv.documents.values.entries import Entry, spend, times
from symconv.documents.values.entries import total as added
from symconv.documents.values.matrix import EntryMatrix, Value, multiply

MATRIX_PRODUCT = "matrix product"
MOST_PRODUCTS = 20_000
"""Largest number of multiplications of one reading."""


def _elementwise(a: EntryMatrix, b: EntryMatrix) -> Value:
    if a.shape != b.shape:
        raise NotUnderstood("sizes differ")
    pairs = zip(a.rows, b.rows, strict=True)
    return EntryMatrix([[times(x, y) for x, y in zip(r, s, strict=True)] for r, s in pairs])


def _frobenius(a: EntryMatrix, b: EntryMatrix) -> Value:
    product = _elementwise(a, b)
    assert isinstance(product, EntryMatrix)
    return added(list(product.flat))


def _flipped(a: EntryMatrix) -> EntryMatrix:
    return EntryMatrix([row[::-1] for row in a.rows[::-1]])


def _cross(a: EntryMatrix, b: EntryMatrix) -> Value:
    if a.shape != b.shape or sorted(a.shape) != [1, 3]:
        raise NotUnderstood("operands that are not vectors of length 3")
    (x, y, z), (u, v, w) = a.flat, b.flat
    found = [
        added([times(p, q), times(-1, times(r, s))])
        for p, q, r, s in ((y, w, z, v), (z, u, x, w), (x, v, y, u))
    ]
    return EntryMatrix([found] if a.shape[0] == 1 else [[e] for e in found], listed=a.listed)


def _kronecker(a: EntryMatrix, b: EntryMatrix) -> Value:
    spend(len(a.flat) * len(b.flat))
    return EntryMatrix([[times(x, y) for x in r for y in s] for r in a.rows for s in b.rows])


def _transposed(a: EntryMatrix, b: EntryMatrix, stride: int = 1) -> Value:
    return _contracted(a, b, stride=stride, crop=(0, 0), backward=False)


def _correlation(a: EntryMatrix, b: EntryMatrix) -> Value:
    return _contracted(a, b, stride=1, crop=(0, 0), backward=True)


def _same(a: EntryMatrix, b: EntryMatrix) -> Value:
    high, wide = b.shape
    if not high % 2 or not wide % 2:
        raise NotUnderstood("a kernel of even size")
    return _contracted(a, b, stride=1, crop=(high // 2, wide // 2), backward=True)


def _contracted(
    a: EntryMatrix, b: EntryMatrix, *, stride: int, crop: tuple[int, int], backward: bool
) -> EntryMatrix:
    """Sum the terms of the form: the transposed convolution or, if `backward`, the convolution.

    Raises:
        NotUnderstood: the kernel is larger than the input of the convolution.
    """
    from symconv.core.form import terms
    from symconv.core.geometry import Axis, Geometry

    axes = []
    for size, kernel_size, cut in zip(a.shape, b.shape, crop, strict=True):
        if backward:
            size += 2 * cut - kernel_size + 1
        if size < 1:
            raise NotUnderstood("a kernel larger than its input")
        axes.append(Axis(size, kernel_size, stride, 1, cut, cut))
    geometry = Geometry(1, 1, 1, tuple(axes))
    spend(4 * geometry.most_terms)
    shape = geometry.size if backward else geometry.out_size
    sums: list[list[list[Entry]]] = [[[] for _ in range(shape[1])] for _ in range(shape[0])]
    for term in terms(geometry):
        (_, i, j), (_, _, u, v), (_, r, c) = term.i, term.k, term.o
        if backward:
            (r, c), (i, j) = (i, j), (r, c)
        if a.rows[i][j] and b.rows[u][v]:
            sums[r][c].append(times(a.rows[i][j], b.rows[u][v]))
    return EntryMatrix([[added(cell) for cell in row] for row in sums])


def _circular(a: EntryMatrix, b: EntryMatrix) -> Value:
    """The circular convolution of two vectors of the same length."""
    x, k = a.flat, b.flat
    spend(len(x) ** 2)
    cells = [
        added([times(x[m], k[(n - m) % len(x)]) for m in range(len(x))]) for n in range(len(x))
    ]
    return EntryMatrix([cells] if a.shape[0] == 1 else [[e] for e in cells], listed=a.listed)


CIRCULAR = "circular convolution"
READINGS: dict[str, Callable[[EntryMatrix, EntryMatrix], Value]] = {
    MATRIX_PRODUCT: multiply,
    "elementwise product": _elementwise,
    "sum of the elementwise product": _frobenius,
    "transposed convolution": _transposed,
    "transposed convolution with stride 2": lambda a, b: _transposed(a, b, 2),
    "cross-correlation": _correlation,
    "cross-correlation with zeros around": _same,
    "convolution with the flipped kernel": lambda a, b: _correlation(a, _flipped(b)),
    "full cross-correlation": lambda a, b: _transposed(a, _flipped(b)),
    "Kronecker product": _kronecker,
    "cross product": _cross,
    CIRCULAR: _circular,
}
_ANY = tuple(name for name in READINGS if name != CIRCULAR)
_NARROW = {
    "·": (MATRIX_PRODUCT, "elementwise product", "sum of the elementwise product"),
    "⊙": ("elementwise product",),
    "⊛": tuple(READINGS),
    "∘": ("elementwise product", MATRIX_PRODUCT),
    "×": (
        MATRIX_PRODUCT,
        "elementwise product",
        "sum of the elementwise product",
        "cross-correlation",
        "cross-correlation with zeros around",
        "cross product",
    ),
}


def names_of(sign: str) -> tuple[str, ...]:
    """Names of the readings of a sign."""
    return _NARROW.get(sign, _ANY)


def products(
    sign: str, a: EntryMatrix, b: EntryMatrix, wanted: tuple[int, int] | None = None
) -> list[tuple[Value, str]]:
    """The values of all readings that the sizes allow, the matrix product first.

    If `wanted` is given, only results with the same number of entries are computed.
    """
    found: list[tuple[Value, str]] = []
    for name in names_of(sign):
        size = size_of(name, a.shape, b.shape)
        if size is None or _cost(name, a, b) > MOST_PRODUCTS:
            continue
        if wanted is not None and size[0] * size[1] != wanted[0] * wanted[1]:
            continue
        found.append((READINGS[name](a, b), name))
    return found


def size_of(name: str, a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int] | None:
    """Size of the result of a reading, (1, 1) for a number; None if the factors do not match."""
    (h, w), (k, v) = a, b
    if name == MATRIX_PRODUCT:
        return (h, v) if w == k else None
    if name == "elementwise product":
        return a if a == b else None
    if name == "sum of the elementwise product":
        return (1, 1) if a == b else None
    if name == "cross product":
        return a if a == b and sorted(a) == [1, 3] else None
    if name == CIRCULAR:
        return a if a == b and 1 in a else None
    if name == "Kronecker product":
        return h * k, w * v
    if name in ("cross-correlation", "convolution with the flipped kernel"):
        return (h - k + 1, w - v + 1) if h >= k and w >= v else None
    if name == "cross-correlation with zeros around":
        return a if k % 2 and v % 2 else None
    stride = 2 if name.endswith("stride 2") else 1
    return stride * (h - 1) + k, stride * (w - 1) + v


def _cost(name: str, a: EntryMatrix, b: EntryMatrix) -> int:
    entries = len(a.flat)
    return entries * b.shape[1] if name == MATRIX_PRODUCT else entries * len(b.flat)


def sizes(sign: str, a: EntryMatrix, b: EntryMatrix) -> dict[str, tuple[int, int]]:
    """Size of the result of every possible reading of a sign, (1, 1) for a number."""
    found = {name: size_of(name, a.shape, b.shape) for name in names_of(sign)}
    return {name: size for name, size in found.items() if size is not None}
