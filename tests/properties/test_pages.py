"""Every equation of a page is read back and must hold; values come from the oracles."""

import math
import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symconv.core.polynomial import Polynomial, as_polynomial
from symconv.derivation.derivation import CHECK, NAMES, Derivation, derive
from symconv.derivation.subject import Options, read_subject
from symconv.documents import audit
from symconv.documents.round_trip import read_back
from symconv.documents.tex.chains import statements
from symconv.documents.tex.parser import Parser
from symconv.documents.values.evaluating import Evaluator
from symconv.documents.values.matrix import EntryMatrix
from symconv.exact.containers import Tensor
from symconv.notebook.tour_page import tour as take
from symconv.render import latex, notebook
from symconv.render.tree import matrix
from tests.golden.pages import CASES
from tests.golden.pages import page as golden_page
from tests.golden.test_golden import FILES
from tests.support.battery import ORACLES, flat
from tests.support.cases import Config, configs

CHAPTERS = tuple(name for name in NAMES if name != CHECK)


def environment(derivation: Derivation, seed: int) -> dict:
    """A number for every symbol; y comes from an oracle, never from the page's own code."""
    subject, chance = derivation.subject, random.Random(seed)
    case = subject.case
    letters = {
        n: Fraction(chance.randint(-9, 9), chance.choice((1, 1, 2)))
        for v in (*case.x.flat, *case.w.flat, *(case.bias or ()))
        for n in as_polynomial(v).variables
    }

    def number(v):
        return Fraction(as_polynomial(v).evaluate(letters))

    env = dict(letters)
    for side, tensor in (("x", case.x.flat), ("k", case.w.flat), ("b", case.bias or ())):
        for name, entry in zip(subject.names[side], tensor, strict=False):
            env[str(name)] = number(entry)
    from symconv.derivation.checks import torch_parameters

    parameters = torch_parameters(subject.geometry)
    x = Tensor(case.x.shape, tuple(map(number, case.x.flat))).nested()
    w = Tensor(case.w.shape, tuple(map(number, case.w.flat))).nested()
    bias = None if case.bias is None else [number(b) for b in case.bias]
    from symconv.core.form import unflatten
    from symconv.derivation.notation import output_letter

    for n, sample in enumerate(x):
        values = flat(ORACLES[0](sample, w, bias, **parameters))
        for position, value in enumerate(values):
            place = unflatten(position, subject.geometry.output_shape)
            letter = output_letter(subject, n, place)
            env["_".join((letter.name, *map(str, letter.indices)))] = value
    env["W"] = unrolled(subject.geometry, w, parameters)
    return env


def unrolled(geometry, w, parameters):
    """W from an oracle: each row is the transposed convolution of a unit input."""
    found = []
    count = math.prod(geometry.input_shape)
    for n in range(count):
        unit = tuple(Fraction(int(m == n)) for m in range(count))
        x = Tensor(geometry.input_shape, unit).nested()
        found.append(flat(ORACLES[0](x, w, None, **parameters)))
    return found


UNCOMPARED = ("dots in place of", "\\sum", "a name without a value", "a struck-out expression")
"""The only reasons for which a side on symconv's pages may have no value."""


def check_page(source: str, env: dict, kind: str = "latex") -> int:
    """Check that all neighbouring sides satisfy their relation; return the number of pairs."""
    values = {n: EntryMatrix(v) if isinstance(v, list) else v for n, v in env.items()}
    found = read_back(source, kind, values)
    assert not found.wrong, found.wrong[0]
    strange = [reason for reason in found.left_out if not reason.startswith(UNCOMPARED)]
    assert strange == [], strange
    return len(found.compared)


def compared(derivation: Derivation, seed: int = 0) -> int:
    env = environment(derivation, seed)
    count = check_page(derivation.to_latex(), env)
    assert check_page(derivation.to_markdown(), env, "markdown") == count
    assert count == 0 or check_page(notebook.page(derivation.document), env, "notebook") == count
    return count


@settings(max_examples=40)
@given(configs(dims=(1, 2, 3)), st.booleans(), st.booleans(), st.integers(0, 99))
def test_every_equation_of_a_page_holds(config: Config, x_values, w_values, seed):
    sizes = {}
    x = w = None
    if x_values:
        x = Tensor(config.x_shape, config.x)
    else:
        sizes |= {"input_size": config.size, "batch": config.batch}
    if w_values:
        w = Tensor(config.w_shape, config.w)
    else:
        sizes |= {"kernel_size": config.kernel_size}
    options = Options(
        in_channels=config.in_channels,
        out_channels=config.out_channels,
        dims=config.dims,
        **sizes,
        **config.steps,
    )
    bias = config.bias if config.bias is None or x_values else True
    subject = read_subject(x, w, bias, options)
    assert compared(Derivation(subject, CHAPTERS), seed) > 0


