"""Programs that differ on numbers but not, or not visibly, on symbolic entries.

None may be called IDENTICAL by `symconv.identical`. Each attack names the required outcome:
UNDECIDED if the program asks for a value, REFUTED if numbers distinguish the programs.
"""

import copy
import inspect
import json
import pickle
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import symconv
from symconv import Outcome, conv_transpose, identical, matrix
from symconv.cli.app import app

SHAPES = [((3,),), ((2, 2),)]


def same(x):
    return x


def swallowed(x):
    try:
        if x.ravel()[0] == 0:
            return x + 1
    except Exception:
        pass
    return x


def swallowed_base(x):
    try:
        str(x.ravel()[0])
    except BaseException:
        return x
    return x + 1


def dictionary(x):
    return x + len(dict.fromkeys(x.ravel().tolist(), 1)) - x.size


def sorted_entries(x):
    return np.array(sorted(x.ravel().tolist()), dtype=x.dtype).reshape(x.shape)


ASKING = {
    "==": lambda x: np.where(x == 0, 1, x),
    "!=": lambda x: x * (x != 0),
    "<": lambda x: x * (x < 10**9),
    ">=": lambda x: np.maximum(x, -(10**9)),
    "bool": lambda x: x if x.any() else x + 1,
    "all": lambda x: x if np.all(x) else x + 1,
    "truth of one entry": lambda x: x if x.ravel()[0] else x + 1,
    "set": lambda x: x + len(set(x.ravel().tolist())) - x.size,
    "dict": dictionary,
    "abs": lambda x: abs(x),
    ".real": lambda x: x.real,
    ".imag": lambda x: x + x.imag,
    "np.real": lambda x: np.real(x),
    "conj": lambda x: np.conj(x),
    "int": lambda x: x.astype(int),
    "float": lambda x: np.array([float(v) for v in x.ravel().tolist()]).reshape(x.shape),
    "complex": lambda x: x + complex(x.ravel()[0]).imag,
    "float64 array": lambda x: np.zeros(x.shape) + np.asarray(x, dtype=np.float64),
    "index": lambda x: x + [0, 1, 2, 3, 4][x.ravel()[0]] * 0,
    "repr": lambda x: (repr(x.ravel()[0]), x)[1],
    "str of the array": lambda x: x + str(x).count("["),
    "format": lambda x: x + f"{x.ravel()[0]}".count("-"),
    "json": lambda x: x + len(json.dumps(x.tolist(), default=str)) * 0,
    "pickle": lambda x: pickle.loads(pickle.dumps(x)),
    "pickle of an entry": lambda x: (pickle.dumps(x.ravel()[0]), x)[1],
    "tobytes": lambda x: (x.tobytes(), x)[1],
    "count_nonzero": lambda x: x + np.count_nonzero(x) - x.size,
    "argwhere": lambda x: x + len(np.argwhere(x)) - x.size,
    "nonzero": lambda x: x + len(np.nonzero(x)[0]) - x.size,
    "trim_zeros": lambda x: x + len(np.trim_zeros(x.ravel())) - x.size,
    "sort": lambda x: np.sort(x, axis=None).reshape(x.shape),
    "sorted": sorted_entries,
    "unique": lambda x: x + len(np.unique(x)) - x.size,
    "isclose": lambda x: x + np.isclose(x, 0).sum() * 0,
    "array_equal": lambda x: x + np.array_equal(x, np.zeros_like(x)),
    "sign": lambda x: x * np.sign(x) ** 2,
    "round": lambda x: np.round(x),
    "floor division": lambda x: x // 1,
    "remainder": lambda x: x - x % 1,
    "max": lambda x: x + x.max() - x.max(),
    "clip": lambda x: np.clip(x, -1000, 1000),
    "division by an entry": lambda x: x * x / x,
    "numerator": lambda x: x + next(v.numerator for v in x.ravel().tolist()) * 0,
    "in a list": lambda x: x + (0 in x.ravel().tolist()),
    "swallowed": swallowed,
    "swallowed with BaseException": swallowed_base,
}


@pytest.mark.parametrize("attack", ASKING.values(), ids=ASKING)
def test_a_question_about_a_value_is_undecided_and_named(attack):
    verdict = identical(same, attack, SHAPES)
    assert verdict.outcome is Outcome.UNDECIDED
    lines = inspect.getsourcelines(attack)
    first, last = lines[1], lines[1] + len(lines[0])
    place = verdict.cause.split("at test_identical.py:")[1]
    assert first <= int(place.split()[0]) <= last, verdict.cause


