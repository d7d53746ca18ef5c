"""The notebook's second part: the convolution as a matrix, its transpose, and restoring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from symconv.arithmetic import linear
from symconv.arithmetic.unrolled import Unrolled, unroll
from symconv.derivation.matrices import W, WT, adjoint_evidence, adjointness, column, dense
from symconv.derivation.notation import grid
from symconv.dialects import conv_geometry
from symconv.document.tree import (
    Badge,
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
from symconv.evidence import Outcome, Verdict, computed, identical
from symconv.geometry import Geometry
from symconv.symbolic import SymbolicOperator, from_sympy, letters
from symconv.targets.crosscheck import (
    check_conv,
    check_structure,
    check_transposed,
    merged,
)
from symconv.tour.claims import Claim, judge_equal, with_oracles

KERNEL = [1, 2, 3, 4]
X = list(range(9))
FIRST_ROW = [1, 2, 0, 3, 4]
SHIFTS = (0, 1, 3, 4)
Y_FIGURE = [27, 37, 57, 67]
BACK_FIGURE = [27, 91, 74, 138, 400, 282, 171, 429, 268]


def geometry() -> Geometry:
    """The convolution that reads 3x3 with a 2x2 kernel."""
    return conv_geometry((3, 3), (2, 2))


def unrolled() -> Unrolled:
    """W of the notebook."""
    return unroll(geometry(), KERNEL)


def matrix_rows(devices: Sequence[str]) -> Claim:
    """W is the row (1,2,0,3,4) and its shifts by 1, 3 and 4."""
    sentence = "W is 4x9; its rows are (1,2,0,3,4,0,0,0,0) and that row shifted by 1, 3 and 4"
    expected = [
        FIRST_ROW[c - s] if 0 <= c - s < len(FIRST_ROW) else 0 for s in SHIFTS for c in range(9)
    ]
    actual = [v for row in unrolled().dense() for v in row]
    evidence = computed(sentence, "kernel [[1, 2], [3, 4]] over 3x3", "write out one output's sum")
    verdict = judge_equal(evidence, expected, actual, unrolled().shape)
    identity = [int(n % 10 == 0) for n in range(81)]
    columns = [
        check_conv(
            geometry(), identity[9 * n : 9 * n + 9], KERNEL, actual[n::9], devices
        )
        for n in range(9)
    ]
    k = letters("k", (1, 1, 2, 2), (2, 2)).flat
    blocks: list[Block] = [
        Equation(equals(W, dense(unrolled(), False))),
        paragraph("With letters for the kernel, blank where no tap reaches:"),
        Equation(equals(W, dense(unroll(geometry(), k), False))),
    ]
    return Claim(
        "matrix-rows", sentence, verdict, Outcome.HOLDS, merged(columns), blocks=tuple(blocks)
    )


def convolution(devices: Sequence[str]) -> Claim:
    """W x."""
    sentence = "With X = 0..8, W vec(X) is Y = [[27,37], [57,67]]"
    y = unrolled().times(X)
    evidence = computed(sentence, "these numbers", "multiply by hand, or run torch's conv2d")
    verdict = judge_equal(evidence, Y_FIGURE, y, (2, 2))
    chain: Chain = equals(
        Product((W, Letter("x"))), Product((dense(unrolled(), False), column(X, False))), column(y, False)
    )
    check = check_conv(geometry(), X, KERNEL, y, devices)
    return Claim("convolution", sentence, verdict, Outcome.HOLDS, check, blocks=(Equation(chain),))


def transposed(devices: Sequence[str]) -> Claim:
    """W^T y, by the matrix and by the form."""
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
    return Claim("transposed", sentence, verdict, Outcome.HOLDS, check, blocks=(Equation(chain),))


def restores_shape(devices: Sequence[str]) -> Claim:
    """The first half of the notebook's sentence: true of the shape."""
    sentence = "Multiplying Y by W^T restores the matrix's shape"
    back = unrolled().transpose.times(Y_FIGURE)
    evidence = computed(sentence, "2x2 back to 3x3", "count the entries")
    verdict = judge_equal(evidence, [len(X), *geometry().out_size], [len(back), 3, 3], (3,))
    check = check_transposed(geometry(), Y_FIGURE, KERNEL, None, back, devices)
    return Claim("restores-shape", sentence, verdict, Outcome.HOLDS, check)


