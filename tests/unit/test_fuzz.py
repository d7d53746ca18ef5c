"""The space of cases, their values, the fast sums, and the command line of campaigns."""

import json
import random
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from symconv.campaign import endings, sweep
from symconv.campaign.campaign import signature
from symconv.campaign.campaign_page import grids
from symconv.campaign.case import LAYOUTS, Case, from_json
from symconv.campaign.contractions import Plan
from symconv.campaign.diagnosis.cause import cause_of
from symconv.campaign.execute import Executor
from symconv.campaign.finding import Finding
from symconv.campaign.finding_snippet import snippet
from symconv.campaign.operand_values import budget, operands
from symconv.campaign.prepare import prepare
from symconv.campaign.space import BATCH, CONFIGURATIONS, CORNERS, Space, batch_cases, counted
from symconv.campaign.store import Store
from symconv.campaign.torch_draws import run_cases
from symconv.cli.app import app
from symconv.core.errors import GeometryError, ParseError
from symconv.core.form import by_input, by_output, by_weight
from symconv.exact import ring
from symconv.results.reasons import ReasonKind, because, stated
from symconv.targets.engine import Implementation, Observed
from symconv.targets.environment import Backends
from symconv.targets.resolve import load_target
from symconv.targets.snippets import laid, literal
from symconv.targets.tensors import to_torch
from symconv.targets.torch_engine import same
from symconv.testing.strategies import cases
from tests.wrong_kernels import kernels

torch = pytest.importorskip("torch")
EVERY = ("float32", "float64", "float16", "bfloat16", "complex64", "complex128", "int64")
SPACE = Space(dtypes=EVERY, unbatched=True)


def first(batch=0, space=SPACE):
    return batch_cases(space, 5, batch)


def test_cases_are_the_same_wherever_they_are_drawn():
    assert first() == first()
    assert first() != first(1)
    assert len(first()) == BATCH and len(batch_cases(SPACE, 5, 0, 10)) == 10


def test_every_case_is_legal_and_survives_json():
    for batch in range(8):
        for case in first(batch):
            case.geometry()
            assert from_json(json.loads(json.dumps(case.to_json()))) == case


@given(cases(SPACE))
def test_hypothesis_draws_from_the_same_space(case):
    case.geometry()
    assert counted([case]).keys() - {CONFIGURATIONS} <= set(CORNERS)


def test_every_corner_is_met_and_every_dimension_used():
    drawn = [case for batch in range(60) for case in first(batch)]
    one_by_one = sum((Counter(counted([case])) for case in drawn), Counter())
    assert one_by_one.keys() - {CONFIGURATIONS} == set(CORNERS)
    told = counted(drawn)
    assert told[CONFIGURATIONS] == len({case.with_values("whole", 0) for case in drawn})
    assert told == one_by_one
    for name in (
        "dtype",
        "x_layout",
        "w_layout",
        "grad_layout",
        "batch",
        "threads",
        "switches",
        "groups",
        "bias",
        "pattern",
    ):
        assert len({getattr(case, name) for case in drawn}) > 1, name
    assert {case.dims for case in drawn} == {1, 2, 3}


def test_illegal_cases_are_drawn_when_asked():
    drawn = [c for b in range(4) for c in batch_cases(replace(SPACE, illegal=True), 1, b)]

    def legal(case):
        try:
            case.geometry()
        except GeometryError:
            return False
        return True

    assert 0.2 < sum(map(legal, drawn)) / len(drawn) < 0.9


def fractions(array):
    return [Fraction(v) for v in array.ravel().tolist()]