kept = {}
calls = []


def cached(x):
    return kept.setdefault(x.shape, x)


def cached_numbers(x):
    if x.dtype == object and not isinstance(x.ravel()[0], Fraction):
        return x
    return kept.setdefault((x.shape, x.dtype), x)


def leaves_behind(x):
    calls.append(x)
    return x


def takes_what_was_left(x):
    return calls[-1]


def casts(x):
    return (x * 2).astype(x.dtype) if x.dtype == object else np.round(x).astype(x.dtype) * 2


ON_NUMBERS = {
    "dtype == object": (same, lambda x: x if x.dtype == object else x + 1),
    "dtype.kind": (same, lambda x: x if x.dtype.kind in "Oi" else x * 2),
    "type of an entry": (same, lambda x: x if type(x.ravel()[0]) is not Fraction else x - 1),
    "isinstance": (same, lambda x: x + isinstance(x.ravel()[0], np.integer)),
    "array class": (same, lambda x: x if type(x) is not np.ndarray else -x),
    "writes integers": (lambda x: 2 * x, casts),
    "kept between calls": (same, cached),
    "kept between calls on numbers": (same, cached_numbers),
    "state of the other program": (leaves_behind, takes_what_was_left),
    "imaginary part of a plain array": (same, lambda x: x + np.asarray(x).imag),
    "another shape on numbers": (same, lambda x: x if x.dtype == object else x.ravel()[:1]),
}


@pytest.mark.parametrize("pair", ON_NUMBERS.values(), ids=ON_NUMBERS)
def test_what_differs_on_numbers_is_refuted_with_the_numbers(pair):
    kept.clear()
    verdict = identical(*pair, SHAPES)
    assert verdict.outcome is Outcome.REFUTED
    assert verdict.expected != verdict.actual


def test_both_programs_may_leave_their_polynomials_together():
    def doubled(x):
        return x if x.dtype == object else 2 * x

    verdict = identical(doubled, doubled, SHAPES)
    assert verdict.outcome is Outcome.UNDECIDED
    assert "behaves differently on numbers than on symbols" in verdict.cause


def test_a_program_that_fails_on_numbers_is_undecided():
    verdict = identical(same, lambda x: x if x.dtype == object else x[7, 7, 7], SHAPES)
    assert verdict.outcome is Outcome.UNDECIDED and "int64" in verdict.cause


def test_constants_that_are_rounded_do_not_refute():
    verdict = identical(lambda x: x / 3, lambda x: x * (1 / 3), SHAPES)
    assert verdict.outcome is Outcome.UNDECIDED and "rounding" in verdict.cause


def collide_left(w, w_0):
    return w[0] * 1


def collide_right(w, w_0):
    return w_0 * 1


def test_entries_of_different_arguments_never_share_a_name():
    shapes = [((1, 2), (2,)), ((3, 4), (4,))]
    assert identical(collide_left, collide_right, shapes).outcome is Outcome.REFUTED
    deeper = [((2, 1, 2), (1, 2))]
    one, other = (lambda a, a_1: a[1]), (lambda a, a_1: a_1)
    assert identical(one, other, deeper).outcome is Outcome.REFUTED


HONEST = {
    "powers": (lambda x: x**2 * x, lambda x: x * x * x),
    "halves": (lambda x: x / 2, lambda x: 0.5 * x),
    "fractions": (lambda x: x / 3 + x * Fraction(2, 3), same),
    "mean": (lambda x: x.mean() * x.size, lambda x: x.sum()),
    "einsum": (lambda x: np.einsum("...,...->...", x, x), lambda x: x * x),
    "padding": (lambda x: np.pad(x, 1)[(slice(1, -1),) * x.ndim], same),
    "copies": (lambda x: copy.deepcopy(x) + copy.copy(x) - x, same),
    "constants are compared": (lambda x: x * (np.arange(3) == 1).sum(), same),
    "lists": (lambda x: x.tolist(), same),
    "in place": (lambda x: np.add(x, x, out=x), lambda x: 2 * x),
    "zeros_like": (lambda x: np.zeros_like(x) + x, same),
    "unrelated names with leading zeros": (lambda x: x.sum(), lambda x: x[::-1].sum()),
}


