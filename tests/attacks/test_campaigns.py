"""Attacks on the headlines of campaigns, on what counts as a fault, and on replays."""

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from symconv.campaign import campaign
from symconv.campaign.case import Case
from symconv.campaign.endings import ending
from symconv.campaign.finding import Finding, contains, finding_from_json
from symconv.results.reasons import ReasonKind, because, stated
from symconv.targets.fault_kinds import ENDED, FULL

ROOT = Path(__file__).parents[2]
HERE = "tests.attacks.kernels"
PLAIN = Case((2, 2), (2, 2), (1, 1), (0, 0), (0, 0), (1, 1), gradients=False)


def symconv(*arguments, **environment):
    import os

    return subprocess.run(
        [sys.executable, "-m", "symconv", *map(str, arguments)],
        cwd=ROOT,
        text=True,
        capture_output=True,
        env={**os.environ, **environment},
    )


def fuzz(name, store, *arguments, cases=192, **environment):
    target = name if ":" in name or name == "torch" else f"{HERE}:{name}"
    return symconv(
        "fuzz",
        target,
        "--cases",
        cases,
        "--seed",
        1,
        "--workers",
        2,
        "--store",
        store,
        *arguments,
        **environment,
    )


def record(name, store, *arguments, **options):
    done = fuzz(name, store, *arguments, "--json", **options)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_the_cases_of_a_fast_algorithm_are_undecided_and_said_to_be(tmp_path):
    code, found = record("by_fourier", tmp_path)
    counts = found["counts"]
    assert code == 0 and counts["undecided"] > 0 and counts["refuted"] == 0
    assert sum(counts.values()) == found["cases"] == 192
    assert "gives the exact results" not in found["evidence"]["statement"]
    assert any("fast algorithm" in reason for reason in found["reasons"])
    done = fuzz("by_fourier", tmp_path, "--fail-on", "undecided")
    assert done.returncode == 3
    assert f"{counts['undecided']:,} undecided" in " ".join(done.stdout.split())


def test_exact_is_said_where_every_case_is(tmp_path):
    code, found = record("right", tmp_path, "--dtypes", "int64")
    assert code == 0 and found["counts"]["exact"] == found["cases"]
    assert found["evidence"]["statement"].endswith("gives the exact results on every case drawn")


def test_meta_speaks_of_shapes_only(tmp_path):
    code, found = record("right", tmp_path, "--device", "meta")
    assert code == 0
    assert "the shapes of the size law" in found["evidence"]["statement"]


@pytest.mark.parametrize(
    "name",
    [
        "in_numpy",
        "detached",
        "rounded_forward",
        "refuses_gradients",
        "forward_without_bias",
        "with_a_buffer",
    ],
)
def test_without_a_backward_pass_the_campaign_is_forward_and_says_so(name, tmp_path):
    code, found = record(name, tmp_path)
    assert code == 0, found["findings"]
    assert "no backward pass: gradients were not judged" in found["evidence"]["domain"]


def test_a_declined_backward_pass_is_not_supported_where_it_is_declined(tmp_path):
    code, found = record("declines_dilated_gradients", tmp_path)
    assert code == 0 and found["counts"]["unsupported"] and found["passes"].endswith("backward")


def test_memory_that_cannot_be_had_is_undecided(tmp_path):
    code, found = record("out_of_mappings", tmp_path, cases=16)
    assert code == 3 and not found["counts"]["refuted"]


def test_with_gradients_asked_for_the_missing_pass_is_the_finding(tmp_path):
    code, found = record("detached", tmp_path, "--gradients", cases=64)
    assert code == 1 and {f["kind"] for f in found["findings"]} == {"requires_grad"}


def test_declined_cases_are_counted_and_refute_nothing(tmp_path):
    code, found = record("one_group", tmp_path)
    assert code == 0 and found["counts"]["unsupported"] > 0
    assert any("NotImplementedError: groups=" in reason for reason in found["reasons"])
    code, found = record("supports_nothing", tmp_path)
    assert code == 3 and found["verdict"] == "undecided"