@given(cases(Space(dims=(1, 2, 3))))
def test_the_fast_sums_are_the_forms(case):
    plan = Plan(case.geometry())
    values = operands(case, plan)
    found = plan.results(values["x"], values["w"], values.get("bias"), values["grad"])
    g = case.geometry()
    w = fractions(values["w"])
    for n in range(max(case.batch, 1)):
        y = ring.transposed(g, fractions(values["x"][n]), w)
        if case.bias:
            size = len(y) // g.out_channels
            y = [v + Fraction(values["bias"][i // size]) for i, v in enumerate(y)]
        assert fractions(found["output"][n]) == y
        grad = ring.convolved(g, fractions(values["grad"][n]), w)
        assert fractions(found["grad_input"][n]) == grad
    parts = [
        ring.weight_gradient(g, fractions(a), fractions(b))
        for a, b in zip(values["x"], values["grad"], strict=True)
    ]
    assert fractions(found["grad_weight"]) == [sum(c) for c in zip(*parts, strict=True)]


@given(cases(replace(SPACE, dims=(1, 2))))
def test_whole_values_stay_inside_the_budget(case):
    plan = Plan(case.geometry())
    values = operands(case, plan)
    sizes = {n: np.abs(v.real) + np.abs(v.imag) for n, v in values.items()}
    found = plan.results(sizes["x"], sizes["w"], sizes.get("bias"), sizes["grad"])
    if case.dtype not in ("float16", "bfloat16"):  # in these, random entries are set to zero
        assert all(float(v.max()) <= budget(case) for v in found.values())


def test_together_is_the_same_as_one_by_one():
    def spoiled(x, w, bias=None, **steps):
        y = kernels.right(x, w, bias, **steps)
        return y * 2 if x.shape[-1] == 2 else y

    for target in (load_target("torch"), Implementation("spoiled", spoiled)):
        executor = Executor(target)
        for batch in range(2):
            drawn = first(batch, Space(dtypes=("float32", "bfloat16")))
            marks = []
            together = run_cases(executor, drawn, marks.append)
            assert list(dict.fromkeys(marks)) == list(range(len(drawn)))
            single = [executor.run(case) for case in drawn]
            assert together == single
        executor.close()


def test_layouts_of_draws_are_those_of_a_case_alone():
    """A finding made among draws is replayed on its own, so the memory layout must be the same."""
    executor = Executor(load_target("torch"))
    space = Space(dtypes=("float32", "bfloat16", "complex64"), unbatched=True)
    met = set()
    for batch in range(12):
        for item in prepare(executor, first(batch, space)):
            if isinstance(item, Case):
                continue
            for case, leaves in zip(item.cases, item.leaves, strict=True):
                for name, values in operands(case, item.plan).items():
                    shown = values[0] if name in ("x", "grad") and not case.batch else values
                    layout = getattr(case, f"{name}_layout", "contiguous")
                    alone = to_torch(shown, case.dtype, "cpu", layout)
                    leaf = getattr(leaves, name)
                    assert same(leaf.detach(), alone)
                    assert leaf.stride() == alone.stride()
                    met.add((name, layout))
    assert len(met) == 3 * len(LAYOUTS) + 1


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "shape", [(2, 3), (2, 1, 3), (2, 2, 3, 4), (1, 2, 3, 1, 1), (2, 3, 2, 2, 2)]
)
def test_a_snippet_lays_operands_as_the_campaign_did(layout, shape):
    values = np.arange(1.0, 1 + np.prod(shape)).reshape(shape)
    values[...] = values[:1] if layout == "expanded" else values
    for dtype in ("float32", "bfloat16"):
        wanted = to_torch(values, dtype, "cpu", layout)
        pasted = eval(laid(literal(values, dtype), layout, shape), {"torch": torch})
        assert pasted.dtype is wanted.dtype
        assert pasted.equal(wanted)
        assert pasted.stride() == wanted.stride()
        assert pasted.storage_offset() == wanted.storage_offset()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("operand", ["x", "w"])
def test_an_operand_changed_in_place_is_seen_in_every_layout(operand, layout):
    def spoils(x, w, bias=None, **steps):
        y = kernels.right(x, w, bias, **steps)
        with torch.no_grad():
            (x if operand == "x" else w)[(0,) * 4] += 1
        return y

    square = Case((3, 3), (2, 2), (1, 1), (0, 0), (0, 0), (1, 1), in_channels=2, out_channels=2)
    case = replace(square, gradients=False, batch=2, **{f"{operand}_layout": layout})
    executor = Executor(Implementation("spoils", spoils))
    found = run_cases(executor, [case.with_values("whole", n) for n in range(8)], lambda n: None)
    assert [r.finding.kind for r in found] == ["mutated input"] * 8


@given(cases(replace(SPACE, dims=(1, 2))))
def test_the_most_terms_are_those_of_the_fullest_cell(case):
    geometry = case.geometry()
    plan = Plan(geometry)
    for name, grouped in (
        ("output", by_output),
        ("grad_input", by_input),
        ("grad_weight", by_weight),
    ):
        most = max((len(met) for met in grouped(geometry).values()), default=0)
        assert plan.terms[name] == most


HOSTILE = [
    {},
    {"schema": "symconv-case/1"},
    {"size": [10**9]},
    {"size": "3"},
    {"size": [1, 1, 1, 1]},
    {"kernel_size": [1, 2, 3, 4]},
    {"kernel_size": []},
    {"groups": 0},
    {"groups": True},
    {"dtype": "float8"},
    {"x_layout": ["contiguous"]},
    {"switches": {"magic": True}},
    {"values": {"x": "abc"}},
    {"values": {"x": [10**400]}},
    {"values": {"x": [[1, 2, 3]]}},
    {"seed": -1},
    {"bias": 1},
    {"extra": 1},
]


@pytest.mark.parametrize("change", HOSTILE, ids=str)
def test_hostile_cases_are_refused(change):
    good = first()[0].to_json()
    data = {**good, **change} if change and "schema" not in change else change
    with pytest.raises(ParseError):
        from_json(data)


def run(*arguments):
    return CliRunner().invoke(app, ["fuzz", *map(str, arguments)])


def test_a_campaign_over_torch_finds_nothing(tmp_path):
    done = run("torch", "--cases", 200, "--seed", 3, "--store", tmp_path, "--workers", 1, "--json")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["verdict"], found["findings"]) == (0, "holds", [])
    assert found["cases"] == 200 and found["corners"]["output_padding > 0"] > 0


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    folder = tmp_path_factory.mktemp("broken")
    done = run(
        "docs.examples.broken:second", "--cases", 600, "--seed", 1, "--store", folder, "--json"
    )
    return done, json.loads(done.stdout), folder


def test_a_broken_kernel_is_found_shrunk_and_named(broken):
    done, record, _ = broken
    assert done.exit_code == 1
    best = record["findings"][0]
    assert best["cause"].startswith("output_padding adds zeros")
    assert max(best["case"]["size"] + best["case"]["kernel_size"]) <= 4
    assert best["reproduced"] == "3 of 3"


def test_the_snippet_reproduces_it_in_plain_torch(broken, monkeypatch):
    _, record, _ = broken
    finding = record["findings"][0]
    monkeypatch.chdir(Path(__file__).parents[2])
    printed = []
    exec(finding["snippet"], {"print": printed.append})
    exact = json.loads(finding["snippet"].rpartition("# exact: ")[2])
    assert printed[0] != exact and len(printed[0]) == len(exact)


def test_replay_shows_it_again(broken):
    _, record, folder = broken
    path = folder / f"case-{record['findings'][0]['id']}.json"
    done = CliRunner().invoke(app, ["replay", str(path)])
    assert done.exit_code == 1 and "REFUTED in 1 of 1 runs: value" in done.stdout
    other = CliRunner().invoke(app, ["replay", str(path), "--target", "torch", "--json"])
    assert other.exit_code == 0 and json.loads(other.stdout)["shown"] == 0


def test_other_formats(broken, tmp_path):
    _, record, folder = broken
    arguments = [
        "docs.examples.broken:second",
        "--cases",
        600,
        "--seed",
        1,
        "--store",
        folder,
        "--resume",
    ]
    junit = run(*arguments, "--format", "junit")
    assert f'failures="{len(record["findings"])}"' in junit.stdout
    emitted = run(*arguments, "--emit", "pytest", "-o", tmp_path / "test_emitted.py")
    assert emitted.exit_code == 1
    names = [
        line
        for line in (tmp_path / "test_emitted.py").read_text().splitlines()
        if line.startswith("def test_")
    ]
    assert len(names) == len(record["findings"])
    pytest_run = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        str(tmp_path / "test_emitted.py"),
    ]
    root = Path(__file__).parents[2]
    done = subprocess.run(pytest_run, cwd=root, capture_output=True, text=True)
    assert f"{len(names)} failed" in done.stdout
    mended = (
        (tmp_path / "test_emitted.py")
        .read_text()
        .replace("broken import second", "broken import _right as second")
    )
    (tmp_path / "test_emitted.py").write_text(mended)
    done = subprocess.run(pytest_run, cwd=root, capture_output=True, text=True)
    assert f"{len(names)} passed" in done.stdout
    known = tmp_path / "known.txt"
    known.write_text("# ours\n" + "\n".join(f["signature"] for f in record["findings"]) + "\n")
    quiet = run(*arguments, "--known", known)
    assert (
        quiet.exit_code == 0 and "Known: value | mistake: output_padding adds zeros" in quiet.stdout
    )


