"""Exact arrays compared with Fractions: values, rounding, residuals, contractions, edge values."""

import itertools
import random
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from symconv.core.dialects.building import torch_geometry
from symconv.core.errors import GeometryError
from symconv.core.form import axis_hits
from symconv.core.geometry import Axis, Geometry
from symconv.exact import contract, dyadic, forward, ring, windows
from symconv.exact.contract import Contraction, approximate, exact
from symconv.exact.dtypes import REAL, real_format
from tests.support.floats import KINDS, floats, rounded

SHAPE = (3, 4)
SEEDS = st.integers(0, 10**6)
KIND = st.sampled_from(KINDS)


def fractions(array):
    return [Fraction(v) for v in array.ravel().tolist()]


def values(found):
    return [found.fraction(index) for index in np.ndindex(found.shape)]


def as_exact(array):
    planes = dyadic.split(array)
    return dyadic.from_groups([p.astype(np.int64) for p in planes.planes], planes.exponent)


@given(SEEDS, KIND)
def test_a_split_array_is_the_array(seed, kind):
    array = floats(np.random.default_rng(seed), SHAPE, kind)
    assert values(as_exact(array)) == fractions(array)


@settings(max_examples=150)
@given(SEEDS, KIND, KIND, st.sampled_from(sorted(REAL)), st.integers(-60, 8))
def test_differences_are_exact_and_correctly_rounded(seed, left, right, target, scale):
    rng = np.random.default_rng(seed)
    a, b = floats(rng, SHAPE, left), np.ldexp(floats(rng, SHAPE, right), scale)
    difference = as_exact(a).minus(b)
    truth = [u - v for u, v in zip(fractions(a), fractions(b), strict=True)]
    assert values(difference) == truth
    form = real_format(target)
    expected = [rounded(v, form.precision, form.quantum_exponent, form.largest) for v in truth]
    assert difference.rounded(form).ravel().tolist() == expected


@pytest.mark.parametrize("target", sorted(REAL))
def test_ties_halves_of_the_smallest_and_overflow(target):
    """Exact sums of two floats at which a rounding rule shows."""
    form = real_format(target)
    ulp = 2.0 ** (1 - form.precision)
    smallest = 2.0**form.quantum_exponent
    a = np.array([1.0, 1.0 + ulp, 1.0, form.largest, smallest, smallest, 3 * smallest, 0.0])
    half = ulp / 2
    with np.errstate(under="ignore"):
        b = np.array(
            [
                half,
                half,
                half + ulp * 2.0**-40,
                half * 2.0**form.most_exponent,
                smallest / 2,
                -smallest / 2,
                -smallest / 2,
                smallest,
            ]
        )
    found = as_exact(a).minus(-b)
    expected = [
        rounded(v, form.precision, form.quantum_exponent, form.largest)
        for v in (u + w for u, w in zip(fractions(a), fractions(b), strict=True))
    ]
    assert found.rounded(form).tolist() == expected


def test_numpy_rounds_the_same_way():
    """An external oracle for two formats: NumPy's own casts from float64."""
    rng = np.random.default_rng(5)
    for kind in KINDS:
        array = floats(rng, (50,), kind)
        found = as_exact(array)
        with np.errstate(over="ignore", under="ignore"):
            for target, dtype in (("float32", np.float32), ("float16", np.float16)):
                expected = array.astype(dtype).astype(np.float64)
                assert (found.rounded(real_format(target)) == expected).all()


@given(SEEDS, KIND)
def test_comparison_with_a_bound_is_exact(seed, kind):
    rng = np.random.default_rng(seed)
    array = floats(rng, SHAPE, kind)
    bound = np.abs(array) * rng.choice([0.5, 1.0, 2.0], SHAPE)
    shifted = as_exact(array).minus(np.where(rng.random(SHAPE) < 0.5, 0.0, 2.0**-1074))
    truth = [
        abs(v) > Fraction(w) for v, w in zip(values(shifted), bound.ravel().tolist(), strict=True)
    ]
    assert shifted.exceeds(bound).ravel().tolist() == truth


