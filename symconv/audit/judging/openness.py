"""Whether a sign between two matrices could mean something that is not known here."""

from __future__ import annotations

from symconv.audit.tex.nodes import Node, NotUnderstood, Product, Sum, Wrapped
from symconv.audit.values.evaluating import Evaluator
from symconv.audit.values.matrix import Matrix
from symconv.audit.values.products import MATRIX_PRODUCT, sizes


def open_reading(node: Node | None, size: tuple[int, int] | None) -> str:
    """Why another reading could have the printed size; empty if the matrix product alone can."""
    if isinstance(node, Sum):
        reasons = (open_reading(part, size) for _, part in node.terms)
        return next(filter(None, reasons), "")
    if isinstance(node, Wrapped):
        turned = size[::-1] if size and node.kind == "transpose" else size
        return open_reading(node.inner, turned)
    if not isinstance(node, Product):
        return ""
    matrices = 0
    left: Matrix | None = None
    for n, (sign, part) in enumerate(node.factors):
        try:
            value = Evaluator().readings(part)[0][0]
        except NotUnderstood:
            return "a factor without a value"
        if not isinstance(value, Matrix):
            continue
        matrices += 1
        if left is None:
            left = value
            continue
        if matrices > 2 or n + 1 != len(node.factors):
            return "several products of matrices"
        fitting = [
            name for name, shape in sizes(sign, left, value).items() if shape == (size or (1, 1))
        ]
        if fitting != [MATRIX_PRODUCT]:
            known = ", ".join(fitting) or "none that is known"
            return f"what the sign between the matrices means (of this size: {known})"
    return ""