@pytest.mark.parametrize("arguments", [("unusable",), ("on_paper",), ("Unusable",)])
def test_what_cannot_be_called_is_wrong_usage(arguments, tmp_path):
    done = fuzz(*arguments, tmp_path)
    assert done.returncode == 2 and "cannot be called with --call" in done.stderr


def test_a_function_on_paper_is_asked_what_it_can_be_asked(tmp_path):
    assert fuzz("on_paper", tmp_path, "--call", "paper").returncode == 0
    code, found = record("wrong_on_paper", tmp_path, "--call", "paper")
    assert code == 1
    assert all(f["case"]["stride"] == [1, 1] for f in found["findings"])


def test_shrinking_stays_among_the_axes_that_were_asked_for(tmp_path):
    _, found = record("without_a_tap", tmp_path, "--dims", "2")
    assert all(len(f["case"]["size"]) == 2 for f in found["findings"])


@pytest.mark.parametrize("name", ["killed_once", "ended_once", "crashed_once"])
def test_a_death_that_does_not_come_again_is_undecided(name, tmp_path):
    code, found = record(name, tmp_path / "s", SYMCONV_TEST_MARK=str(tmp_path / "mark"))
    assert code == 3, found
    (only,) = found["findings"]
    assert only["kind"] == ENDED and only["verdict"] == "undecided"
    assert found["counts"]["undecided"] == 1 and found["counts"]["refuted"] == 0


def test_a_slow_moment_is_no_hang(tmp_path):
    code, found = record(
        "slow_once", tmp_path / "s", "--case-seconds", 2, SYMCONV_TEST_MARK=str(tmp_path / "mark")
    )
    assert code == 0 and not found["findings"]
    assert sum(found["counts"].values()) == found["cases"]


def test_a_limit_of_memory_is_named_and_refutes_nothing(tmp_path):
    code, found = record("hungry", tmp_path, "--case-memory", "128M", cases=16)
    assert code == 3
    assert {f["kind"] for f in found["findings"]} == {FULL}
    assert "0.125 GiB" in found["findings"][0]["cause"]
    assert fuzz("hungry", tmp_path / "more", cases=16).returncode == 0


def test_a_real_crash_stays_refuted(tmp_path):
    code, found = record("segfaults", tmp_path, cases=64)
    assert code == 1
    assert found["findings"][0]["kind"] == "crash"
    done = subprocess.run([sys.executable, "-c", found["findings"][0]["snippet"]], cwd=ROOT)
    assert done.returncode == -11


@pytest.mark.parametrize(
    ("code", "killed", "told", "kind"),
    [
        (-9, "", "", ENDED),
        (-15, "", "", ENDED),
        (-1, "", "", ENDED),
        (-24, "", "", ENDED),
        (1, "", "libgomp: Thread creation failed: no", ENDED),
        (1, "", "bad_alloc", FULL),
        (-9, "hang", "", "hang"),
        (-11, "", "", "crash"),
        (-6, "", "", "crash"),
        (3, "", "", "exit"),
    ],
)
def test_signals_and_limits_from_outside_are_told_from_faults(code, killed, told, kind):
    assert ending(code, killed, told)[0] == kind
    assert Finding(kind, PLAIN).refutes is (kind in ("hang", "crash", "exit"))


def test_known_findings_are_counted_as_known(tmp_path):
    code, found = record("three_lines", tmp_path / "a", "--no-gradients")
    assert code == 1
    signatures = "\n".join(f["signature"] for f in found["findings"])
    (tmp_path / "known.txt").write_text(signatures)
    code, again = record(
        "three_lines", tmp_path / "b", "--no-gradients", "--known", tmp_path / "known.txt"
    )
    assert code == 0 and again["counts"]["refuted"] == 0
    assert again["counts"]["known"] == found["counts"]["refuted"] > 0
    assert "apart from known findings" in again["evidence"]["statement"]


def test_an_exception_is_kept_whole(tmp_path):
    _, found = record("three_lines", tmp_path, "--no-gradients")
    (raised,) = [f for f in found["findings"] if f["kind"] == "exception"]
    assert raised["message"] == "the first line\nthe middle\nthe last line"
    assert raised["frame"].endswith("in three_lines")


