"""Description of a wrong result by its products: missing, scaled, or in another cell."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from symconv.campaign.case import Case
from symconv.core.form import index_arrays, unflatten
from symconv.results.reasons import Reason, ReasonKind, Reasons, because

MOST_NAMED = 3


def describe(case: Case, decoded: dict[str, Any]) -> Reasons:
    """What is wrong with the coefficients that `decode` found for a target; () if nothing is."""
    g = case.geometry()
    at = index_arrays(g)
    shapes = g.input_shape, g.weight_shape, g.output_shape
    right = {
        (i, k): o
        for i, k, o in zip(at.input.tolist(), at.weight.tolist(), at.output.tolist(), strict=True)
    }
    seen: dict[tuple[int, int], dict[int, float]] = {}
    for i, k, o, c in decoded["terms"]:
        seen.setdefault((i, k), {})[o] = c
    missing: list[Any] = []
    doubled: list[Any] = []
    moved: list[Any] = []
    extra: list[Any] = []
    also: list[Any] = []
    for pair in sorted(set(right) | set(seen)):
        cells, home = seen.get(pair, {}), right.get(pair)
        if home is not None and home not in cells:
            (moved if cells else missing).append((*pair, home, next(iter(cells), home)))
        elif home is None:
            extra.append((*pair, next(iter(cells)), next(iter(cells))))
        else:
            if cells[home] != 1.0:
                doubled.append((*pair, home, cells[home]))
            also += [(*pair, home, cell) for cell in cells if cell != home]
    total = len(right)
    parts: list[Reason] = []
    kinds = (
        (ReasonKind.PRODUCTS_MISSING, missing),
        (ReasonKind.PRODUCTS_MOVED, moved),
        (ReasonKind.PRODUCTS_EXTRA, extra),
        (ReasonKind.PRODUCTS_COPIED, also),
    )
    for kind, found in ((kind, found) for kind, found in kinds if found):
        elsewhere = kind in (ReasonKind.PRODUCTS_MOVED, ReasonKind.PRODUCTS_COPIED)
        parts.append(
            because(
                kind,
                count=len(found),
                total=total,
                common=_shared(found, shapes, total),
                named=_named(found, shapes, elsewhere),
            )
        )
    if doubled:
        parts.append(
            because(
                ReasonKind.FACTOR,
                count=len(doubled),
                total=total,
                factors=", ".join(f"{c:g}" for c in Counter(c for *_, c in doubled)),
                named=_named(doubled, shapes, False),
                which="all" if len(doubled) == total else "some",
            )
        )
    parts += _biases(case, decoded, g.out_channels, shapes[2])
    if any(decoded["constant"]):
        parts.append(because(ReasonKind.NOT_ZERO))
    if not decoded["bilinear"]:
        parts.append(because(ReasonKind.NOT_BILINEAR))
    return tuple(parts)


def _shared(found: list[Any], shapes: Any, total: int) -> str:
    """The indices that all these products have in common; "" if `found` is all products."""
    if len(found) == total:
        return ""
    common = []
    for name, column, shape in (("x", 0, shapes[0]), ("w", 1, shapes[1]), ("y", 2, shapes[2])):
        places = np.array([unflatten(row[column], shape) for row in found])
        labels = {
            "x": ["channel", "row", "column"],
            "w": ["input channel", "output channel"],
            "y": ["channel", "row", "column"],
        }[name]
        dims = places.shape[1] - (2 if name == "w" else 1)
        axes = (
            [f"tap[{n}]" for n in range(dims)]
            if name == "w"
            else (["position"] if dims == 1 else ["plane", "row", "column"][-dims:])
        )
        labels = labels[: places.shape[1] - dims] + axes
        for n, label in enumerate(labels):
            values = set(places[:, n].tolist())
            if len(values) == 1 and shape[n] > 1:
                common.append(f"{name} {label} {values.pop()}")
    return " and ".join(common[:4])


def _named(found: list[Any], shapes: Any, elsewhere: bool) -> str:
    """The first few products by their indices, and optionally the other cell that they are in."""
    named = []
    for i, k, o, other in found[:MOST_NAMED]:
        x, w = (list(unflatten(n, s)) for n, s in zip((i, k), shapes[:2], strict=True))
        home = list(unflatten(o, shapes[2]))
        text = f"x{x} w{w} of y{home}"
        if elsewhere:
            text += f" is in y{list(unflatten(int(other), shapes[2]))}"
        named.append(text)
    return ", ".join([*named, "..."] if len(found) > MOST_NAMED else named)


def _biases(case: Case, decoded: dict[str, Any], channels: int, shape: Any) -> list[Reason]:
    if not case.bias:
        return []
    expected = np.zeros((channels, *shape))
    for c in range(channels):
        expected[c, c] = 1
    differs = np.array(decoded["bias"]).reshape(expected.shape) != expected
    count = int(differs.sum())
    total = int(expected[0].size)
    return [because(ReasonKind.BIAS_WRONG, count=count, total=total)] if count else []


def cells(results: dict[str, Any], name: str) -> Reasons:
    """Which cells of a result are wrong, from stored exact and actual values; () if none is."""
    if not results:
        return ()
    shape = tuple(results["shape"])
    actual, exact = (
        np.array([float(v) for v in results[n]]).reshape(shape) for n in ("actual", "exact")
    )
    with np.errstate(invalid="ignore"):
        wrong = ~(actual == exact)
    places = np.argwhere(wrong)
    if not len(places):
        return ()
    common = []
    for axis in range(places.shape[1]):
        values = sorted(set(places[:, axis].tolist()))
        if len(values) == 1 and shape[axis] > 1:
            last = " (the last)" if values[0] == shape[axis] - 1 else ""
            common.append(f"index {values[0]}{last} of axis {axis}")
    return (
        because(
            ReasonKind.WRONG_CELLS,
            wrong=len(places),
            cells=int(wrong.size),
            result=name,
            common=" and ".join(common),
            zero=not actual[wrong].any(),
        ),
    )
