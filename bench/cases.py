"""Benchmarks of exact arithmetic, LaTeX output, adjointness and start-up time."""

import subprocess
import sys
from functools import partial

import sympy
from sympy.core.cache import clear_cache

from bench.timing import Row, faster, interleaved, slower
from symconv.core.dialects.building import conv_geometry, torch_geometry
from symconv.core.form import index_arrays
from symconv.exact import ring
from symconv.exact import sympy_sums as products
from symconv.exact.adjoint import compare_adjoint
from symconv.exact.symbolic import SymbolicOperator, letters
from symconv.exact.unrolled import unroll
from symconv.render import latexmath
from symconv.render.tree import matrix


def _plain(geometry, x, k):
    """The plain SymPy loop: `y[o] += x[i]*k[j]`."""
    at = index_arrays(geometry)
    y = [sympy.Integer(0)] * (geometry.out_size[0] * geometry.out_size[1])
    for i, t, o in zip(at.input.tolist(), at.weight.tolist(), at.output.tolist(), strict=True):
        y[o] += x[i] * k[t]
    return y


def symbolic_outputs() -> list[Row]:
    rows = []
    for n, k in ((16, 3), (32, 5)):
        geometry = torch_geometry((n, n), (k, k), stride=2, padding=1)
        operator = SymbolicOperator(geometry, paper=True)
        x, w, at = operator.x, operator.w, index_arrays(geometry)
        count = geometry.out_size[0] ** 2
        plain = partial(_plain, geometry, x, w)
        assert operator.entries() == plain()

        def public(x=x, w=w, at=at, count=count):
            way = products._public
            return products.assembled(way, x, at.input, w, at.weight, at.output, count)

        assert public() == plain()
        name = f"symbolic output {n}x{n} k{k} s2"
        pair = interleaved(lambda op=operator: op.entries(), plain, 5, clear_cache)
        rows.append(faster(f"{name}, guarded assembly / plain SymPy +=", pair, 8))
        pair = interleaved(public, plain, 5, clear_cache)
        rows.append(faster(f"{name}, public fallback / plain SymPy +=", pair, 2))
    return rows


def latex_writers() -> list[Row]:
    geometry = conv_geometry((16, 16), (4, 4), stride=2)
    unrolled = unroll(geometry, letters("k", (1, 1, 4, 4), (4, 4)).flat)
    assert unrolled.shape == (49, 256)
    tree = matrix(unrolled.dense(absent=None))
    theirs = SymbolicOperator(geometry, paper=True).matrix()
    pair = interleaved(lambda: latexmath.math(tree), lambda: sympy.latex(theirs), 3, clear_cache)
    rows = [faster("LaTeX of a symbolic 49x256 W, blanks / sympy.latex", pair, 30)]
    geometry = torch_geometry((16, 16), (3, 3), stride=2, padding=1)
    x = letters("x", (1, 16, 16), (16, 16)).flat
    k = letters("k", (1, 1, 3, 3), (3, 3)).flat
    entries = ring.transposed(geometry, x, k)
    tree = matrix([entries[31 * r : 31 * r + 31] for r in range(31)])
    theirs = SymbolicOperator(geometry, paper=True).output()
    assert theirs.shape == (31, 31)

    def ours():
        latexmath._monomial.cache_clear()
        latexmath.symbol.cache_clear()
        return latexmath.math(tree)

    pair = interleaved(ours, lambda: sympy.latex(theirs), 5, clear_cache)
    rows.append(faster("LaTeX of a symbolic 31x31 Y / sympy.latex", pair, 30))

    def whole():
        y = ring.transposed(geometry, x, k)
        return latexmath.math(matrix([y[31 * r : 31 * r + 31] for r in range(31)]))

    pair = interleaved(whole, lambda: sympy.latex(theirs), 5, clear_cache)
    rows.append(faster("the same, computing Y included / sympy.latex alone", pair, 5))
    return rows


def adjointness() -> list[Row]:
    geometry = torch_geometry((16, 16), (3, 3), stride=2, padding=1)
    operator = SymbolicOperator(geometry, paper=True)
    y = operator.entries()
    u = sympy.symbols(f"u:{len(y)}")
    at = index_arrays(geometry)
    forward: list = [sympy.Integer(0)] * len(operator.x)
    for i, k, o in zip(at.input.tolist(), at.weight.tolist(), at.output.tolist(), strict=True):
        forward[i] += operator.w[k] * u[o]

    def expanded():
        left = sympy.Add(*(a * b for a, b in zip(forward, operator.x, strict=True)))
        right = sympy.Add(*(a * b for a, b in zip(u, y, strict=True)))
        difference = sympy.expand(left - right)
        assert difference == 0

    def compared():
        assert compare_adjoint(geometry).same

    pair = interleaved(compared, expanded, 3, clear_cache)
    return [faster("adjointness at 16x16 k3 / SymPy expand", pair, 1000)]


def start_up() -> list[Row]:
    def run(*arguments):
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)

    bare = partial(run, "-c", "pass")
    pair = interleaved(partial(run, "-m", "symconv", "--help"), bare, 15)
    return [slower("symconv --help / bare Python's start", pair, 10)]


CASES = (symbolic_outputs, latex_writers, adjointness, start_up)