def test_junit_carries_the_counts_and_what_is_undecided(tmp_path):
    done = fuzz("by_fourier", tmp_path, "--format", "junit", "--device", "cpu,meta")
    suites = ET.fromstring(done.stdout).findall("testsuite")
    assert len(suites) == 2
    counts = {p.get("name"): int(p.get("value")) for p in suites[0].iter("property")}
    assert counts["undecided"] > 0 and sum(counts.values()) == 192


@pytest.mark.parametrize(
    "name",
    [
        "without_a_tap",
        "wrong_gradient",
        "changes_its_input",
        "short",
        "in_double",
        "as_array",
        "three_lines",
        "broken_backward",
        "exits",
        "WrongLayer",
        "segfaults",
    ],
)
def test_emitted_tests_fail_on_the_target_and_pass_on_a_right_one(name, tmp_path):
    done = fuzz(name, tmp_path / "s", "--emit", "pytest", "-o", tmp_path / "test_it.py", cases=64)
    assert done.returncode == 1, done.stderr
    text = (tmp_path / "test_it.py").read_text()
    assert text.count("def test_")
    right = "Layer" if name == "WrongLayer" else "right"
    for content, passes in (
        (text, False),
        (text.replace(f"import {name}", f"import {right} as {name}"), True),
    ):
        (tmp_path / "test_it.py").write_text(content)
        ran = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-p",
                "no:cacheprovider",
                "-p",
                "no:randomly",
                "--rootdir",
                tmp_path,
                tmp_path / "test_it.py",
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        last = ran.stdout.strip().splitlines()[-1]
        assert ("failed" not in last) if passes else ("passed" not in last), ran.stdout