def test_the_reader_notices_a_wrong_page():
    page = derive([[0, 1], [2, 3]], [[0, 1], [2, 3]], chapters=CHAPTERS)
    env = environment(page, 0)
    right = page.to_latex()
    assert check_page(right, env) > 20
    for old, new in (
        ("4 & 12 & 9", "4 & 12 & 8"),
        ("2 \\cdot 1", "2 \\cdot 2"),
        ("= 12", "= 13"),
        ("T_{0} & T_{1}", "T_{1} & T_{0}"),
    ):
        assert old in right
        with pytest.raises(AssertionError):
            check_page(right.replace(old, new), env)


def test_every_equation_of_the_tour_holds():
    """X, K, W, x and y are the notebook's values; other symbols stay unevaluated."""
    tour = take("cpu")
    total = 0
    for claim in tour.claims:
        env = _tour_letters(claim.id)
        for b in claim.blocks:
            total += check_page(latex.block(b), env)
    assert total > 50


def _tour_letters(claim_id: str) -> dict:
    """What the notebook prints, typed here independently."""
    row = [1, 2, 0, 3, 4]
    w = [[Fraction(row[c - s] if 0 <= c - s < 5 else 0) for c in range(9)] for s in (0, 1, 3, 4)]
    column = [[Fraction(v)] for v in range(9)]
    y = [[Fraction(v)] for v in (27, 37, 57, 67)]
    if claim_id in ("convolution", "transposed", "correct-version", "preimage"):
        return {"W": w, "x": column, "y": y}
    square = [[Fraction(0), Fraction(1)], [Fraction(2), Fraction(3)]]
    if claim_id == "notation":
        return {"X": square, "K": square}
    if claim_id == "blocks":
        entries = {f"_{r}_{c}": square[r][c] for r in (0, 1) for c in (0, 1)}
        result = [[0, 0, 1], [0, 4, 6], [4, 12, 9]]
        found = {f"{letter}{name}": v for letter in "xk" for name, v in entries.items()}
        found |= {f"y_{r}_{c}": Fraction(result[r][c]) for r in range(3) for c in range(3)}
        return found | {"X": square, "K": square, "Y": [[Fraction(v) for v in r] for r in result]}
    return {}


def test_an_output_size_of_the_issue():
    page = derive(
        input_size=(2, 2),
        kernel_size=(3, 2),
        stride=(2, 1),
        padding=(1, 0),
        output_padding=(1, 0),
        dilation=(1, 2),
    )
    assert page.subject.geometry.out_size == (4, 4)
    assert compared(page) > 16


def test_what_is_cut_off_is_struck_and_read_as_absent():
    page = derive([[1, 2]], [[3, 4, 5]], padding=(0, 1), chapters=("blocks",))
    shown = page.to_latex()
    assert r"\overline{\smash{3}\vphantom{.}} & 4 & 5" in shown
    assert compared(page) == 1
    with pytest.raises(AssertionError, match="cannot be added"):
        check_page(shown.replace(r"\overline{\smash{3}\vphantom{.}}", "3"), environment(page, 0))


@pytest.mark.parametrize("name", CASES)
def test_frozen_pages_are_read_back_and_hold(name):
    """The golden files as stored, with every name from an oracle."""
    env = environment(golden_page(name), 3)
    counts = {
        kind: check_page((FILES / f"{name}.{end}").read_text(), env, kind)
        for kind, end in (("latex", "tex"), ("markdown", "md"))
    }
    assert counts["latex"] == counts["markdown"]
    assert counts["latex"] > 0 or name in ("large", "views")  # dots; only named matrices


@pytest.mark.parametrize("name", [*CASES, "tour"])
def test_an_auditor_that_knows_nothing_of_them_finds_nothing_wrong(name):
    for end in ("tex", "md"):
        done = audit([str(FILES / f"{name}.{end}")])
        assert done.count("wrong") == done.count("doubtful") == 0, done.claims


@settings(max_examples=200)
@given(st.data())
def test_a_written_matrix_comes_back_equal(data):
    rows, columns = data.draw(st.tuples(st.integers(1, 6), st.integers(1, 14)))
    entry = st.one_of(
        st.none(),
        st.fractions(-99, 99, max_denominator=30).map(Polynomial.constant),
        st.sampled_from(("a", "x_0_1", "alpha", "k_12_3", "beta_1", "ab")).map(Polynomial.variable),
    )
    entry = st.one_of(
        entry,
        st.tuples(entry, entry, entry).map(
            lambda t: sum((p for p in t if p is not None), Polynomial()) * (t[0] or 2)
        ),
    )
    cells = [[data.draw(entry) for _ in range(columns)] for _ in range(rows)]
    written = latex.math(matrix([[None if p is None else p for p in row] for row in cells]))
    (statement,) = statements(written)
    ((value, _),) = Evaluator().readings(Parser(statement.sides[0]).whole())
    expected = [[Polynomial() if p is None else p for p in row] for row in cells]
    assert [[as_polynomial(e) for e in row] for row in value.rows] == expected
