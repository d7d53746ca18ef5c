"""Claims of the notebook's second part: the matrix of a convolution, its transpose, the adjoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from symconv.core.dialects.building import conv_geometry
from symconv.core.geometry import Geometry
from symconv.derivation.matrices import WT, W, adjoint_evidence, adjointness, column, dense
from symconv.exact.symbolic import SymbolicOperator, from_sympy, letters
from symconv.exact.unrolled import Unrolled, unroll
from symconv.notebook.claims import Maker, TourClaim, judge_equal, with_oracles
from symconv.render.tree import Badge, Block, Chain, Equation, Letter, Product, equals, paragraph
from symconv.results.evidence import Outcome, Verdict, computed, identical
from symconv.targets.comparing import merged
from symconv.targets.crosscheck import check_conv, check_structure, check_transposed

KERNEL = [1, 2, 3, 4]
X = list(range(9))
FIRST_ROW = [1, 2, 0, 3, 4]
SHIFTS = (0, 1, 3, 4)
Y_FIGURE = [27, 37, 57, 67]
BACK_FIGURE = [27, 91, 74, 138, 400, 282, 171, 429, 268]


def geometry() -> Geometry:
    """The geometry of the convolution of a 3x3 input with a 2x2 kernel."""
    return conv_geometry((3, 3), (2, 2))


def unrolled() -> Unrolled:
    """The matrix W of the notebook, of shape (4, 9)."""
    return unroll(geometry(), KERNEL)


def matrix_rows(devices: Sequence[str]) -> TourClaim:
    """The rows of W are (1,2,0,3,4), padded with zeros, and its shifts by 1, 3 and 4."""
    sentence = "W is 4x9; its rows are (1,2,0,3,4,0,0,0,0) and that row shifted by 1, 3 and 4"
    expected = [
        FIRST_ROW[c - s] if 0 <= c - s < len(FIRST_ROW) else 0 for s in SHIFTS for c in range(9)
    ]
    actual = [v for row in unrolled().dense() for v in row]
    evidence = computed(sentence, "kernel [[1, 2], [3, 4]] over 3x3", "write out one output's sum")
    verdict = judge_equal(evidence, expected, actual, unrolled().shape)
    identity = [int(n % 10 == 0) for n in range(81)]
    columns = [
        check_conv(geometry(), identity[9 * n : 9 * n + 9], KERNEL, actual[n::9], devices)
        for n in range(9)
    ]
    k = letters("k", (1, 1, 2, 2), (2, 2)).flat
    blocks: list[Block] = [
        Equation(equals(W, dense(unrolled(), False))),
        paragraph("With symbols for the kernel, blank where no tap reaches:"),
        Equation(equals(W, dense(unroll(geometry(), k), False))),
    ]
    return TourClaim(
        "matrix-rows", sentence, verdict, Outcome.HOLDS, merged(columns), blocks=tuple(blocks)
    )


def convolution(devices: Sequence[str]) -> TourClaim:
    """W times the flat input is the printed convolution."""
    sentence = "With X = 0..8, W vec(X) is Y = [[27,37], [57,67]]"
    y = unrolled().times(X)
    evidence = computed(sentence, "these numbers", "multiply by hand, or run torch's conv2d")
    verdict = judge_equal(evidence, Y_FIGURE, y, (2, 2))
    chain: Chain = equals(
        Product((W, Letter("x"))),
        Product((dense(unrolled(), False), column(X, False))),
        column(y, False),
    )
    check = check_conv(geometry(), X, KERNEL, y, devices)
    return TourClaim(
        "convolution", sentence, verdict, Outcome.HOLDS, check, blocks=(Equation(chain),)
    )


def transposed(devices: Sequence[str]) -> TourClaim:
    """W^T times the flat output is the printed transposed convolution."""
    sentence = "W^T vec(Y), as 3x3, is [[27,91,74], [138,400,282], [171,429,268]]"
    back = unrolled().transpose.times(Y_FIGURE)
    evidence = computed(sentence, "these numbers", "multiply by hand, or run conv_transpose2d")
    verdict = judge_equal(evidence, BACK_FIGURE, back, (3, 3))
    verdict = with_oracles(verdict, geometry(), Y_FIGURE, KERNEL, None, back)
    chain = equals(
        Product((WT, Letter("y"))),
        Product((dense(unrolled().transpose, False), column(Y_FIGURE, False))),
        column(back, False),
    )
    check = check_transposed(geometry(), Y_FIGURE, KERNEL, None, back, devices)
    return TourClaim(
        "transposed", sentence, verdict, Outcome.HOLDS, check, blocks=(Equation(chain),)
    )


def adjoint(devices: Sequence[str]) -> TourClaim:
    """The transpose of W is its adjoint."""
    sentence = "W^T is the adjoint of W: <W x, y> = <x, W^T y> for all x and y"
    same, evidence = adjoint_evidence(geometry())
    outcome = Outcome.HOLDS if same else Outcome.REFUTED
    check = merged(
        [
            check_structure(geometry(), devices),
            check_structure(geometry(), devices, convolution=True),
        ]
    )
    blocks = tuple(b for b in adjointness(geometry()) if not isinstance(b, Badge))
    return TourClaim(
        "adjoint", sentence, Verdict(outcome, evidence), Outcome.HOLDS, check, "", blocks
    )


def symbolic_matrix(devices: Sequence[str]) -> TourClaim:
    """The symbolic W times symbols is the convolution that plain loops over SymPy symbols give."""
    import sympy

    sentence = "With symbols for X and K, SymPy's W vec(X) is the convolution term by term"
    operator = SymbolicOperator(geometry(), paper=True)
    x = [sympy.Symbol(f"x_{r}_{c}") for r in range(3) for c in range(3)]
    k = operator.w
    product = list(operator.matrix() * sympy.Matrix(9, 1, x))
    plain: list[Any] = []
    for r in range(2):
        for c in range(2):
            plain.append(
                sum(k[2 * u + v] * x[3 * (r + u) + c + v] for u in range(2) for v in range(2))
            )
    evidence = identical(sentence, "3x3 input, 2x2 kernel, every value", "expand by hand")
    evidence = replace(evidence, trusted=(*evidence.trusted, "SymPy's matrix product"))
    verdict = judge_equal(evidence, plain, product, (2, 2))
    check = check_structure(geometry(), devices, convolution=True)
    blocks: tuple[Block, ...] = (
        Equation(
            equals(
                Product((W, Letter("x"))),
                column(map(from_sympy, plain), False),
            )
        ),
    )
    return TourClaim("symbolic-matrix", sentence, verdict, Outcome.HOLDS, check, "", blocks)


MAKERS: tuple[Maker, ...] = (matrix_rows, symbolic_matrix, convolution, transposed, adjoint)
"""The claims of this part, in the notebook's order."""
