"""Everything in a registry is complete and works, so that a new entry is tested by being there."""

import ast

import numpy as np
import pytest
from click.testing import CliRunner

import symconv
from symconv.campaign.case import Case
from symconv.campaign.contractions import Plan
from symconv.campaign.diagnosis.mistakes import CATALOGUE
from symconv.campaign.finding import Finding
from symconv.campaign.finding_snippet import snippet
from symconv.campaign.operand_values import budget, operands
from symconv.campaign.space import PATTERNS_OF
from symconv.cli.app import app
from symconv.cli.verbs import VERBS
from symconv.core.dialects.foreign import dialects, foreign
from symconv.derivation.derivation import CHAPTERS, CHECK, ON_REQUEST
from symconv.derivation.pictures import PICTURES
from symconv.exact.dtypes import DTYPES
from symconv.exact.rounding import models
from symconv.judging.rungs import RUNGS
from symconv.render.formats import formats
from symconv.targets.conventions import CONVENTIONS
from symconv.targets.fault_kinds import FAULT_KINDS
from symconv.targets.snippets import PastedCall, literal
from symconv.targets.surfaces import SURFACES

torch = pytest.importorskip("torch")
PLAIN = Case((2, 2), (2, 2), (1, 1), (0, 0), (0, 0), (1, 1))


@pytest.mark.parametrize("name", DTYPES)
def test_a_dtype_is_torchs_and_adds_integers_up_to_its_budget_exactly(name):
    dtype = DTYPES[name]
    kind = getattr(torch, name)
    assert kind.is_complex == dtype.complex and kind.is_floating_point == (
        dtype.format is not None and not dtype.complex
    )
    if dtype.format is not None:
        info = torch.finfo(kind)
        assert info.eps == 2 * dtype.format.unit and info.max == dtype.format.largest
        assert models(name)
    if dtype.numpy:
        assert np.zeros(1, dtype.numpy).dtype == torch.zeros(1, dtype=kind).numpy().dtype
    case = Case(
        *(
            getattr(PLAIN, n)
            for n in ("size", "kernel_size", "stride", "padding", "output_padding", "dilation")
        ),
        dtype=name,
        gradients=False,
    )
    top = torch.tensor([budget(case), -budget(case) + 1], dtype=torch.float64).to(kind)
    assert complex(top.sum()) == 1 and PATTERNS_OF[name][0] == "whole"
    values = operands(case, Plan(case.geometry()))
    assert all((v == np.rint(v.real) + 1j * np.rint(v.imag)).all() for v in values.values())
    written = eval(literal(values["x"], name), {"torch": torch})
    assert written.dtype == kind and (written.to(torch.complex128).numpy() == values["x"]).all()


@pytest.mark.parametrize("name", FAULT_KINDS)
def test_a_kind_of_fault_has_a_finding_and_lines_of_python(name):
    kind = FAULT_KINDS[name]
    finding = Finding(name, PLAIN)
    assert finding.refutes is kind.refutes and finding.same_fault(finding) and finding.group
    ast.parse(snippet("torch", "torch", finding))
    call = PastedCall(
        "torch",
        "torch",
        2,
        "float32",
        {"x": np.zeros((1, 1, 2, 2)), "w": np.ones((1, 1, 2, 2))},
        PLAIN.steps(),
    )
    ast.parse("\n".join([*kind.prints(call), *kind.asserts(call, (1, 1, 3, 3))]))


@pytest.mark.parametrize("name", SURFACES)
def test_a_surface_runs_and_its_snippet_shows_it(name):
    surface = SURFACES[name]
    function = torch.nn.functional.conv_transpose2d
    x = torch.ones(1, 1, 2, 2)
    assert surface.wrap(function)(x, x).equal(function(x, x))
    call = PastedCall(
        "torch",
        "torch",
        2,
        "float32",
        {"x": x.numpy(), "w": x.numpy()},
        PLAIN.steps(),
        surface=name,
    )
    lines = "\n".join(call.lines())
    assert surface.expression.format(f="torch.nn.functional.conv_transpose2d") in lines
    space = {}
    exec(lines, space)
    assert space["y"].equal(function(x, x))
    found = symconv.check("torch", input_size=(2, 2), kernel_size=(2, 2), surface=name)
    assert found.verdict.outcome is symconv.Outcome.HOLDS, found


