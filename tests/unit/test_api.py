"""The public functions: the command line's options as keyword arguments, results that show themselves."""

import doctest
import importlib
import inspect
import json
from fractions import Fraction

import numpy as np
import pytest
from click.testing import CliRunner

import symconv
from symconv.cli.app import app
from symconv.core.errors import OutputError, ParseError

torch = pytest.importorskip("torch")

X, W = [[0, 1], [2, 3]], [[0, 1], [2, 3]]
RESULTS = {
    "derive": lambda: symconv.derive(X, W, chapters="output"),
    "size": lambda: symconv.size(4, 3, stride=2),
    "check": lambda: symconv.check(
        "docs.examples.broken:second",
        input_size=2,
        kernel_size=3,
        stride=2,
        output_padding=1,
        by="numbers",
    ),
    "prove": lambda: symconv.prove("size_inverse"),
    "audit": lambda: symconv.audit("docs/examples/slips.md"),
}
FUNCTIONS = (
    "derive",
    "matrix",
    "size",
    "check",
    "fuzz",
    "prove",
    "audit",
    "tour",
    "conv_transpose",
    "conv",
    "grad_weight",
    "identical",
)


@pytest.mark.parametrize("name", [n for n in symconv.__all__ if n != "__version__"])
def test_every_public_name_has_a_docstring_with_an_example_that_holds(name):
    function = getattr(symconv, name)
    text = inspect.getdoc(function)
    assert ">>>" in text and ("Raises:" in text or name not in FUNCTIONS)
    module = importlib.import_module(inspect.unwrap(function).__module__)
    found = doctest.DocTestFinder().find(inspect.unwrap(function), name, module=module, globs={})
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    for test in found:
        runner.run(test)
    assert runner.tries and not runner.failures


@pytest.mark.parametrize("name", [n for n in FUNCTIONS if n not in ("identical", "tour", "prove")])
def test_other_names_are_answered_with_the_right_one(name):
    function = getattr(symconv, name)
    with pytest.raises(
        TypeError, match=rf"{name}\(\) has no argument 'nonsense'; its arguments are"
    ):
        function(nonsense=1)


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        (lambda: symconv.derive(x=X, k=W), "the kernel is called w"),
        (lambda: symconv.derive(input=X, weight=W), "the input is called x"),
        (lambda: symconv.conv_transpose(X, W, strides=2), "it is called stride"),
        (lambda: symconv.conv_transpose(X, W, dilation_rate=2), "it is called dilation"),
        (lambda: symconv.size(4, 3, outputpadding=1), "it is called output_padding"),
        (lambda: symconv.check("torch", kernelsize=3), "it is called kernel_size"),
        (lambda: symconv.conv_transpose(X, W, 2), "bias is the number 2"),
        (lambda: symconv.conv(X, W, 2), "stride=2"),
    ],
)
def test_slips_are_answered(call, answer):
    with pytest.raises(TypeError, match=answer):
        call()


@pytest.mark.parametrize("name", RESULTS)
def test_results_have_a_verdict_and_show_and_save_themselves(name, tmp_path):
    found = RESULTS[name]()
    assert found.verdict.outcome in symconv.Outcome
    assert (
        repr(found).strip() and "Attributes" not in repr(found) and "dataclass" not in repr(found)
    )
    assert len(repr(found.verdict)) < 1000 and found.verdict.story == repr(found.verdict)
    for suffix, start in {
        ".txt": "",
        ".md": "",
        ".tex": "",
        ".html": "<!doctype",
        ".ipynb": "{",
        ".json": "{",
    }.items():
        path = found.save(tmp_path / f"page{suffix}")
        assert path.read_text().startswith(start) and path.stat().st_size
    assert json.loads((tmp_path / "page.json").read_text())["schema"] == "symconv/1"
    with pytest.raises(ParseError, match=r"no known suffix; choose one of .*\.html"):
        found.save(tmp_path / "page.docx")
    with pytest.raises(OutputError, match="cannot be written"):
        found.save(tmp_path / "nowhere" / "page.md")


def test_verdicts_are_those_of_the_command_line():
    words = "check docs.examples.broken:second --input-size 2x2 --kernel-size 3x3 --stride 2 --json"
    done = CliRunner().invoke(app, words.split())
    record = json.loads(done.stdout)
    found = symconv.check(
        "docs.examples.broken:second", input_size=(2, 2), kernel_size=(3, 3), stride=2
    )
    own = found.to_json()
    for part in (record, own):
        for finding in part["findings"]:
            finding.pop("command")
    assert own == record and found.verdict.exit_code == done.exit_code


def test_a_float_means_the_decimal_that_is_written_everywhere():
    assert symconv.conv_transpose([0.1], [1])[0] == Fraction(1, 10)
    done = CliRunner().invoke(app, ["derive", "--x", "[0.1]", "--k", "[1]", "--json"])
    assert json.loads(done.stdout)["output"] == ["1/10"]
    assert symconv.derive([0.1], [1]).output_json() == ["1/10"]
    stored = Fraction(0.1)
    assert symconv.conv_transpose(np.array([0.1]), [1])[0] == stored
    assert symconv.conv_transpose(torch.tensor([0.1], dtype=torch.float64), [1])[0] == stored
    assert symconv.conv_transpose([np.float64(0.1)], [1])[0] == stored


def test_containers_and_modules_are_accepted():
    import sympy

    module = torch.nn.ConvTranspose2d(1, 1, 2, stride=2, bias=True)
    with torch.no_grad():
        module.weight.copy_(torch.tensor([[[[1.0, 2], [3, 4]]]]))
        module.bias.fill_(1)
    x = torch.tensor([[[1.0, 2], [3, 4]]])
    expected = module(x).detach().numpy()
    assert (np.array(symconv.conv_transpose(x, module), float) == expected).all()
    page = symconv.derive(x, module, chapters=["output"])
    assert (np.array(page.output, float) == expected).all()
    k = sympy.Matrix(2, 2, sympy.symbols("a:4"))
    assert symconv.derive(X, k, chapters="blocks,check").verdict.outcome is symconv.Outcome.HOLDS


def test_chapters_may_be_one_text():
    assert symconv.derive(X, W, chapters="blocks").chapters == ("blocks",)
    with pytest.raises(ParseError, match="chapter 'nonsense' is not known; choose from given"):
        symconv.derive(X, W, chapters="nonsense")


def test_fuzz_returns_what_the_command_prints(tmp_path):
    found = symconv.fuzz("docs.examples.broken:second", cases=128, workers=1, store=tmp_path)
    assert found.verdict.outcome is symconv.Outcome.REFUTED
    assert found.verdict.reasons[0].key.startswith("mistake: ")
    assert found.to_json()["cases"] == 128 and "REFUTED" in repr(found)
    assert "<testsuites>" in found.to_junit() and "def test_" in found.to_pytest()
    assert found.save(tmp_path / "page.html").read_text().startswith("<!doctype")
    with pytest.raises(
        ParseError, match="--device 'tpu' is not known; choose from cpu, cuda, meta"
    ):
        symconv.fuzz("torch", device="tpu")
