"""Claims on what W^T restores, what no matrix can restore, and the minimum-norm preimage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symconv.derivation.matrices import WT, W, column
from symconv.derivation.notation import grid
from symconv.exact import linear
from symconv.notebook.claims import Maker, TourClaim, judge_equal
from symconv.notebook.matrix_part import KERNEL, Y_FIGURE, X, geometry, unrolled
from symconv.render.tree import (
    Block,
    Chain,
    Equation,
    Letter,
    Matrix,
    Power,
    Product,
    equals,
    paragraph,
)
from symconv.results.evidence import Outcome, Verdict, computed
from symconv.results.reasons import stated
from symconv.targets.comparing import merged
from symconv.targets.crosscheck import check_conv, check_transposed


def restores_shape(devices: Sequence[str]) -> TourClaim:
    """W^T restores the shape: the first half of the notebook's sentence is true."""
    sentence = "Multiplying Y by W^T restores the matrix's shape"
    back = unrolled().transpose.times(Y_FIGURE)
    evidence = computed(sentence, "2x2 back to 3x3", "count the entries")
    verdict = judge_equal(evidence, [len(X), *geometry().out_size], [len(back), 3, 3], (3,))
    check = check_transposed(geometry(), Y_FIGURE, KERNEL, None, back, devices)
    return TourClaim("restores-shape", sentence, verdict, Outcome.HOLDS, check)


def restores_values(devices: Sequence[str]) -> TourClaim:
    """W^T does not restore the values."""
    sentence = "Multiplying Y by W^T restores the matrix itself, values and all"
    back = unrolled().transpose.times(unrolled().times(X))
    evidence = computed(sentence, "X = 0..8, kernel [[1, 2], [3, 4]]", "compare W^T Y with X")
    verdict = judge_equal(evidence, X, back, (3, 3))
    wrong = frozenset((n // 3, n % 3) for n in range(9) if back[n] != X[n])
    shown_back: Matrix = Matrix(grid(back, (3, 3), False).rows, wrong)
    blocks: list[Block] = [
        paragraph(
            "The notebook prints this product without comment; entries other than X are marked:"
        ),
        Equation(
            Chain(
                (Product((WT, Letter("y"))), shown_back, grid(X, (3, 3), False), Letter("X")),
                ("=", "!=", "="),
            )
        ),
    ]
    truth = (
        "W^T is the adjoint of W, not its inverse: it sends each output back along the taps it "
        "came from. W^T W x = x for all x would need W^T W = I, impossible with fewer rows than "
        "columns."
    )
    check = check_transposed(geometry(), Y_FIGURE, KERNEL, None, back, devices)
    return TourClaim(
        "restores-values", sentence, verdict, Outcome.REFUTED, check, truth, tuple(blocks)
    )


def correct_version(devices: Sequence[str]) -> TourClaim:
    """No other matrix restores the values either, since two inputs have the same output."""
    sentence = "There is a correct version V of the transpose with V vec(Y) = vec(X) for every X"
    w = unrolled()
    lost = linear.null_vector(w) or [0] * 9
    twin = [u + v for u, v in zip(X, lost, strict=True)]
    y, y_twin = w.times(X), w.times(twin)
    rank = linear.rank(w)
    evidence = computed(
        sentence,
        "Every matrix V over any field that contains the rationals, this W",
        "exhibit V: it would have to send one Y to two different X",
    )
    collide = any(lost) and y == y_twin and rank < 9
    verdict = Verdict(
        Outcome.REFUTED if collide else Outcome.UNDECIDED,
        evidence,
        expected="different inputs, different Y",
        actual=f"one Y = {y} for X and for X + n, n = {lost}",
        reasons=stated(
            f"W is 4x9 of rank {rank}: {9 - rank} of 9 dimensions of the input are lost."
        ),
    )
    blocks: list[Block] = [
        paragraph("A vector that W sends to zero cannot be recovered:"),
        Equation(equals(Product((W, column(lost, False))), column(w.times(lost), False))),
        Equation(
            equals(
                Product((W, Matrix(column(X, False).rows))),
                Product((W, column(twin, False))),
                column(y, False),
            )
        ),
    ]
    truth = (
        "no V gives V W = I, since the rank of W is 4 and not 9. What can be computed is the "
        "shortest input with this output, below."
    )
    check = merged([check_conv(geometry(), v, KERNEL, y, devices) for v in (X, twin)])
    return TourClaim(
        "correct-version", sentence, verdict, Outcome.REFUTED, check, truth, tuple(blocks)
    )


def preimage(devices: Sequence[str]) -> TourClaim:
    """The minimum-norm preimage of Y maps to Y exactly."""
    sentence = "W^T (W W^T)^-1 vec(Y) is an input whose convolution is Y, the shortest one"
    w = unrolled()
    shortest = linear.minimum_norm_preimage(w, Y_FIGURE)
    image = w.times(shortest)
    evidence = computed(sentence, "these numbers, exact fractions", "multiply W by it")
    verdict = judge_equal(evidence, Y_FIGURE, image, (2, 2))
    evidence = replace(evidence, trusted=(*evidence.trusted, "SymPy's exact matrices"))
    verdict = replace(verdict, evidence=evidence)
    basis = linear.null_space(w)
    products = [sum(u * v for u, v in zip(shortest, n, strict=True)) for n in basis]
    if any(products) or len(basis) != 9 - linear.rank(w):
        angles = f"inner products {products} with the null space"
        verdict = Verdict(Outcome.REFUTED, evidence, "null space", "all inner products 0", angles)
    gram = Power(Product((W, WT)), "-1")
    chain = equals(Product((WT, gram, Letter("y"))), column(shortest, False))
    blocks: list[Block] = [
        Equation(chain),
        paragraph(
            f"It is orthogonal to all {len(basis)} vectors of a basis of the null space and "
            "therefore the shortest: the projection of X onto the row space of W."
        ),
    ]
    check = check_conv(geometry(), shortest, KERNEL, image, devices)
    return TourClaim("preimage", sentence, verdict, Outcome.HOLDS, check, blocks=tuple(blocks))


MAKERS: tuple[Maker, ...] = (restores_shape, restores_values, correct_version, preimage)
"""The claims of this part, in the notebook's order."""