def test_what_torch_must_refuse_it_refuses(tmp_path):
    done = run("torch", "--accept", "--cases", 300, "--dtypes", "float64", "--store", tmp_path)
    assert done.exit_code == 0, done.stdout


def test_bad_options(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / "campaign.db").write_bytes(b"no store" * 100)
    for arguments, message in (
        (["--device", "gpu"], "choose from cpu, cuda, meta"),
        (["--dtypes", "float8"], "--dtypes 'float8'"),
        (["--dims", "4"], "1, 2, 3, or several"),
        (["--known", "nowhere"], "cannot be read"),
        (["--resume"], "there is no campaign in"),
        (["--store", damaged], "cannot be used"),
    ):
        done = run("torch", *arguments)
        assert done.exit_code == 2 and message in done.stderr, arguments
    assert run("nomodule:f", "--cases", 10).exit_code == 2
    missing = CliRunner().invoke(app, ["replay", "nothing.json"])
    assert missing.exit_code == 2 and "cannot be read" in missing.stderr
    (tmp_path / "empty.json").write_text("{}")
    assert "is not a finding" in CliRunner().invoke(app, ["replay", "empty.json"]).stderr
    if not torch.cuda.is_available():
        assert run("torch", "--device", "cuda").exit_code == 3


@settings(max_examples=20)
@given(st.integers(0, 10**6))
def test_a_flipped_bit_in_a_store_is_never_silent(seed):
    import tempfile

    from symconv.campaign.finding import Finding, at
    from symconv.campaign.supervisor import Progress
    from symconv.campaign.worker import Work

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = Store(folder)
        store.start(Work("torch"), False)
        case = Case((2,), (2,), (1,), (0,), (0,), (1,))
        finding = at(
            Finding("value", case, stated("wrong"), where="y[0]", expected="1", actual="2"), 0, 0
        )
        store.add(Progress(0, 64, (finding,), {}, {}))
        store.close()
        data = bytearray((folder / "campaign.db").read_bytes())
        chance = random.Random(seed)
        for _ in range(50):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        (folder / "campaign.db").write_bytes(bytes(data))
        try:
            again = Store(folder)
            again.start(Work("torch"), True)
            assert again.findings() == [finding]
            again.close()
        except ParseError:
            pass