DAMAGED = {
    "too few values": {"values": {"x": [1, 2, 3], "w": [1, 0, 0, 0]}},
    "a pair in a real dtype": {"values": {"x": [[1, 2], 2, 3, 4], "w": [1, 0, 0, 0]}},
    "not in the dtype": {"values": {"x": [0.1, 2, 3, 4], "w": [1, 0, 0, 0]}},
    "above float16": {"dtype": "float16", "values": {"x": [100000, 0, 0, 0], "w": [1, 0, 0, 0]}},
    "huge": {"size": [900000, 900000]},
    "large": {"size": [30000, 30000]},
    "uneven rows of an expanded operand": {
        "x_layout": "expanded",
        "batch": 2,
        "values": {"x": [1, 2, 3, 4, 5, 6, 7, 8], "w": [1, 0, 0, 0]},
    },
    "int64 with gradients": {"dtype": "int64", "gradients": True},
    "int64 with inf": {"dtype": "int64", "pattern": "special"},
    "int64 beyond exact sums": {
        "dtype": "int64",
        "values": {"x": [2**53 - 1] * 4, "w": [2**53 - 1] * 4},
    },
    "inf in int64": {"dtype": "int64", "values": {"x": ["inf", 0, 0, 0], "w": [1, 0, 0, 0]}},
    "no size": {"size": [0, 2]},
    "a negative stride": {"stride": [-1, 1]},
    "all cropped": {"padding": [9, 9]},
    "groups that do not divide": {"groups": 3},
    "a value of nothing": {"values": {"x": [1, 2, 3, 4], "w": [1, 0, 0, 0], "bias": [1]}},
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_case_is_no_verdict_on_the_target(damage, tmp_path):
    case = PLAIN.to_json() | DAMAGED[damage]
    path = tmp_path / "case.json"
    path.write_text(json.dumps({"case": case, "target": "torch"}))
    done = symconv("replay", path)
    assert done.returncode == 2 and done.stderr.startswith("symconv: "), done
    assert "Traceback" not in done.stderr


def test_a_case_that_paper_cannot_be_asked_is_no_verdict(tmp_path):
    path = tmp_path / "case.json"
    for change in ({"stride": [2, 2]}, {"batch": 0}, {"in_channels": 2}):
        case = PLAIN.to_json() | change
        path.write_text(json.dumps({"case": case, "target": f"{HERE}:on_paper", "call": "paper"}))
        assert symconv("replay", path).returncode == 2


@pytest.mark.parametrize("field", ["kind", "place", "alike", "results", "algorithm", "call"])
def test_a_damaged_finding_is_no_verdict_on_the_target(field, tmp_path):
    path = tmp_path / "case.json"
    data = Finding("value", PLAIN).to_json() | {"target": "torch", field: [None]}
    path.write_text(json.dumps(data))
    done = symconv("replay", path)
    assert done.returncode == 2 and "Traceback" not in done.stderr


def test_a_replay_says_when_another_fault_shows_than_the_stored_one(tmp_path):
    path = tmp_path / "case.json"
    stored = Finding("value", PLAIN, stated("1 of 9 cells are not the exact result"))
    path.write_text(json.dumps(stored.to_json() | {"target": f"{HERE}:three_lines"}))
    done = symconv("replay", path)
    assert done.returncode == 1 and "the others show a different fault" in " ".join(
        done.stdout.split()
    )


def test_a_replay_judges_as_its_campaign_did(tmp_path):
    done = fuzz("by_fourier", tmp_path, "--algorithm", "direct", cases=64)
    assert done.returncode == 1
    path = next(tmp_path.glob("case-*.json"))
    assert json.loads(path.read_text())["algorithm"] == "direct"
    assert symconv("replay", path).returncode == 1


def test_a_replay_of_what_is_undecided_or_declined_is_undecided(tmp_path):
    path = tmp_path / "case.json"
    grouped = replace(PLAIN, groups=2, in_channels=2, out_channels=2)
    path.write_text(json.dumps({"case": grouped.to_json(), "target": f"{HERE}:one_group"}))
    done = symconv("replay", path)
    assert done.returncode == 3 and "NotImplementedError" in done.stdout


def test_following_that_does_not_end_is_told():
    from symconv.campaign.sweep import first_stage, sentence

    stage = first_stage(f"{HERE}:right", "torch", (2,), 0, 0.01)
    assert "did not end in" in sentence(stage)


def test_two_faults_of_one_kind_are_told_apart_and_one_is_not_hidden_by_the_other(tmp_path):
    _, found = record("two_faults", tmp_path, "--no-gradients", cases=2000)
    cases = [f["case"] for f in found["findings"]]
    assert any(c["batch"] == 3 and c["dilation"][0] < 3 for c in cases)
    assert any(c["batch"] < 3 and c["dilation"][0] == 3 for c in cases)
    assert sum(f["alike"] for f in found["findings"]) == found["raw"]


def test_a_signature_keeps_the_factor_and_whether_all_products_have_it():
    case = Case((2, 2), (2, 2), (1, 1), (0, 0), (0, 0), (1, 1))
    causes = [
        because(ReasonKind.FACTOR, count=count, total=total, factors=factor, named="", which=which)
        for which, count, total, factor in (
            ("all", 4, 4, "2"),
            ("some", 1, 4, "2"),
            ("all", 4, 4, "5"),
            ("all", 9, 9, "2"),
        )
    ]
    lines = [campaign.signature(Finding("value", case, diagnosis=(c,))) for c in causes]
    assert len(set(lines)) == 3 and lines[0] == lines[3]


def test_a_campaign_goes_on_with_the_code_that_it_began_with_only(tmp_path, monkeypatch):
    """Find, fix, resume: what is stored is about the code before the fix."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    target = tmp_path / "code_that_changes.py"
    right = (
        "import torch\ndef f(x, w, bias=None, **s):\n"
        "    return torch.nn.functional.conv_transpose2d(x, w, bias, **s)\n"
    )
    target.write_text(right)
    command = [
        sys.executable,
        "-m",
        "symconv",
        "fuzz",
        "code_that_changes:f",
        "--cases",
        "64",
        "--store",
        "store",
    ]

    def run(*more):
        return subprocess.run([*command, *more], capture_output=True, text=True)

    assert run().returncode == 0 and run("--resume").returncode == 0
    target.write_text(right.replace("return ", "return 0 * "))
    done = run("--resume")
    assert done.returncode == 2 and "changed since this campaign began" in done.stderr
    assert run().returncode == 1


def test_containing_is_about_every_parameter():
    small = Case((1, 1), (2, 1), (1, 1), (0, 0), (0, 0), (3, 1), batch=1, dtype="float32")
    large = Case((3, 2), (2, 2), (1, 2), (1, 0), (0, 0), (3, 1), batch=2, dtype="float32")
    assert contains(large, small) and contains(small, small) and not contains(small, large)
    for change in (
        {"dilation": (2, 1)},
        {"kernel_size": (1, 3)},
        {"dtype": "float64"},
        {"batch": 0, "dilation": (1, 1)},
    ):
        assert not contains(replace(large, **change), small), change
    assert not contains(large, replace(small, bias=True))
    assert not contains(large, replace(small, w_layout="strided"))
    line = Case((3,), (2,), (1,), (0,), (0,), (3,))
    assert contains(large, line) and not contains(line, small)


def test_a_function_of_other_axes_is_not_refuted(tmp_path):
    done = fuzz("torch.nn.functional:conv_transpose1d", tmp_path)
    assert done.returncode == 2 and "Use --dims 1" in done.stderr


def test_a_dtype_that_is_refused_does_not_make_a_target_uncallable(tmp_path):
    """In any order of the dtypes."""
    for dtypes in ("bfloat16,float32", "float32,bfloat16"):
        done = fuzz("in_numpy", tmp_path / dtypes, "--dtypes", dtypes)
        assert done.returncode == 1, done.stderr
        assert "no backward pass: gradients were not judged" in " ".join(done.stdout.split())


def test_a_product_that_is_in_a_second_cell_too_is_told_so(tmp_path):
    _, found = record("copies_the_last_row", tmp_path, "--no-gradients")
    assert any("are also in another cell" in f["cause"] for f in found["findings"])
    assert not any("have the factor 1 " in f["cause"] for f in found["findings"])


@pytest.mark.parametrize("option", ["--seconds", "--case-seconds"])
def test_nan_is_no_time(tmp_path, option):
    done = fuzz("right", tmp_path, option, "nan")
    assert done.returncode == 2 and "nan is not a valid time" in done.stderr


def test_a_device_is_no_case():
    done = symconv("replay", "/dev/zero")
    assert done.returncode == 2 and "not a regular file" in done.stderr


OLD = {
    ("exception", "RuntimeError: size 3 is not 4"): (
        because(
            ReasonKind.RAISED,
            type="RuntimeError",
            brief="RuntimeError: size 5 is not 7",
            backward=False,
        )
    ),
    ("crash", 'SIGSEGV: File "k.py", line 3 in f'): (
        because(ReasonKind.SIGNAL, signal="SIGSEGV", frame="elsewhere")
    ),
    ("exit", "exit code 3"): because(ReasonKind.EXIT_CODE, code=3),
    ("value", "1 of 9 cells are not the exact result"): (
        because(ReasonKind.NOT_EXACT, wrong=2, cells=4)
    ),
}


@pytest.mark.parametrize(("kind", "detail"), OLD)
def test_a_finding_of_version_0_1_is_compared_with_new_runs(kind, detail):
    """Version 0.1 stored reasons as text, and no result and index beside the place."""
    data = Finding(kind, PLAIN, where="grad_w[0, 1, 2]" if kind == "value" else "").to_json()
    for new in ("reasons", "diagnosis", "result", "index", "part"):
        del data[new]
    stored = finding_from_json(json.loads(json.dumps(data | {"detail": detail, "cause": "why"})))
    assert stored.cause == "why" and detail in stored.detail
    assert stored.same_fault(Finding(kind, PLAIN, (OLD[kind, detail],)))
    if kind == "value":
        assert (stored.result, stored.index) == ("grad_weight", (0, 1, 2))
    other = {
        "exception": because(ReasonKind.RAISED, type="E", brief="E: no", backward=False),
        "crash": because(ReasonKind.SIGNAL, signal="SIGFPE", frame=""),
        "exit": because(ReasonKind.EXIT_CODE, code=4),
    }
    if kind in other:
        assert not stored.same_fault(Finding(kind, PLAIN, (other[kind],)))