def random_geometry(chance: random.Random):
    while True:
        n, groups = chance.choice((1, 2, 3)), chance.randint(1, 2)
        size, kernel, stride = (tuple(chance.randint(1, 3) for _ in range(n)) for _ in range(3))
        dilation = tuple(chance.randint(1, 2) for _ in range(n))
        extra = tuple(
            chance.randint(0, max(s, d) - 1) for s, d in zip(stride, dilation, strict=True)
        )
        padding = tuple(chance.randint(0, 1) for _ in range(n))
        try:
            return torch_geometry(
                size,
                kernel,
                in_channels=2 * groups,
                out_channels=groups * chance.randint(1, 2),
                groups=groups,
                stride=stride,
                dilation=dilation,
                output_padding=extra,
                padding=padding,
            )
        except GeometryError:
            continue


def operands(seed):
    """A geometry and float operands per sample, also as Fractions."""
    chance, rng = random.Random(seed), np.random.default_rng(seed)
    g, batch = random_geometry(chance), chance.randint(1, 2)
    x = floats(rng, (batch, *g.input_shape), chance.choice(KINDS))
    w = floats(rng, g.weight_shape, chance.choice(KINDS))
    v = floats(rng, (batch, *g.output_shape), chance.choice(KINDS))
    return g, x, w, v


def truth_of(kind, g, x, w, v):
    """The same contraction by the form over Fractions."""
    if kind is Contraction.OUTPUT:
        return [y for s in x for y in ring.transposed(g, fractions(s), fractions(w))]
    if kind is Contraction.GRAD_INPUT:
        return [y for s in v for y in ring.convolved(g, fractions(s), fractions(w))]
    parts = [ring.weight_gradient(g, fractions(s), fractions(t)) for s, t in zip(x, v, strict=True)]
    return [sum(column) for column in zip(*parts, strict=True)]


def pair_of(kind, x, w, v):
    pairs = {
        Contraction.OUTPUT: (x, w),
        Contraction.GRAD_INPUT: (v, w),
        Contraction.GRAD_WEIGHT: (x, v),
    }
    return pairs[kind]


@pytest.mark.parametrize("kind", list(Contraction))
@given(SEEDS)
def test_contractions_are_exact(kind, seed):
    g, x, w, v = operands(seed)
    found = exact(g, kind, *pair_of(kind, x, w, v))
    assert values(found) == truth_of(kind, g, x, w, v)


@pytest.mark.parametrize("kind", list(Contraction))
@given(SEEDS, st.sampled_from([1, 64, 4096]))
def test_blocks_of_any_size_give_the_same(kind, seed, block):
    g, x, w, v = operands(seed)
    a, b = pair_of(kind, x, w, v)
    small, large = exact(g, kind, a, b, block), exact(g, kind, a, b)
    assert values(small) == values(large)


@pytest.mark.parametrize("kind", list(Contraction))
@given(SEEDS)
def test_the_float64_centre_is_as_close_as_its_bound_says(kind, seed):
    g, x, w, v = operands(seed)
    x, w, v = (np.clip(np.nan_to_num(t), -1e3, 1e3) for t in (x, w, v))
    x, w, v = (np.where(np.abs(t) < 1e-3, 0.0, t) for t in (x, w, v))  # no underflow here
    a, b = pair_of(kind, x, w, v)
    centre = approximate(g, kind, a, b)
    magnitude = approximate(g, kind, np.abs(a), np.abs(b))
    terms = contract.most_terms(g, kind, a.shape[0])
    error = contract.float64_error(terms)
    truth = truth_of(kind, g, x, w, v)
    for c, m, t in zip(centre.ravel().tolist(), magnitude.ravel().tolist(), truth, strict=True):
        assert abs(Fraction(c) - t) <= Fraction(error) * Fraction(m) * (1 + Fraction(error) * 2)