def test_a_timed_campaign_starts_on_letters(tmp_path, monkeypatch):
    from symconv.campaign import fuzz

    on_letters = sweep.first_stage
    # so that the stage ends on a slow machine too
    monkeypatch.setattr(sweep, "MOST_SECONDS", 600)
    monkeypatch.setattr(fuzz, "first_stage", lambda *given: on_letters(*given[:-1], 600))
    done = run(
        "docs.examples.broken:second",
        "--seconds",
        4,
        "--store",
        tmp_path / "a",
        "--workers",
        1,
        "--json",
    )
    stage = json.loads(done.stdout)["symbolic"]
    assert done.exit_code == 1 and stage["refuted"] > 0 and "missing" in stage["cause"]
    right = on_letters("docs.examples.fold:f", "torch", (2,), 0, 600)
    assert "Followed on symbols first: 24 of 24 shapes are identical" in sweep.sentence(right)
    counted = run("docs.examples.fold:f", "--cases", 64, "--store", tmp_path / "c", "--json")
    assert json.loads(counted.stdout)["symbolic"] is None


def test_a_death_is_pasted_with_the_pass_that_it_may_have_come_from():
    case = Case((1, 2), (1, 2), (1, 1), (0, 0), (0, 0), (1, 1), dtype="bfloat16")
    told = snippet("torch", "torch", Finding("crash", case))
    assert "torch.set_num_threads(1)\n" in told and "t.requires_grad_()" in told
    assert told.splitlines()[-1] == "y.backward(g)"
    exec(compile(told, "snippet", "exec"), {})
    forward = snippet("torch", "torch", Finding("crash", replace(case, gradients=False)))
    assert "backward" not in forward
    value = snippet("torch", "torch", Finding("value", case))
    assert "backward" not in value
    assert "torch.set_num_threads(1)\n" in value, "which of torch's kernels run depends on it"
    own = snippet("docs.examples.broken:second", "torch", Finding("value", case))
    assert "set_num_threads" not in own


def test_the_innermost_frame_is_told_even_in_a_folder_of_our_name():
    ours = Path(endings.__file__).parent / "worker.py"
    told = (
        "Fatal Python error: Segmentation fault\n\nCurrent thread 0x1 (most recent call first):\n"
        f'  File "{ours}", line 1 in call\n'
        '  File "/home/me/symconv/.venv/torch/autograd/graph.py", line 9 in _engine_run_backward\n'
        '  File "<frozen runpy>", line 88 in _run_code\n'
    )
    assert endings.frame(told).startswith('File "/home/me/symconv/.venv/torch/autograd/graph.py"')


def test_every_raw_finding_is_counted_in_the_table(tmp_path):
    done = run(
        "docs.examples.broken:second",
        "--cases",
        1500,
        "--seed",
        1,
        "--store",
        tmp_path / "store",
        "--format",
        "json",
    )
    record = json.loads(done.stdout)
    assert done.exit_code == 1
    assert sum(f["alike"] for f in record["findings"]) == record["raw"] > 100


