"""The chapter on the matrices W and W^T: entries, rank, W^T x = y and the adjoint identity."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product
from typing import Any

from symconv.core.geometry import Geometry
from symconv.derivation import block_form as blockform
from symconv.derivation.notation import output_letter
from symconv.derivation.subject import Subject
from symconv.exact.adjoint import compare_adjoint
from symconv.exact.linear import generic_rank
from symconv.exact.unrolled import Unrolled, unroll
from symconv.render.tree import (
    Badge,
    Block,
    Code,
    Equation,
    Heading,
    Inline,
    Inner,
    Letter,
    Matrix,
    Paragraph,
    Power,
    Product,
    Value,
    equals,
    matrix,
    paragraph,
)
from symconv.results.evidence import Evidence, computed, identical

MOST_CELLS = 20_000
MOST_COLUMN = 40
MOST_RANK_CELLS = 2**16

W = Letter("W")
WT = Power(W, "T")


def column(entries: Any, decimal: bool) -> Matrix:
    """The vector of the entries as a matrix of one column."""
    return matrix([[v] for v in entries], decimal)


def dense(unrolled: Unrolled, decimal: bool) -> Matrix:
    """The unrolled matrix as a formula; cells without a tap are blank."""
    return matrix(unrolled.dense(absent=None), decimal)


def chapter(subject: Subject) -> list[Block]:
    """The chapter: W, its rows and columns, its blocks, `W^T x = y`, the rank, adjointness."""
    geometry = subject.geometry
    unrolled = unroll(geometry, subject.case.w.flat)
    rows, columns = unrolled.shape
    blocks: list[Block] = [
        Heading(2, "The matrices W and W^T"),
        paragraph(
            "Unrolled, the convolution is the matrix ",
            W,
            f" with {rows} rows (its outputs, our inputs) and {columns} columns (its inputs, our "
            "outputs), both in row-major order, channels first. The transposed convolution is ",
            WT,
            ".",
        ),
    ]
    if rows * columns > MOST_CELLS:
        blocks.append(paragraph(f"Its {rows * columns:,} cells are too many for a page."))
        blocks += blockform.section(geometry, subject.case.w.flat, subject.decimal)
        return blocks + adjointness(geometry)
    blocks.append(Equation(equals(W, dense(unrolled, subject.decimal))))
    blocks.append(_labels(subject))
    blocks += blockform.section(geometry, subject.case.w.flat, subject.decimal)
    if columns <= MOST_COLUMN and subject.case.x.shape[0] == 1 and subject.case.bias is None:
        x, y = (Letter("x"), Letter("y"))
        chain = equals(
            y,
            Product((WT, x)),
            Product(
                (
                    dense(unrolled.transpose, subject.decimal),
                    column(subject.case.x.flat, subject.decimal),
                )
            ),
            column(_results(subject), subject.decimal),
        )
        blocks += [
            paragraph("With all entries of input and output in one column:"),
            Equation(chain),
        ]
    if rows * columns <= MOST_RANK_CELLS:
        blocks += _rank(unrolled)
    return blocks + adjointness(geometry)


def _labels(subject: Subject) -> Paragraph:
    """A paragraph that says which input each row of W belongs to, and which output each column."""
    one_sample = math.prod(subject.geometry.input_shape)
    rows: list[Inline] = [Value(name) for name in subject.names["x"][:one_sample]]
    places = product(*(range(n) for n in subject.geometry.output_shape))
    columns: list[Inline] = [output_letter(subject, 0, place) for place in places]
    return paragraph(
        "Its rows belong, in this order, to ",
        *_listed(rows),
        "; its columns to ",
        *_listed(columns),
        ".",
    )


def _listed(names: list[Inline]) -> list[Inline]:
    """The names separated by commas; if there are more than four, the first three and the last."""
    shown = names if len(names) <= 4 else [*names[:3], names[-1]]
    found: list[Inline] = []
    for n, name in enumerate(shown):
        gap = " to " if len(names) > 4 and n == 3 else ", "
        found += [gap, name] if n else [name]
    return found


def _results(subject: Subject) -> list[Any]:
    """The values of the output, or the symbols that the sums define."""
    if subject.x_values and subject.w_values:
        return list(subject.output.flat)
    places = product(*(range(n) for n in subject.geometry.output_shape))
    return [output_letter(subject, 0, place) for place in places]


def _rank(unrolled: Unrolled) -> list[Block]:
    rows, columns = unrolled.shape
    rank = generic_rank(unrolled)
    words = f"W is {rows} x {columns} of {rank} ({rank.reason})."
    if rank.at_most < columns:
        words += (
            f" That is less than the {columns} columns, so no matrix V gives V W = I: neither W^T "
            "nor any other map undoes the convolution for every input."
        )
    evidence = computed(words, "this matrix", "eliminate by hand, or with any exact system")
    evidence = replace(evidence, trusted=(*evidence.trusted, "SymPy's exact matrices"))
    return [paragraph(words), badge(evidence, "exact elimination")]


def adjoint_evidence(geometry: Geometry) -> tuple[bool, Evidence]:
    """Whether both sides of the adjoint identity have the same terms at this shape; evidence."""
    identity = compare_adjoint(geometry)
    evidence = identical(
        f"<W u, x> = <u, W^T x>, both the same {identity.terms} products",
        f"input {geometry.input_shape}, output {geometry.output_shape}, every value",
        "a product x[i] w[k] u[o] that occurs on one side only",
    )
    rules = ("the reading and the division rule (adjoint.py)", "NumPy's integers")
    return identity.same, replace(evidence, trusted=rules)


def adjointness(geometry: Geometry) -> list[Block]:
    """The adjoint identity `<W u, x> = <u, W^T x>` with its verdict at this shape."""
    same, evidence = adjoint_evidence(geometry)
    u, x = Letter("u"), Letter("x")
    identity = equals(Inner(Product((W, u)), x), Inner(u, Product((WT, x))))
    if not same:
        return [Equation(identity), Badge("REFUTED", evidence.statement)]
    return [
        paragraph(
            "For every ",
            u,
            " and ",
            x,
            " of these sizes, even with symbolic entries, the two inner products have the same "
            "terms (",
            Code("sum of x[i] w[k] u[o]"),
            "):",
        ),
        Equation(identity),
        badge(evidence, evidence.domain),
    ]


def badge(evidence: Evidence, detail: str) -> Badge:
    """The badge of a statement that holds: its method, the details and what is trusted."""
    return Badge(evidence.method.value, f"{detail}. Trusted: {', '.join(evidence.trusted)}.")