def restores_values(devices: Sequence[str]) -> Claim:
    """Its values are not restored."""
    sentence = "Multiplying Y by W^T restores the matrix itself, values and all"
    back = unrolled().transpose.times(unrolled().times(X))
    evidence = computed(sentence, "X = 0..8, kernel [[1, 2], [3, 4]]", "compare W^T Y with X")
    verdict = judge_equal(evidence, X, back, (3, 3))
    wrong = frozenset((n // 3, n % 3) for n in range(9) if back[n] != X[n])
    shown_back: Matrix = Matrix(grid(back, (3, 3), False).rows, wrong)
    blocks: list[Block] = [
        paragraph("The notebook prints this product and leaves it there; marked, what is not X:"),
        Equation(
            Chain(
                (Product((WT, Letter("y"))), shown_back, grid(X, (3, 3), False), Letter("X")),
                ("=", "!=", "="),
            )
        ),
    ]
    truth = (
        "W^T is the adjoint of W, not its inverse: it sends each output back along the taps it came "
        "from. W^T W x = x for all x would need W^T W = I, impossible with fewer rows than columns."
    )
    check = check_transposed(geometry(), Y_FIGURE, KERNEL, None, back, devices)
    return Claim(
        "restores-values", sentence, verdict, Outcome.REFUTED, check, truth, tuple(blocks)
    )


def correct_version(devices: Sequence[str]) -> Claim:
    """Nor does any other matrix restore them: two inputs have the same output."""
    sentence = "There is a correct version V of the transpose with V vec(Y) = vec(X) for every X"
    w = unrolled()
    lost = linear.null_vector(w) or [0] * 9
    twin = [u + v for u, v in zip(X, lost, strict=True)]
    y, y_twin = w.times(X), w.times(twin)
    rank = linear.rank(w)
    evidence = computed(
        sentence,
        "every matrix V over any field that contains the rationals, this W",
        "exhibit V: it would have to send one Y to two different X",
    )
    collide = any(lost) and y == y_twin and rank < 9
    verdict = Verdict(
        Outcome.REFUTED if collide else Outcome.UNDECIDED,
        evidence,
        where="Y",
        expected="different inputs, different Y",
        actual=f"X and X + n share Y = {y}, with n = {lost}",
        cause=f"W is 4x9 of rank {rank}: {9 - rank} of 9 dimensions of the input are lost.",
    )
    blocks: list[Block] = [
        paragraph("A vector that W sends to zero is what nobody can get back:"),
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
        "no V gives V W = I, since the rank of W is 4 and not 9. What can be had is the shortest "
        "input with this output, below."
    )
    check = merged(
        [check_conv(geometry(), v, KERNEL, y, devices) for v in (X, twin)]
    )
    return Claim(
        "correct-version", sentence, verdict, Outcome.REFUTED, check, truth, tuple(blocks)
    )


def preimage(devices: Sequence[str]) -> Claim:
    """The minimum-norm preimage maps to Y exactly."""
    sentence = "W^T (W W^T)^-1 vec(Y) is an input whose convolution is Y, the shortest one"
    w = unrolled()
    shortest = linear.minimum_norm_preimage(w, Y_FIGURE)
    image = w.times(shortest)
    evidence = computed(sentence, "these numbers, exact fractions", "multiply W by it")
    verdict = judge_equal(evidence, Y_FIGURE, image, (2, 2))
    lost = linear.null_vector(w) or [1]
    if sum(u * v for u, v in zip(shortest, lost, strict=True)) != 0:
        verdict = Verdict(Outcome.REFUTED, evidence, "null space", "a right angle", "none")
    gram = Power(Product((W, WT)), "-1")
    chain = equals(Product((WT, gram, Letter("y"))), column(shortest, False))
    blocks: list[Block] = [
        Equation(chain),
        paragraph(
            "It stands at a right angle to the null space, which is what makes it the shortest: the "
            "projection of X on the row space of W."
        ),
    ]
    check = check_conv(geometry(), shortest, KERNEL, image, devices)
    return Claim("preimage", sentence, verdict, Outcome.HOLDS, check, blocks=tuple(blocks))


def adjoint(devices: Sequence[str]) -> Claim:
    """What the transpose really is."""
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
    return Claim("adjoint", sentence, Verdict(outcome, evidence), Outcome.HOLDS, check, "", blocks)


def symbolic_matrix(devices: Sequence[str]) -> Claim:
    """W over letters, times letters, is the convolution that plain SymPy loops build."""
    import sympy

    sentence = "With letters for X and K, SymPy's W vec(X) is the convolution term by term"
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
    return Claim("symbolic-matrix", sentence, verdict, Outcome.HOLDS, check, "", blocks)


def claims(devices: Sequence[str]) -> list[Claim]:
    """The claims of this part, in the notebook's order."""
    makers = (
        matrix_rows,
        symbolic_matrix,
        convolution,
        transposed,
        restores_shape,
        restores_values,
        correct_version,
        adjoint,
        preimage,
    )
    return [make(devices) for make in makers]