def test_no_real_case_of_torch_itself_needs_the_ladder(monkeypatch):
    executor = Executor(load_target("torch"))
    monkeypatch.setattr(executor, "judged", lambda case, *rest: pytest.fail(str(case)))
    for batch in range(200):
        cases = first(batch, Space(switches=()))
        drawn = [(cases[n - 1], case) for n, case in enumerate(cases) if case.pattern == "normal"]
        for before, case in drawn:
            assert executor.run(case).finding is None
            pair = run_cases(executor, [before, case], lambda n: None)
            assert [r.finding for r in pair] == [None, None]
    executor.close()


@pytest.mark.parametrize("pattern", ["normal", "small", "subnormal", "special"])
def test_a_fault_of_reals_alone_is_seen_among_draws_of_whole_numbers(pattern):
    """The last draw of a configuration may have real values and is judged as it would be alone."""

    def spoiled(x, w, bias=None, **steps):
        y = kernels.right(x, w, bias, **steps)
        return y if bool((x == x.round()).all() and x.isfinite().all()) else y + 1

    case = Case(
        (3, 3),
        (2, 2),
        (2, 1),
        (1, 0),
        (1, 0),
        (1, 1),
        in_channels=2,
        out_channels=2,
        batch=2,
        bias=True,
    )
    draws = [case.with_values("whole", 0), case.with_values(pattern, 1)]
    for target, wrong in ((spoiled, True), (kernels.right, False)):
        executor = Executor(Implementation("spoiled", target))
        together = run_cases(executor, draws, lambda n: None)
        assert together[0].outcome == "exact"
        assert (together[1].finding is not None) is wrong
        assert together == [executor.run(draw) for draw in draws]


def test_backends_come_back_and_are_moved_only_where_they_differ():
    before = torch.backends.mkldnn.enabled
    state = Backends()
    state.set({"mkldnn": not before})
    assert torch.backends.mkldnn.enabled is not before
    state.set({})
    assert torch.backends.mkldnn.enabled is before
    state.set({"mkldnn": not before, "deterministic": True})
    assert torch.backends.cudnn.deterministic
    state.restore()
    assert torch.backends.mkldnn.enabled is before
    assert not torch.backends.cudnn.deterministic


def test_what_is_off_by_more_than_the_sharpest_bound_goes_to_the_ladder():
    case = Case((3, 3), (1, 1), (2, 2), (0, 0), (0, 0), (1, 1), pattern="normal", gradients=False)
    plan = Plan(case.geometry())
    executor = Executor(load_target("torch"))
    values = operands(case, plan)
    exact = plan.results(values["x"], values["w"], None, None)["output"]
    for off, agrees in ((0.0, True), (2.0**-21, False)):
        seen = Observed({"output": (exact * (1 + off)).astype(np.float32)})
        assert executor._agrees(case, plan, values, seen) is agrees


def test_a_trace_of_inf_that_is_lost_in_a_gradient_is_told_of_that_gradient():
    class Lost(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.clone()

        @staticmethod
        def backward(ctx, grad):
            return torch.nan_to_num(grad, posinf=0.0, neginf=0.0)

    def target(x, w, bias=None, **steps):
        return kernels.right(Lost.apply(x), w, bias, **steps)

    case = Case((3, 3), (2, 2), (1, 1), (0, 0), (0, 0), (1, 1), in_channels=2, out_channels=2)
    found = Executor(Implementation("lost", target)).run(case.with_values("special", 0)).finding
    assert found.kind == "non-finite"
    assert found.result == "grad_input"
    assert not grids(found), "legitimate infs would be marked as wrong"
    assert cause_of(found, lambda case: None) == found.reasons
    told = snippet("torch", "torch", found).splitlines()
    assert told[-2] == "y.backward(g)"
    assert told[-1].startswith("print(x.grad.flatten().tolist())  # grad_x[")
    assert told[-1].endswith(f" must be {found.expected}")
    places = [
        replace(
            found,
            diagnosis=(
                because(ReasonKind.NONFINITE_LOST, wrong=n, cells=9, where=f"y{p}", lenient=False),
            ),
        )
        for n, p in ((1, "[0, 1, 2]"), (3, "[0, 1, 2, 0]"))
    ]
    assert len({signature(f) for f in places}) == 1


@pytest.mark.parametrize("address", ["nonsense", "tcp://", "tcp://host", "host:name", ""])
def test_what_is_no_address_of_a_scheduler_is_refused_at_once(address, tmp_path):
    done = run(
        "docs.examples.broken:second", "--cases", 8, "--store", tmp_path, "--scheduler", address
    )
    assert done.exit_code == 2
    assert "tcp://127.0.0.1:8786" in done.stderr