@pytest.mark.parametrize("name", CONVENTIONS)
def test_a_convention_describes_itself(name):
    convention = CONVENTIONS[name]
    assert convention.name == name and convention.description
    assert callable(convention.adapt(lambda *a, **k: None, lambda f: f))


@pytest.mark.parametrize("name", dialects())
def test_a_dialect_has_same_or_refuses_it_with_a_way_out(name):
    for padding in ("same", "SAME_UPPER", "valid", "1,2", "nonsense"):
        try:
            found = foreign(name, padding, 4, 3, 2, 1)
        except symconv.ParseError as error:
            assert name in str(error) and "write" in str(error)
        else:
            assert found.axis.out_size > 0 and found.words


@pytest.mark.parametrize("mistake", CATALOGUE, ids=lambda m: m.name)
def test_a_mistake_differs_from_the_definition_somewhere(mistake):
    """Over a few configurations it predicts at least one wrong number, and says what it does."""
    plain = {"in_channels": 4, "out_channels": 4, "bias": True, "batch": 2}
    steps = (
        ((3, 2), (2, 1), (1, 0), (1, 0), (1, 2), 2),
        ((2, 2), (2, 2), (1, 1), (1, 1), (1, 1), 1),
        ((3, 2), (1, 1), (0, 0), (0, 0), (2, 3), 1),
        ((3, 2), (3, 2), (1, 1), (2, 1), (1, 1), 4),
    )
    shapes = [Case((3, 2), *axes, groups=groups, **plain) for *axes, groups in steps]
    wrong = False
    for case in shapes:
        plan = Plan(case.geometry())
        values = operands(case, plan)
        predicted = mistake.predict(case, values)
        right = plan.results(values["x"], values["w"], values.get("bias"), values["grad"])
        wrong |= predicted is not None and any(
            p.shape != right[n].shape or not np.array_equal(p, right[n])
            for n, p in predicted.items()
        )
    assert mistake.name and mistake.words and wrong


def test_rungs_end_with_one_that_always_applies():
    assert [rung.name for rung in RUNGS] and RUNGS[-1].applies(None, None)
    assert len({rung.name for rung in RUNGS}) == len(RUNGS)


@pytest.mark.parametrize("name", [*CHAPTERS, *ON_REQUEST])
def test_a_chapter_is_written_in_every_format(name):
    page = symconv.derive([[1, 2], [3, 4]], [[1, 2], [3, 4]], stride=2, chapters=name)
    assert page.to_text().strip() and page.to_latex() and page.to_html()
    assert name in CliRunner().invoke(app, ["derive", "--help"]).stdout and CHECK


@pytest.mark.parametrize("name", PICTURES)
def test_a_figure_is_drawn(name):
    words = [
        "derive",
        "--input-size",
        "2x3",
        "--kernel-size",
        "3x2",
        "--format",
        "svg",
        "--picture",
        name,
    ]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0 and done.stdout.startswith("<svg") and "<title>" in done.stdout


@pytest.mark.parametrize("name", formats())
def test_a_format_is_chosen_by_its_suffixes(name, tmp_path):
    form = formats()[name]
    for suffix in form.suffixes:
        target = tmp_path / f"page{suffix}"
        done = CliRunner().invoke(app, ["derive", "--x", "[1]", "--k", "[1]", "-o", str(target)])
        by_name = CliRunner().invoke(
            app, ["derive", "--x", "[1]", "--k", "[1]", "-o", str(tmp_path / "p"), "--format", name]
        )
        assert done.exit_code == by_name.exit_code == 0
        if not form.file_name:
            assert target.read_bytes() == (tmp_path / "p").read_bytes()


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_has_help(verb):
    done = CliRunner().invoke(app, [verb, "--help"])
    assert done.exit_code == 0 and VERBS[verb].split(":")[0].split(";")[0][:20] in " ".join(
        done.stdout.split()
    )
