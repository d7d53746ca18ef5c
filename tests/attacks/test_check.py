"""Attacks on the verdicts of `symconv check` and on what it prints."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from symconv.cli.app import app
from symconv.exact.deciding import decide
from symconv.judging.judgement import Standard
from symconv.judging.truths import truths
from symconv.targets.engine import Implementation

ROOT = Path(__file__).parents[2]
HERE = "tests.attacks.kernels"
ONE = ["--input-size", "3x3", "--kernel-size", "2x2"]


def check(name, *arguments):
    target = name if ":" in name or name == "torch" else f"{HERE}:{name}"
    return CliRunner().invoke(app, ["check", target, *map(str, arguments)])


def record(name, *arguments):
    done = check(name, *arguments, "--json")
    return done.exit_code, json.loads(done.stdout)


@pytest.mark.parametrize("name", ["in_numpy", "detached", "rounded_forward", "refuses_gradients"])
def test_a_right_kernel_without_a_backward_pass_is_judged_forward(name):
    done = check(name)
    assert done.exit_code == 0, done.output
    assert "no backward pass: gradients were not judged" in " ".join(done.stdout.split())


@pytest.mark.parametrize("name", ["in_numpy", "detached", "rounded_forward"])
def test_with_gradients_asked_for_it_is_refuted_for_that(name):
    code, found = record(name, *ONE, "--gradients")
    assert code == 1
    assert {f["kind"] for f in found["findings"]} == {"requires_grad"}


def test_a_declined_backward_pass_is_not_supported_where_it_is_declined():
    code, found = record("declines_dilated_gradients")
    assert code == 0
    assert found["counts"]["unsupported"] and found["passes"] == "forward and backward"


def test_the_first_case_does_not_decide_whether_there_is_a_backward_pass():
    code, found = record("wrong_but_for_one_tap", "--by", "numbers")
    assert code == 1
    assert {f["kind"] for f in found["findings"] if f["verdict"] == "refuted"} >= {"grad_input"}


def test_memory_that_cannot_be_had_is_undecided():
    code, found = record("out_of_mappings", *ONE)
    assert code == 3 and not found["counts"]["refuted"]


def test_what_a_target_prints_is_no_part_of_the_answer():
    done = subprocess.run(
        [sys.executable, "-m", "symconv", "check", f"{HERE}:talks", *ONE, "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert json.loads(done.stdout)["verdict"] == "holds" and "hello" in done.stderr


def started(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "symconv", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("name, how", [("exits_in_c", "exit code 0"), ("faults_in_c", "SIGSEGV")])
@pytest.mark.parametrize("by", ["numbers", "symbolic"])
def test_a_target_that_ends_the_process_in_c_decides_nothing(name, how, by):
    check = started("check", f"{HERE}:{name}", *ONE, "--by", by)
    stdout, stderr = check.communicate()
    assert check.returncode == 3 and not stdout
    assert how in stderr and "nothing is decided" in stderr and "Traceback" not in stderr


def test_a_pair_that_ends_the_process_in_c_decides_nothing():
    prove = started("prove", "--at", "tests/attacks/kernels.py:pair")
    stdout, stderr = prove.communicate()
    assert prove.returncode == 3 and not stdout and "nothing is decided" in stderr


def test_what_a_target_prints_in_c_is_no_part_of_the_answer():
    check = started("check", f"{HERE}:talks_in_c", *ONE, "--by", "numbers", "--json")
    stdout, stderr = check.communicate()
    assert json.loads(stdout)["verdict"] == "holds" and "hello from C" in stderr
    assert check.returncode == 0


@pytest.mark.parametrize("number, code", [(signal.SIGTERM, -signal.SIGTERM), (signal.SIGINT, 3)])
def test_a_signal_reaches_the_target(number, code):
    check = started("check", f"{HERE}:waits", *ONE, "--by", "numbers")
    while "waiting" not in check.stderr.readline():
        assert check.poll() is None
    check.send_signal(number)
    assert check.wait() == code


def test_a_broken_backward_pass_is_no_missing_one():
    code, found = record("broken_backward", *ONE)
    assert code == 1
    raised = found["findings"][0]
    assert raised["kind"] == "backward"
    assert raised["message"].splitlines()[-1] == "and a last one"


def test_a_declined_configuration_is_neither_right_nor_wrong():
    code, found = record("one_group")
    assert code == 0
    assert found["counts"]["unsupported"] > 0 and found["counts"]["refuted"] == 0
    assert "every case that was decided" in found["evidence"]["statement"]


def test_a_kernel_that_supports_nothing_is_undecided():
    code, found = record("supports_nothing", *ONE)
    assert code == 3 and found["verdict"] == "undecided"


@pytest.mark.parametrize("arguments", [("unusable",), ("on_paper",), ("Unusable",), ("torch",)])
def test_what_cannot_be_called_is_wrong_usage(arguments):
    name, *rest = arguments
    if name == "torch":  # legal, to show that the parametrisation above can pass
        assert check(name, *ONE).exit_code == 0
        return
    done = check(name, *rest)
    assert done.exit_code == 2, done.output
    assert "cannot be called with --call" in done.stderr and "--call module:" in done.stderr


@pytest.mark.parametrize("name", ["exits", "exits_at_once", "raises_its_own"])
@pytest.mark.parametrize("by", [(), ("--by", "symbolic"), ("--by", "decode")])
def test_no_target_ends_the_process_without_a_verdict(name, by):
    done = subprocess.run(
        [sys.executable, "-m", "symconv", "check", f"{HERE}:{name}", *ONE, *by],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode in (1, 3)
    assert "Traceback" not in done.stderr
    assert "REFUTED" in done.stdout or "undecided" in (done.stdout + done.stderr).lower()


@pytest.mark.parametrize("line", ["import sys; sys.exit(0)", "import os; os._exit(0)"])
def test_a_module_that_exits_while_it_is_imported_is_told(tmp_path, line):
    (tmp_path / "leaves.py").write_text(f"{line}\n")
    done = subprocess.run(
        [sys.executable, "-m", "symconv", "check", "leaves:f"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2 and "cannot be imported: SystemExit" in done.stderr


def test_a_wrong_finite_value_is_no_overflow():
    """Products of 6e4 and -6e4 may overflow, but that cannot give 12344."""
    arguments = ["--x", "[[40000,40000]]", "--k", "[[1,-1]]", "--dtype", "float16"]
    wrong = Implementation("wrong", lambda *a, **k: torch.full((1, 1, 1, 3), 12344.0).half())
    from symconv.judging.data import problem_from

    steps = {"stride": 1, "padding": 0, "output_padding": 0, "dilation": 1}
    x, w = (
        torch.tensor(v, dtype=torch.float64).numpy()[None, None]
        for v in ([[40000, 40000]], [[1, -1]])
    )
    problem = problem_from({"x": x, "w": w}, "float16", groups=1, steps=steps, dims=2, seed=0)
    truth = truths(problem)["output"]
    for model in Standard().models("float16"):
        actual = wrong.call().numpy()[None]
        decision = decide(truth, actual, model.bound, "float16")
        assert decision.beyond.all() and not decision.left_out.any()
    assert check("saturates", *arguments).exit_code == 0, "there is nothing to saturate"


def test_the_simplest_counterexample_comes_first_and_others_are_counted():
    done = check("without_a_tap")
    assert done.exit_code == 1
    told = " ".join(done.stdout.split())
    assert re.search(r"output, replica rung: 1x1 kernel, integers", told)
    assert re.search(r"Also in \d+ other cases", told)
    _, found = record("without_a_tap")
    refuted = [f for f in found["findings"] if f["verdict"] == "refuted"]
    sizes = [f["snippet"].count(",") for f in refuted if f["snippet"]]
    assert sizes[0] == min(sizes)


def test_an_exception_is_kept_whole():
    code, found = record("three_lines")
    raised = next(f for f in found["findings"] if f["kind"] == "exception")
    assert code == 1
    assert raised["message"] == "the first line\nthe middle\nthe last line"
    assert raised["frame"].endswith("in three_lines")
    told = " ".join(check("three_lines").stdout.split())
    assert "the first line ... the last line" in told and "in three_lines." in told


def test_lazy_conjugation_of_a_result_is_no_fault():
    assert check("lazily_conjugated", *ONE, "--dtype", "complex64").exit_code == 0


def test_counts_add_up_and_exact_is_said_only_of_exact_results():
    _, found = record("right")
    assert sum(found["counts"].values()) == found["cases"]
    assert "exact results" in found["evidence"]["statement"]
    assert "consistent with" in found["evidence"]["statement"]
    data = ["--x", "[[1,2],[3,4]]", "--k", "[[1,2],[3,4]]"]
    code, one = record("right", *data, "--no-gradients")
    assert code == 0 and one["cases"] == 1


def test_a_layer_class_takes_values_without_a_batch_axis():
    assert check("Layer", "--x", "[[1,2],[3,4]]", "--k", "[[1,2],[3,4]]").exit_code == 0


def test_compiled_programs_are_not_followed():
    done = check("right", "--by", "symbolic", "--compile")
    assert done.exit_code == 2 and "leave --compile out" in done.stderr


WRONG = {
    "without_a_tap": (),
    "wrong_gradient": (),
    "changes_its_input": (),
    "short": (),
    "in_double": (),
    "as_array": (),
    "three_lines": ("--input-size", "2x2", "--kernel-size", "2x2"),
    "broken_backward": (),
    "detached": ("--gradients",),
    "WrongLayer": (),
    "wrong_on_paper": ("--call", "paper"),
    "rounded_forward": ("--gradients", "--bias"),
    "without_a_tap/layouts": ("--layout", "x=channels_last,w=strided,grad_output=transposed"),
    "wrong_gradient/layouts": ("--layout", "transposed"),
    "without_a_tap/bfloat16": ("--dtype", "bfloat16"),
    "wrong_gradient/complex64": ("--dtype", "complex64"),
    "without_a_tap/off": ("--backend", "mkldnn=off"),
    "without_a_tap/compile": ("--compile", "--no-gradients"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_printed_snippet_shows_the_fault_in_a_fresh_process(case):
    arguments = WRONG[case]
    given = arguments if {"--input-size", "--call"} & {*arguments} else (*ONE, *arguments)
    code, found = record(case.partition("/")[0], *given)
    assert code == 1, found
    shown = next(f for f in found["findings"] if f["verdict"] == "refuted")
    assert shown["snippet"]
    done = subprocess.run(
        [sys.executable, "-c", shown["snippet"]], cwd=ROOT, capture_output=True, text=True
    )
    printed = done.stdout.strip()
    if shown["worst"] is not None:
        wanted = shown["worst"]["actual"]
        exact = shown["snippet"].rpartition("# exact: ")[2]
        assert float(printed) == float(wanted.replace("np.float64(", "").rstrip(")"))
        assert float(printed) != float(exact)
    elif shown["message"]:
        assert done.returncode != 0 and shown["message"].splitlines()[-1] in done.stderr
    else:
        size = printed if "torch.Size(" in printed else "a size"
        cut_off = "[False, False]" if "rounded" in case else "False"
        expected = {
            "mutated input": "False",
            "shape": size,
            "dtype": "torch.float64",
            "return type": "<class 'numpy.ndarray'>",
            "requires_grad": cut_off,
        }
        assert printed == expected[shown["kind"]]


@pytest.mark.parametrize(
    "name", ["clips_the_weight", "scales_the_input", "reshapes_the_bias", "transposes_the_input"]
)
@pytest.mark.parametrize("verb", ["check", "fuzz"])
def test_an_input_that_is_moved_or_reshaped_is_told(name, verb, tmp_path):
    """`.data = ...` and `transpose_()` change no number in the memory that was passed."""
    more = ["--cases", "128", "--store", str(tmp_path)] if verb == "fuzz" else []
    done = CliRunner().invoke(app, [verb, f"{HERE}:{name}", "--no-gradients", "--json", *more])
    assert done.exit_code == 1
    assert {f["kind"] for f in json.loads(done.stdout)["findings"]} >= {"mutated input"}


def test_denormals_are_numbers_while_results_are_judged():
    check = started("check", f"{HERE}:flushes_denormals", "--by", "numbers", "--json")
    found = json.loads(check.communicate()[0])
    assert check.returncode == 3 and found["counts"]["undecided"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--stride", 5),
        ("--layers", "small", "--padding", 1),
        ("--bias",),
        ("--groups", 2),
        ("--in-channels", 7),
        ("--by", "symbolic", "--stride", 5),
        ("--batch", 2),
        ("--x", "[[1]]", "--k", "[[1]]", "--bias"),
        ("--x", "[[1]]", "--k", "[[1]]", "--batch", 5),
        ("--x", "[[1]]", "--k", "[[1]]", "--no-gradients", "--grad-output", "[[1]]"),
        ("--call", "paper", "--dims", 3),
        ("--call", "paper", "--bias"),
        ("--by", "symbolic", "--model", "fast"),
    ],
)
def test_options_that_would_not_be_heeded_are_refused(arguments):
    done = check("torch", *arguments)
    assert done.exit_code == 2, done.output


def compiled(name, **environment):
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "symconv",
            "check",
            f"{HERE}:{name}",
            *ONE,
            "--compile",
            "--no-gradients",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=os.environ | environment,
    )


def test_what_was_not_compiled_is_undecided():
    assert compiled("wrong_where_compiled").returncode == 1
    done = compiled("wrong_where_compiled", TORCHDYNAMO_DISABLE="1")
    assert done.returncode == 3 and "compiled nothing" in done.stderr


def test_a_compiler_that_is_missing_refutes_nothing(tmp_path):
    nowhere = {"CXX": "/nonexistent/g++", "TORCHINDUCTOR_CACHE_DIR": str(tmp_path)}
    done = compiled("wrong_where_compiled", **nowhere)
    assert done.returncode == 3 and "No working C++ compiler" in done.stderr


def test_a_function_of_other_axes_is_not_refuted():
    done = check("torch.nn.functional:conv_transpose1d")
    assert done.exit_code == 2 and "Use --dims 1" in done.stderr
    assert check("torch.nn.functional:conv_transpose1d", "--dims", 1).exit_code == 0