@pytest.fixture(params=[True, False], ids=["phases", "columns"])
def form(request, monkeypatch):
    """Force each of the two forms of the product, whichever the engine would choose."""
    monkeypatch.setattr(contract, "phases_are_cheaper", lambda *a, **k: request.param)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=SEEDS)
def test_both_forms_of_the_transposed_convolution_are_exact(form, seed):
    g, x, w, v = operands(seed)
    kind = Contraction.OUTPUT
    assert values(exact(g, kind, x, w)) == truth_of(kind, g, x, w, v)


@pytest.mark.parametrize("block", [1, 300])
def test_phases_in_blocks_of_any_size(block):
    for seed in range(40):
        g, x, w, _ = operands(seed)
        found = np.zeros((x.shape[0], *g.output_shape))
        kernels = forward.laid_out(g, w)
        forward.by_phases(g, x, kernels, found, np.matmul, np.copyto, block)
        expected = np.zeros_like(found)
        forward.by_columns(g, x, w, expected, np.matmul, contract._add, block)
        assert np.allclose(found, expected, rtol=1e-12, atol=1e-300)


def test_phases_hold_every_hit_once():
    """By the definition: every output of each phase meets exactly the hits of the form."""
    for axis in small_axes():
        found = []
        for p in windows.phases(axis):
            for r, taps in enumerate(p.taps):
                for q in range(p.length):
                    o = p.first + r + axis.stride * q
                    found += [
                        (q + t, k, o)
                        for t, k in zip(p.shifts, taps, strict=True)
                        if 0 <= q + t < axis.size
                    ]
        assert sorted(found) == sorted(axis_hits(axis))
        most = max(Counter(o for _, _, o in axis_hits(axis)).values(), default=0)
        assert windows.most_taps(Geometry(1, 1, 1, (axis,))) >= most


def small_axes():
    ranges = range(1, 4), range(1, 5), range(1, 4), range(1, 4), (-1, 0, 2), (-2, 0, 1)
    for values_ in itertools.product(*ranges):
        try:
            yield Axis(*values_)
        except GeometryError:
            continue


PLANTS = {
    "a plane one bit too wide": ("LIMB", 22),
    "a plane too few": ("exponent_range", lambda v: (0, -20)),
}


@pytest.mark.parametrize("name", PLANTS)
def test_a_wrong_plane_budget_is_noticed(name, monkeypatch):
    attribute, value = PLANTS[name]
    monkeypatch.setattr(dyadic, attribute, value)
    with pytest.raises(AssertionError):
        for seed in range(20):
            rng = np.random.default_rng(seed)
            for kind in KINDS:
                array = floats(rng, SHAPE, kind)
                assert values(as_exact(array)) == fractions(array)


def test_a_wrong_rounding_rule_is_noticed(monkeypatch):
    """Without the sticky bit, a number just above a tie is rounded down: the tests must notice."""
    right = dyadic._leading_bits

    def forgetful(limbs, exponent):
        used, lead, sticky, unit = right(limbs, exponent)
        return used, lead, sticky & False, unit

    ulp = 2.0**-23
    a, b = np.array([1.0]), np.array([-(ulp / 2 + ulp * 2.0**-50)])
    truth = as_exact(a).minus(b).rounded(real_format("float32"))[0]
    assert truth == 1.0 + ulp
    monkeypatch.setattr(dyadic, "_leading_bits", forgetful)
    assert as_exact(a).minus(b).rounded(real_format("float32"))[0] != truth


def test_a_dropped_limb_is_noticed(monkeypatch):
    right = dyadic._carried

    def shorter(groups):
        limbs, carry = right(groups)
        return (limbs[1:] * 1, carry) if len(limbs) > 2 else (limbs, carry)

    monkeypatch.setattr(dyadic, "_carried", shorter)
    array = floats(np.random.default_rng(0), SHAPE, "normal")
    assert values(as_exact(array)) != fractions(array)