@pytest.mark.parametrize("pair", HONEST.values(), ids=HONEST)
def test_honest_programs_are_identical(pair):
    assert identical(*pair, SHAPES).outcome is Outcome.HOLDS


def test_the_operators_keep_entries_opaque():
    def asks(x, w):
        y = conv_transpose(x, w, stride=2)
        return y if y.any() else y + 1

    def by_matrix(x, w):
        found = matrix(w, input_size=x.shape, stride=2)
        return (found.T @ x.ravel()).reshape(conv_transpose(x, w, stride=2).shape)

    def plainly(x, w):
        return conv_transpose(x.tolist(), w, stride=2)

    shapes = [((2, 2), (2, 3))]
    assert identical(asks, plainly, shapes).outcome is Outcome.UNDECIDED
    assert identical(plainly, by_matrix, shapes).outcome is Outcome.HOLDS


def test_names_that_differ_in_leading_zeros_are_different_letters():
    one, other = (symconv.core.polynomial.Polynomial.variable(n) for n in ("a1", "a01"))
    assert one * other == other * one and one + other == other + one and one != other


def test_prove_at_says_what_was_asked_and_where(tmp_path: Path):
    path = tmp_path / "pair.py"
    path.write_text(
        "import numpy as np\n"
        "def identity(x):\n    return x\n"
        "def ones(x):\n    return np.where(x == 0, 1, x)\n"
        "pair = (identity, ones, [((3,),)])\n"
    )
    done = CliRunner().invoke(app, ["prove", "--at", f"{path}:pair"])
    assert done.exit_code == 3
    assert "pair.py:5 (==)" in " ".join(done.output.split())


def test_results_without_entries_are_no_identity():
    with pytest.raises(symconv.ShapeError, match="no entries"):
        identical(lambda x: np.zeros((0, 3)), lambda x: np.zeros((0, 5)), [((3,),)])


def test_a_shape_that_both_have_on_symbols_only_is_no_identity():
    """On ordinary arrays both programs return another shape, and the same one."""

    def by_kind(x):
        return x if x.dtype == object else x.ravel()

    found = identical(by_kind, by_kind, [((2, 2),)])
    assert found.outcome is Outcome.UNDECIDED
    assert "returns shape (4,) on int64 arrays, (2, 2) on symbols" in found.cause


@pytest.mark.parametrize(
    "f, g, outcome",
    [
        (lambda x: -x, lambda x: 0 - x, Outcome.HOLDS),
        (lambda x: -x, same, Outcome.REFUTED),
        (lambda x: +x, same, Outcome.HOLDS),
        (
            lambda x: np.array([copy.copy(v) for v in x.ravel()]).reshape(x.shape),
            same,
            Outcome.HOLDS,
        ),
        (lambda x: x**2, lambda x: x * x, Outcome.HOLDS),
        (lambda x: x**-1 * x, lambda x: x**0, Outcome.UNDECIDED),
        (lambda x: x**0.5, lambda x: x**0.5, Outcome.UNDECIDED),
        (lambda x: x**2.0, lambda x: x * x, Outcome.UNDECIDED),
    ],
)
def test_arithmetic_of_entries_is_that_of_polynomials(f, g, outcome):
    assert identical(f, g, SHAPES).outcome is outcome


def test_results_that_are_no_numbers_are_refused():
    with pytest.raises(symconv.ShapeError, match="returns str"):
        identical(lambda x: np.array(["a"], dtype=object), same, SHAPES)


@pytest.mark.parametrize(
    "shape, words",
    [
        ((-1,), "not a shape"),
        ((1.5,), "not a shape"),
        ((True,), "not a shape"),
        ((10**5, 10**5), "more than"),
    ],
)
def test_what_is_no_shape_is_refused(shape, words):
    with pytest.raises(symconv.ParseError, match=words):
        identical(same, same, [(shape,)])


def test_the_scope_names_the_arrays_that_programs_were_called_on():
    domain = identical(same, lambda x: x + 0, SHAPES).evidence.domain
    assert domain.endswith("on int64, float64, Fraction, complex128 arrays")
    one = identical(same, lambda x: x + 0, [((3,),)]).evidence.domain
    assert one.startswith("1 shape,") and domain.startswith("2 shapes,")


def test_arguments_with_defaults_and_keywords_are_not_tensors():
    def scaled(x, factor=1, *, shift=0):
        return x * factor + shift

    assert identical(scaled, same, SHAPES).outcome is Outcome.HOLDS
